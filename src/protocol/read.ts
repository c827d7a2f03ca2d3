// Reads an element tree by its schema: what a device sent becomes a typed value, or a SchemaError that names the place.
import type { Content, Element, Tag } from '../../wbxml/index.ts';
import type { DocumentSchema, Field, Fields, Infer, Sequence, Struct, Type } from './schema.ts';
import type { ProtocolVersion } from './version.ts';

export type SchemaFault =
  | 'missing'
  | 'repeated'
  | 'unexpected'
  | 'not-in-version'
  | 'invalid'
  | 'too-many'
  | 'out-of-order';

/** A request that its schema does not allow. `path` names the place, for example `Sync/Collections/Collection/WindowSize`. */
export class SchemaError extends Error {
  override name = 'SchemaError';
  readonly fault: SchemaFault;
  readonly path: string;
  /** The element at fault; the absent one for `missing`. */
  readonly tag: Tag;

  constructor(fault: SchemaFault, path: string, tag: Tag) {
    super(`${fault}: ${path}`);
    this.fault = fault;
    this.path = path;
    this.tag = tag;
  }
}

type Named = { readonly name: string; readonly field: Field; readonly place: number };
const byTag = new WeakMap<Fields, Map<Tag, Named>>();

function namedFields(fields: Fields): Map<Tag, Named> {
  let map = byTag.get(fields);
  if (map === undefined) {
    map = new Map(Object.entries(fields).map(([name, field], place) => [field.tag, { name, field, place }]));
    byTag.set(fields, map);
  }
  return map;
}

/** Whether a protocol version has a field. */
export function inVersion(field: Field, version: ProtocolVersion): boolean {
  return (field.since === undefined || version >= field.since) && (field.until === undefined || version <= field.until);
}

function childrenOf(content: Content, path: string, tag: Tag): readonly Element[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) throw new SchemaError('invalid', path, tag);
  return content;
}

function readStruct(type: Struct, element: Element, version: ProtocolVersion, path: string): Record<string, unknown> {
  const fields = namedFields(type.fields);
  const value: Record<string, unknown> = {};
  let place = 0;
  for (const child of childrenOf(element.content, path, element.tag)) {
    const named = fields.get(child.tag);
    const childPath = `${path}/${child.tag.name}`;
    if (named === undefined || !inVersion(named.field, version)) {
      if (type.unknown === 'skip') continue;
      throw new SchemaError(named === undefined ? 'unexpected' : 'not-in-version', childPath, child.tag);
    }
    if (type.ordered && named.place < place) throw new SchemaError('out-of-order', childPath, child.tag);
    place = named.place;
    addField(value, named, child, version, childPath);
  }
  for (const { name, field } of fields.values()) {
    if (name in value) continue;
    if (field.cardinality === 'many') value[name] = [];
    else if (field.cardinality === 'one' && inVersion(field, version)) {
      throw new SchemaError('missing', `${path}/${field.tag.name}`, field.tag);
    }
  }
  return value;
}

function addField(
  value: Record<string, unknown>,
  { name, field }: Named,
  child: Element,
  version: ProtocolVersion,
  path: string,
) {
  const existing = value[name];
  if (field.cardinality === 'many') {
    const list = (existing ?? []) as unknown[];
    if (field.max !== undefined && list.length >= field.max) throw new SchemaError('too-many', path, child.tag);
    list.push(readType(field.type, child, version, path));
    value[name] = list;
    return;
  }
  if (existing !== undefined && field.repeated !== 'last') throw new SchemaError('repeated', path, child.tag);
  value[name] = readType(field.type, child, version, path);
}

function readSequence(type: Sequence, element: Element, version: ProtocolVersion, path: string): unknown[] {
  const variants = namedFields(type.variants);
  return childrenOf(element.content, path, element.tag).map((child) => {
    const childPath = `${path}/${child.tag.name}`;
    const named = variants.get(child.tag);
    if (named === undefined) throw new SchemaError('unexpected', childPath, child.tag);
    if (!inVersion(named.field, version)) throw new SchemaError('not-in-version', childPath, child.tag);
    return { kind: named.name, value: readType(named.field.type, child, version, childPath) };
  });
}

function readType(type: Type, element: Element, version: ProtocolVersion, path: string): unknown {
  if (type.kind === 'struct') return readStruct(type, element, version, path);
  if (type.kind === 'sequence') return readSequence(type, element, version, path);
  if (type.kind === 'element') return element;
  const value = type.read(element.content);
  if (value === undefined) throw new SchemaError('invalid', path, element.tag);
  return value;
}

/** Reads one element's content. Throws {@link SchemaError}. */
export function readElement<T extends Type>(type: T, element: Element, version: ProtocolVersion): Infer<T> {
  return readType(type, element, version, element.tag.name) as Infer<T>;
}

/** Reads a whole document. Throws {@link SchemaError}, also when the root is another element. */
export function readDocument<T extends Type>(
  schema: DocumentSchema<T>,
  root: Element,
  version: ProtocolVersion,
): Infer<T> {
  if (root.tag !== schema.tag) throw new SchemaError('unexpected', root.tag.name, root.tag);
  return readElement(schema.type, root, version);
}
