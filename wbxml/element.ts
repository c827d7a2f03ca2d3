// The element tree that the codec reads and writes.
import type { Tag } from './tag.ts';

/** What an element holds: text, opaque bytes, child elements, or nothing. ActiveSync has no mixed content. */
export type Content = string | Buffer | Element[] | undefined;

/** One element. Kept to two fields of stable shape: millions of these are made an hour. */
export class Element {
  // Declared, not defined: a defined field is set twice, which makes decoding a third slower.
  declare readonly tag: Tag;
  declare content: Content;

  constructor(tag: Tag, content?: Content) {
    this.tag = tag;
    this.content = content;
  }
}
