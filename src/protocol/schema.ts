// Schemas: plain data that say what an element may hold. Types are inferred from them; read.ts and write.ts interpret them.
import type { Content, Element, Tag } from '../../wbxml/index.ts';
import type { ProtocolVersion } from './version.ts';

/** A value in one element. `read` gives undefined for content that is not such a value. */
export interface Leaf<T> {
  readonly kind: 'leaf';
  read(content: Content): T | undefined;
  write(value: T): Content;
}

/** Child elements by name, written in the order of the table. */
export interface Struct<F extends Fields = Fields> {
  readonly kind: 'struct';
  readonly fields: F;
  /** What to do with a child that the table does not know: refuse the request, or pass over it (item data). */
  readonly unknown: 'refuse' | 'skip';
  /** Whether children must stand in the order of the table; elsewhere any order is read. */
  readonly ordered: boolean;
}

/** Child elements of several kinds in any order, which is kept: `[{ kind, value }]`. */
export interface Sequence<V extends Fields = Fields> {
  readonly kind: 'sequence';
  readonly variants: V;
}

/** The element itself, to be read later by a schema that depends on its surroundings. */
export interface ElementLeaf {
  readonly kind: 'element';
}

export type Type = Leaf<unknown> | Struct | Sequence | ElementLeaf;

export type Cardinality = 'one' | 'optional' | 'many';

/** One child element. */
export interface Field<T extends Type = Type, C extends Cardinality = Cardinality> {
  readonly tag: Tag;
  readonly type: T;
  readonly cardinality: C;
  /** The first and last protocol version that has the element; all when absent. */
  readonly since?: ProtocolVersion;
  readonly until?: ProtocolVersion;
  /** When the element stands twice where one is allowed: refuse (the rule) or take the last, as Exchange does for some. */
  readonly repeated?: 'refuse' | 'last';
  /** At most so many, for `many`. */
  readonly max?: number;
}

export type Fields = { readonly [name: string]: Field };

type InferFields<F extends Fields> = {
  readonly [N in keyof F as F[N] extends Field<Type, 'one'> ? N : never]: Infer<F[N]['type']>;
} & {
  readonly [N in keyof F as F[N] extends Field<Type, 'optional'> ? N : never]?: Infer<F[N]['type']> | undefined;
} & {
  readonly [N in keyof F as F[N] extends Field<Type, 'many'> ? N : never]: readonly Infer<F[N]['type']>[];
};

type InferVariants<V extends Fields> = {
  [N in keyof V & string]: { readonly kind: N; readonly value: Infer<V[N]['type']> };
}[keyof V & string];

/** The TypeScript type of what a schema reads and writes. */
export type Infer<T> =
  T extends Leaf<infer V>
    ? V
    : T extends Struct<infer F>
      ? InferFields<F>
      : T extends Sequence<infer V>
        ? readonly InferVariants<V>[]
        : never;

export function struct<const F extends Fields>(
  fields: F,
  options: { unknown?: 'refuse' | 'skip'; ordered?: boolean } = {},
): Struct<F> {
  return { kind: 'struct', fields, unknown: options.unknown ?? 'refuse', ordered: options.ordered ?? false };
}

export function sequence<const V extends Fields>(variants: V): Sequence<V> {
  return { kind: 'sequence', variants };
}

type FieldOptions = Pick<Field, 'since' | 'until' | 'repeated' | 'max'>;

/** Exactly once. */
export function one<T extends Type>(tag: Tag, type: T, options: FieldOptions = {}): Field<T, 'one'> {
  return { tag, type, cardinality: 'one', ...options };
}

/** At most once. */
export function optional<T extends Type>(tag: Tag, type: T, options: FieldOptions = {}): Field<T, 'optional'> {
  return { tag, type, cardinality: 'optional', ...options };
}

/** Any number of times, none included; an array in either case. */
export function many<T extends Type>(tag: Tag, type: T, options: FieldOptions = {}): Field<T, 'many'> {
  return { tag, type, cardinality: 'many', ...options };
}

/** The whole document of a request or response: its root tag and what that holds. */
export interface DocumentSchema<T extends Type = Type> {
  readonly tag: Tag;
  readonly type: T;
}

export function documentOf<T extends Type>(tag: Tag, type: T): DocumentSchema<T> {
  return { tag, type };
}

/** Children as they stand, for parts that another schema reads later (ApplicationData). */
export const raw: Leaf<readonly Element[]> = {
  kind: 'leaf',
  read: (content) => (content === undefined ? [] : Array.isArray(content) ? content : undefined),
  write: (value) => value as Element[],
};

/** The element as it stands, tag and all: for ApplicationData of a request, whose schema depends on the collection. */
export const elementItself: ElementLeaf = { kind: 'element' };
