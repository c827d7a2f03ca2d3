// Reads WBXML into an element tree (MS-ASWBXML section 2.1.2, Initialization; WBXML 1.3 section 5, Binary XML Content Structure).
import { codePages } from './code-pages/index.ts';
import { Element } from './element.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Tag } from './tag.ts';
import { tagsById } from './tag-lookup.ts';
import { attributesBit, contentBit, firstTagToken, header, Token, tagMask } from './token.ts';
import { ValueReader } from './value-reader.ts';
import { WbxmlError } from './wbxml-error.ts';

/** How to decode: limits, each with its default when left out, and what to do with unknown elements. */
export interface DecodeOptions extends Partial<Limits> {
  /**
   * What to do with a token that its code page does not assign: `reject` the document (the default), or `skip` the
   * element with all it holds. An unknown root and an unknown code page are rejected in both cases.
   */
  readonly unknown?: 'reject' | 'skip' | undefined;
}

/**
 * Decodes one document, in time and memory linear in its length, whatever its bytes.
 *
 * Opaque values are views on `bytes`, and short texts share the memory of their surroundings (4 kB): copy what is to
 * outlive the request. Neighbouring texts are joined; empty texts and empty opaque values are dropped.
 *
 * Throws WbxmlError with the offset of the fault.
 */
export function decode(bytes: Buffer, options: DecodeOptions = {}): Element {
  const { maxDepth = defaultLimits.maxDepth, maxElements = defaultLimits.maxElements } = options;
  checkHeader(bytes, options.maxBytes ?? defaultLimits.maxBytes);
  const end = bytes.length;
  const values = new ValueReader(bytes);
  const ancestors: Element[] = [];
  let parent: Element | undefined;
  let page = 0;
  let elements = 0;
  let position = header.length;

  // One loop with local state and its own stack: no depth of nesting can exhaust the call stack, and it is the
  // quickest form by far.
  while (position < end) {
    const start = position++;
    const token = bytes[start]!;
    if (token < attributesBit && (token & tagMask) >= firstTagToken) {
      if (++elements > maxElements) throw new WbxmlError('element-limit', start);
      const tag = tagsById[(page << 6) | (token & tagMask)];
      const element = new Element(tag ?? skippedTag(page, token, parent, options, start));
      if (parent !== undefined && tag !== undefined) addChild(parent, element, start);
      if ((token & contentBit) !== 0) {
        if (parent !== undefined && ancestors.push(parent) >= maxDepth) throw new WbxmlError('depth-limit', start);
        parent = element;
      } else if (parent === undefined) {
        return checkEnd(element, position, end);
      }
    } else if (token === Token.SwitchPage) {
      page = readPage(bytes, position++);
    } else if (parent === undefined) {
      throw misplaced(token, start);
    } else if (token === Token.End) {
      if (ancestors.length === 0) return checkEnd(parent, position, end);
      parent = ancestors.pop();
    } else if (token === Token.InlineString) {
      addText(parent, values.readText(position), start);
      position = values.next;
    } else if (token === Token.Opaque) {
      addOpaque(parent, values.readOpaque(position), start);
      position = values.next;
    } else {
      throw misplaced(token, start);
    }
  }
  throw new WbxmlError('truncated', end);
}

function checkHeader(bytes: Buffer, maxBytes: number): void {
  if (bytes.length > maxBytes) throw new WbxmlError('size-limit', maxBytes);
  const [version, publicId, charset, stringTable] = bytes;
  if (version === undefined) throw new WbxmlError('truncated', 0);
  if (version < 0x01 || version > 0x03) throw new WbxmlError('version', 0);
  if (bytes.length < header.length) throw new WbxmlError('truncated', bytes.length);
  if (publicId !== header[1]) throw new WbxmlError('public-id', 1);
  if (charset !== header[2]) throw new WbxmlError('charset', 2);
  if (stringTable !== header[3]) throw new WbxmlError('string-table', 3);
}

function misplaced(token: number, at: number): WbxmlError {
  if (token === Token.End || token === Token.InlineString || token === Token.Opaque)
    return new WbxmlError('no-root', at);
  return new WbxmlError((token & tagMask) < firstTagToken ? 'global-token' : 'attributes', at);
}

function readPage(bytes: Buffer, position: number): number {
  const page = bytes[position];
  if (page === undefined) throw new WbxmlError('truncated', position);
  if (page >= codePages.length) throw new WbxmlError('unknown-page', position);
  return page;
}

/** A stand-in for the tag of an element that is decoded only to find its end. */
function skippedTag(page: number, token: number, parent: Element | undefined, options: DecodeOptions, at: number): Tag {
  if (options.unknown !== 'skip' || parent === undefined) throw new WbxmlError('unknown-token', at);
  return new Tag(page, token & tagMask, '', codePages[page]!.namespace);
}

function addChild(parent: Element, child: Element, at: number): void {
  const content = parent.content;
  if (content === undefined) parent.content = [child];
  else if (Array.isArray(content)) content.push(child);
  else throw new WbxmlError('mixed-content', at);
}

function addText(parent: Element, text: string, at: number): void {
  if (text.length === 0) return;
  const content = parent.content;
  if (content === undefined) parent.content = text;
  else if (typeof content === 'string') parent.content = content + text;
  else throw new WbxmlError('mixed-content', at);
}

function addOpaque(parent: Element, value: Buffer, at: number): void {
  if (value.length === 0) return;
  if (parent.content !== undefined) throw new WbxmlError('mixed-content', at);
  parent.content = value;
}

function checkEnd(root: Element, position: number, end: number): Element {
  if (position !== end) throw new WbxmlError('trailing-bytes', position);
  return root;
}
