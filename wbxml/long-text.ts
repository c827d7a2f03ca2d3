// A text too long for a slab, converted when it is known where it goes.
import './native-buffer.ts';
import { makePrintable } from './printable.ts';

/** Text that waits to be written as UTF-8, forbidden characters replaced. */
export class LongText {
  /** Bytes that the text will take. */
  readonly length: number;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.length = Buffer.byteLength(text);
  }

  /** Writes the text at `start`. `words` must be a view on the memory of `bytes`, from the same first byte on. */
  writeTo(bytes: Buffer, words: Int32Array, start: number): void {
    // As many bytes as characters: all ASCII, for which this is the quicker way.
    if (this.length === this.#text.length) bytes.latin1Write(this.#text, start, this.length);
    else bytes.utf8Write(this.#text, start, this.length);
    makePrintable(bytes, words, start, start + this.length, this.#text);
  }

  /** The text in memory of its own. */
  toBuffer(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.writeTo(bytes, wordsOf(bytes), 0);
    return bytes;
  }
}

/** The whole words of a Buffer that begins where its memory begins. */
export function wordsOf(bytes: Buffer): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
