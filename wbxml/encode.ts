// Writes an element tree as WBXML (MS-ASWBXML section 2.1.2, Initialization; WBXML 1.3 section 5, Binary XML Content Structure).
import type { Element } from './element.ts';
import { defaultLimits } from './limits.ts';
import { Output } from './output.ts';
import { tagsById } from './tag-lookup.ts';
import { contentBit } from './token.ts';
import { WbxmlError } from './wbxml-error.ts';

/**
 * Encodes a document into one Buffer, which may share its memory (64 kB) with others: copy what is to be kept for long.
 *
 * Characters that XML forbids do not fail the document: control characters are written as spaces, lone surrogates and
 * U+FFFE as U+FFFD. Empty texts, lists and opaque values are left out.
 * Throws WbxmlError `unknown-tag` for a tag that is not of a code page, `depth-limit` beyond 100 levels (a cycle too).
 */
export function encode(root: Element): Buffer {
  return write(root).toBuffer();
}

/**
 * Encodes a document as {@link encode} does, into chunks to be sent one after the other. Opaque values above 8 kB are
 * handed out by reference, so they must not change before they are sent.
 */
export function encodeChunks(root: Element): Buffer[] {
  return write(root).toChunks();
}

function write(root: Element): Output {
  const output = new Output();
  const lists: Element[][] = [];
  const positions: number[] = [];
  let siblings = [root];
  let next = 0;
  let page = 0;

  for (;;) {
    const element = siblings[next++];
    if (element === undefined) {
      if (lists.length === 0) return output;
      output.writeEnd();
      siblings = lists.pop()!;
      next = positions.pop()!;
      continue;
    }
    const { tag, content } = element;
    if (tagsById[tag.id] !== tag) throw new WbxmlError('unknown-tag', output.length);
    const switchTo = tag.page === page ? -1 : tag.page;
    page = tag.page;
    if (content === undefined || content.length === 0) {
      output.writeTag(tag.token, switchTo);
      continue;
    }
    output.writeTag(tag.token | contentBit, switchTo);
    if (typeof content === 'string') {
      output.writeText(content);
      output.writeEnd();
    } else if (Array.isArray(content)) {
      if (lists.push(siblings) > defaultLimits.maxDepth) throw new WbxmlError('depth-limit', output.length);
      positions.push(next);
      siblings = content;
      next = 0;
    } else {
      output.writeOpaque(content);
      output.writeEnd();
    }
  }
}
