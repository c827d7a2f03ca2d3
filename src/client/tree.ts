// Small finders and builders for element trees. They know code pages only, never the server's schemas, so that a mistake in a
// schema shows (MS-ASWBXML section 2.1.2.1, Code Pages).
import { type Content, codePages, Element, type Tag } from '../../wbxml/index.ts';

/** What may be given as a child: nothing where there is none. */
export type Child = Element | undefined | readonly (Element | undefined)[];
/** What may be given as a value. */
export type Value = string | number | boolean | Buffer | Date;

/** An element that holds elements; without any it is an empty element. */
export function node(tag: Tag, ...children: readonly Child[]): Element {
  const content = children.flat().filter((child) => child !== undefined);
  return new Element(tag, content.length === 0 ? undefined : content);
}

/** An element that holds a value: booleans as 0 and 1, dates as `2026-11-23T21:52:00.000Z`, Buffers as opaque data. */
export function leaf(tag: Tag, value: Value): Element {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return new Element(tag, value);
  if (typeof value === 'boolean') return new Element(tag, value ? '1' : '0');
  return new Element(tag, typeof value === 'number' ? String(value) : value.toISOString());
}

/** As {@link leaf}, or nothing for undefined. */
export function maybe(tag: Tag, value: Value | undefined): Element | undefined {
  return value === undefined ? undefined : leaf(tag, value);
}

const names = new Set<string>();
for (const page of codePages) {
  for (const name of Object.keys(page.tags)) names.add(name).add(`${page.namespace}:${name}`);
}

function matches(element: Element, step: string): boolean {
  return step.includes(':') ? `${element.tag.namespace}:${element.tag.name}` === step : element.tag.name === step;
}

/** The child elements; none for a value. */
export function children(element: Element | undefined): readonly Element[] {
  return Array.isArray(element?.content) ? element.content : [];
}

/**
 * All elements at `path` below `root`, for example `Collections/Collection/SyncKey`; a step may name its namespace: `Email:Read`.
 * Throws TypeError for a step that no code page has, since a misspelt path would otherwise find nothing for ever.
 */
export function findAll(root: Element | undefined, path: string): readonly Element[] {
  let found: readonly Element[] = root === undefined ? [] : [root];
  for (const step of path.split('/')) {
    if (!names.has(step)) throw new TypeError(`no code page has an element ${step}`);
    found = found.flatMap((element) => children(element).filter((child) => matches(child, step)));
  }
  return found;
}

/** The first element at `path` below `root`; see {@link findAll}. */
export function find(root: Element | undefined, path: string): Element | undefined {
  return findAll(root, path)[0];
}

/** A content as text; opaque data as UTF-8, an empty element as the empty string, elements as undefined. */
export function textOf(content: Content): string | undefined {
  if (content === undefined) return '';
  if (Buffer.isBuffer(content)) return content.toString('utf8');
  return typeof content === 'string' ? content : undefined;
}

/** The text of the first element at `path`; undefined when there is none. */
export function findText(root: Element | undefined, path: string): string | undefined {
  const element = find(root, path);
  return element === undefined ? undefined : textOf(element.content);
}

/** The whole number at `path`; undefined when there is none or the text is no number. */
export function findNumber(root: Element | undefined, path: string): number | undefined {
  const text = findText(root, path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The octets of the first element at `path`: opaque data as it is, text as UTF-8. */
export function findOctets(root: Element | undefined, path: string): Buffer | undefined {
  const element = find(root, path);
  if (element === undefined) return undefined;
  return Buffer.isBuffer(element.content) ? element.content : Buffer.from(textOf(element.content) ?? '', 'utf8');
}
