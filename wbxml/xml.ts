// The readable view of a document: indented XML with the namespaces and prefixes of MS-ASWBXML section 2.1.2.1, Code Pages.
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { codePages } from './code-pages/index.ts';
import { Element } from './element.ts';
import { defaultLimits } from './limits.ts';
import type { Tag } from './tag.ts';
import { findTag } from './tag-lookup.ts';
import { escapeText, isWritable, isXmlSpace, unescapeText, XmlViewError } from './xml-text.ts';

export { XmlViewError } from './xml-text.ts';

/** How a value is written that XML cannot show as it is: the values of the attribute `encoding`. */
const Encoding = {
  /** An opaque value, in base64. */
  Opaque: 'base64',
  /** A text with characters that XML forbids: its UTF-8, in base64. */
  Text: 'base64-text',
} as const;

/** A node as fast-xml-parser has it with `preserveOrder`: the name with the children, and attributes under `:@`. */
interface XmlNode {
  readonly ':@'?: Readonly<Record<string, string>>;
  readonly [name: string]: XmlNode[] | string | Readonly<Record<string, string>> | undefined;
}

/** Prefix to namespace; the default namespace has the prefix ''. */
type Scope = ReadonlyMap<string, string>;

const attributesKey = ':@';
const textKey = '#text';
const cdataKey = '#cdata';
const commentKey = '#comment';

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  suppressEmptyNode: true,
  format: true,
  indentBy: '  ',
});

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: cdataKey,
  commentPropName: commentKey,
  maxNestedTags: defaultLimits.maxDepth,
});

/** Shows a document as XML: the namespace of the root is the default one, other pages have their customary prefix. */
export function toXml(root: Element): string {
  const used = new Set<number>();
  const node = toNode(root, root.tag.page, used);
  const declarations: Record<string, string> = { xmlns: root.tag.namespace };
  for (const page of codePages) {
    if (used.has(page.number) && page.number !== root.tag.page) declarations[`xmlns:${page.prefix}`] = page.namespace;
  }
  const declared = { ...node, [attributesKey]: { ...declarations, ...node[attributesKey] } };
  return `<?xml version="1.0" encoding="utf-8"?>\n${builder.build([declared]).trim()}\n`;
}

function toNode({ tag, content }: Element, defaultPage: number, used: Set<number>): XmlNode {
  used.add(tag.page);
  const name = tag.page === defaultPage ? tag.name : `${codePages[tag.page]!.prefix}:${tag.name}`;
  if (content === undefined) return { [name]: [] };
  if (Array.isArray(content)) return { [name]: content.map((child) => toNode(child, defaultPage, used)) };
  if (typeof content === 'string' && isWritable(content)) return { [name]: [{ [textKey]: escapeText(content) }] };
  const encoding = typeof content === 'string' ? Encoding.Text : Encoding.Opaque;
  return { [name]: [{ [textKey]: Buffer.from(content).toString('base64') }], [attributesKey]: { encoding } };
}

/**
 * Reads a document from XML as {@link toXml} writes it, or as a person does: any prefixes, comments, CDATA. White space
 * alone is no text unless written as character references. Throws XmlViewError, which names the element.
 */
export function fromXml(xml: string): Element {
  if (/<!DOCTYPE/i.test(xml)) throw new XmlViewError('a document type declaration is not allowed');
  let nodes: XmlNode[];
  try {
    nodes = parser.parse(xml.replace(/^\ufeff/, ''), true);
  } catch (error) {
    // The parser's text can repeat the document; its beginning says what was wrong.
    throw new XmlViewError(String(error instanceof Error ? error.message : error).slice(0, 200), { cause: error });
  }
  const roots = elementsAmong(nodes, '');
  if (roots.length !== 1) throw new XmlViewError(`${roots.length} root elements instead of one`);
  return toElement(roots[0]!, new Map(), '');
}

function toElement(node: XmlNode, outer: Scope, parentPath: string): Element {
  const qualifiedName = nameOf(node);
  const path = `${parentPath}/${qualifiedName}`;
  const attributes = node[attributesKey] ?? {};
  const scope = scopeOf(attributes, outer, path);
  const tag = tagOf(qualifiedName, scope, path);
  const children = childrenOf(node, qualifiedName);
  const elements = elementsAmong(children, path);
  const { encoding } = attributes;
  if (elements.length > 0) {
    if (encoding !== undefined) throw new XmlViewError(`${path}: encoding on an element that holds elements`);
    return new Element(
      tag,
      elements.map((child) => toElement(child, scope, path)),
    );
  }
  const content = encoding === undefined ? textOf(children, path) : decodeValue(encoding, textOf(children, path), path);
  return new Element(tag, content.length === 0 ? undefined : content);
}

function nameOf(node: XmlNode): string {
  return Object.keys(node).find((key) => key !== attributesKey) ?? '';
}

function childrenOf(node: XmlNode, name: string): XmlNode[] {
  const children = node[name];
  return Array.isArray(children) ? children : [];
}

/** The child elements; text beside them must be white space. */
function elementsAmong(children: readonly XmlNode[], path: string): XmlNode[] {
  const elements = children.filter((child) => ![textKey, cdataKey, commentKey].includes(nameOf(child)));
  if (elements.length > 0) {
    for (const child of children) {
      if (!isXmlSpace(rawText(child))) throw new XmlViewError(`${path}: text beside elements`);
    }
  }
  return elements;
}

function rawText(node: XmlNode): string {
  if (typeof node[textKey] === 'string') return node[textKey];
  return childrenOf(node, cdataKey).map(rawText).join('');
}

function textOf(children: readonly XmlNode[], path: string): string {
  // Without CDATA, white space alone is the layout of an empty element.
  if (children.every((child) => nameOf(child) !== cdataKey && isXmlSpace(rawText(child)))) return '';
  return children
    .map((child) => (nameOf(child) === cdataKey ? rawText(child) : unescapeText(rawText(child), path)))
    .join('');
}

function scopeOf(attributes: Readonly<Record<string, string>>, outer: Scope, path: string): Scope {
  const inner = new Map(outer);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns') inner.set('', value);
    else if (name.startsWith('xmlns:')) inner.set(name.slice('xmlns:'.length), value);
    else if (name !== 'encoding') throw new XmlViewError(`${path}: unknown attribute ${name}`);
  }
  return inner;
}

function tagOf(qualifiedName: string, scope: Scope, path: string): Tag {
  const colon = qualifiedName.indexOf(':');
  const namespace = scope.get(qualifiedName.slice(0, Math.max(colon, 0)));
  if (namespace === undefined) throw new XmlViewError(`${path}: its namespace is not declared`);
  // Some documents and tools end a namespace with a colon.
  const page = codePages.find((candidate) => candidate.namespace === namespace.replace(/:$/, ''));
  if (page === undefined) throw new XmlViewError(`${path}: no code page has the namespace ${namespace}`);
  const tag = findTag(page.number, qualifiedName.slice(colon + 1));
  if (tag === undefined) throw new XmlViewError(`${path}: no such tag on code page ${page.number} (${page.namespace})`);
  return tag;
}

function decodeValue(encoding: string, text: string, path: string): string | Buffer {
  if (encoding !== Encoding.Opaque && encoding !== Encoding.Text) {
    throw new XmlViewError(`${path}: unknown encoding ${encoding}`);
  }
  const base64 = text.replace(/\s+/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new XmlViewError(`${path}: not base64`);
  const bytes = Buffer.from(base64, 'base64');
  return encoding === Encoding.Opaque ? bytes : bytes.toString();
}
