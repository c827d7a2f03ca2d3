// Reads the WBXML vectors that lie beside the project, when they do.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Element, findTag } from '../../wbxml/index.ts';

/** Where the vectors, the benchmark corpus and the token tables are looked for. */
export const sharedWbxml = new URL('../../../shared/wbxml/', import.meta.url);
/** The requirement rows of MS-ASWBXML. */
export const wbxmlRequirements = new URL('../../../shared/spec/requirements/MS-ASWBXML.tsv', import.meta.url);

/** A document as the vector files write it. */
export interface VectorTree {
  readonly page: number;
  readonly tag: string;
  readonly children?: readonly (string | { readonly opaque: string } | VectorTree)[];
}

export interface Vector {
  readonly name: string;
  readonly canonical: boolean;
  readonly tree: VectorTree;
  readonly bytes: Buffer;
}

interface MalformedInput {
  readonly name: string;
  readonly expect: 'reject' | 'ok' | 'either';
  readonly hex?: string;
  readonly repeat?: { readonly prefix: string; readonly unit: string; readonly count: number; readonly suffix: string };
  readonly tree?: VectorTree;
}

interface MalformedTree {
  readonly name: string;
  readonly expect: 'reject' | 'safe';
  readonly tree: VectorTree;
}

/** False where the files are absent; says once what is left out for that reason. */
export function isPresent(location: URL, leftOut: string): boolean {
  const present = existsSync(location);
  if (!present) console.warn(`      left out, files not found: ${leftOut}`);
  return present;
}

/** All documents of one folder (`vectors/` or `bench/`). */
export function readVectors(folder: 'vectors/' | 'bench/'): Vector[] {
  const location = new URL(folder, sharedWbxml);
  return readdirSync(location)
    .filter((file) => file.endsWith('.wbxml'))
    .map((file) => {
      const json = readFileSync(new URL(file.replace('.wbxml', '.json'), location), 'utf8');
      return { ...(JSON.parse(json) as Omit<Vector, 'bytes'>), bytes: readFileSync(new URL(file, location)) };
    });
}

export function readMalformed(): { decode: MalformedInput[]; encode: MalformedTree[] } {
  return JSON.parse(readFileSync(new URL('vectors/malformed.json', sharedWbxml), 'utf8'));
}

export function bytesOf({ hex, repeat }: MalformedInput): Buffer {
  if (repeat === undefined) return Buffer.from(hex ?? '', 'hex');
  const unit = Buffer.from(repeat.unit, 'hex');
  const repeated = Buffer.alloc(repeat.count * unit.length, unit);
  return Buffer.concat([Buffer.from(repeat.prefix, 'hex'), repeated, Buffer.from(repeat.suffix, 'hex')]);
}

/** The element tree of a vector, neighbouring texts joined and empty values dropped. Throws for a tag that is none. */
export function elementOf(tree: VectorTree): Element {
  const tag = findTag(tree.page, tree.tag);
  if (tag === undefined) throw new RangeError(`no tag ${tree.tag} on page ${tree.page}`);
  let text = '';
  let opaque: Buffer | undefined;
  const children: Element[] = [];
  for (const child of tree.children ?? []) {
    if (typeof child === 'string') text += child;
    else if ('opaque' in child) opaque = child.opaque === '' ? undefined : Buffer.from(child.opaque, 'base64');
    else children.push(elementOf(child));
  }
  return new Element(tag, children.length > 0 ? children : (opaque ?? (text === '' ? undefined : text)));
}

/** Counts an element and all below it. */
export function countElements(element: Element): number {
  if (!Array.isArray(element.content)) return 1;
  return element.content.reduce((sum, child) => sum + countElements(child), 1);
}
