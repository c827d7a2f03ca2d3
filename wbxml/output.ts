// The bytes of a document being written: chunks of memory that nobody writes to again.
import { LongText, wordsOf } from './long-text.ts';
import './native-buffer.ts';
import { makePrintable, printableControls } from './printable.ts';
import { header, Token } from './token.ts';
import { transcodeText, writeUtf8 } from './utf8.ts';

/** Size of a slab. Many small documents share one; a larger document takes several. */
const slabBytes = 64 * 1024;
/** Up to this length a loop over the characters is quicker than a call into native code. */
const loopCharacters = 40;
/** Texts from this length on, and opaque values from this length on, become chunks of their own. */
const ownChunkBytes = 8 * 1024;
/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
const maxBytesPerCharacter = 3;
/** The most that is written around a value: SWITCH_PAGE, page, tag, a global token, a length of 5 bytes, NUL or END. */
const overheadBytes = 12;

let slab = Buffer.allocUnsafeSlow(slabBytes);
let slabWords = wordsOf(slab);
let slabUsed = 0;

/** Writes into slabs that are never written twice, so that a chunk may be handed to a socket without a copy. */
export class Output {
  readonly #pieces: (Buffer | LongText)[] = [];
  #bytes = slab;
  #start = slabUsed;
  #position = slabUsed;
  /** Bytes in the pieces before the current chunk. */
  #finished = 0;

  constructor() {
    this.#reserve(header.length);
    for (const byte of header) this.#bytes[this.#position++] = byte;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#finished + this.#position - this.#start;
  }

  /** Writes a tag token, preceded by SWITCH_PAGE when `switchTo` is a page number (-1: none). */
  writeTag(token: number, switchTo: number): void {
    this.#reserve(overheadBytes);
    if (switchTo >= 0) {
      this.#bytes[this.#position++] = Token.SwitchPage;
      this.#bytes[this.#position++] = switchTo;
    }
    this.#bytes[this.#position++] = token;
  }

  writeEnd(): void {
    this.#reserve(1);
    this.#bytes[this.#position++] = Token.End;
  }

  /** Writes an inline string, forbidden characters replaced. */
  writeText(text: string): void {
    if (text.length > ownChunkBytes) {
      this.#writeLongText(text);
      return;
    }
    this.#reserve(text.length * maxBytesPerCharacter + overheadBytes);
    const bytes = this.#bytes;
    bytes[this.#position++] = Token.InlineString;
    const end = text.length <= loopCharacters ? this.#writeAscii(text) : -1;
    this.#position = end >= 0 ? end : this.#writeUtf8(text);
    bytes[this.#position++] = 0;
  }

  /** Writes a text that is all ASCII and returns where it ended, or gives up and returns -1. */
  #writeAscii(text: string): number {
    const bytes = this.#bytes;
    const start = this.#position;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return -1;
      bytes[start + index] = code < 0x20 ? printableControls[code]! : code;
    }
    return start + text.length;
  }

  #writeUtf8(text: string): number {
    const end = writeUtf8(this.#bytes, text, this.#position);
    makePrintable(this.#bytes, slabWords, this.#position, end, text);
    return end;
  }

  #writeLongText(text: string): void {
    this.#reserve(overheadBytes);
    this.#bytes[this.#position++] = Token.InlineString;
    const transcoded = transcodeText(text);
    if (transcoded !== undefined) makePrintable(transcoded, wordsOf(transcoded), 0, transcoded.length, text);
    this.#addPiece(transcoded ?? new LongText(text));
    this.#reserve(1);
    this.#bytes[this.#position++] = 0;
  }

  /** Writes an opaque value; a long one is handed out as it is, not copied. */
  writeOpaque(value: Buffer): void {
    this.#reserve(overheadBytes + ownChunkBytes);
    this.#bytes[this.#position++] = Token.Opaque;
    this.#writeLength(value.length);
    if (value.length > ownChunkBytes) {
      this.#addPiece(value);
    } else {
      value.copy(this.#bytes, this.#position);
      this.#position += value.length;
    }
  }

  /** Writes an mb_u_int32 (WBXML 1.3 section 5.1, Multi-byte Integers), in its shortest form. */
  #writeLength(length: number): void {
    let shift = 0;
    while (shift < 28 && length >>> (shift + 7) > 0) shift += 7;
    for (; shift > 0; shift -= 7) this.#bytes[this.#position++] = ((length >>> shift) & 0x7f) | 0x80;
    this.#bytes[this.#position++] = length & 0x7f;
  }

  /** The document in chunks, long opaque values being the very Buffers that were given. Ends the writing. */
  toChunks(): Buffer[] {
    this.#closeChunk();
    return this.#pieces.map((piece) => (piece instanceof LongText ? piece.toBuffer() : piece));
  }

  /** The document in one Buffer. Ends the writing. */
  toBuffer(): Buffer {
    this.#closeChunk();
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && Buffer.isBuffer(only)) return only;
    const bytes = Buffer.allocUnsafeSlow(this.#finished);
    const words = wordsOf(bytes);
    let position = 0;
    for (const piece of this.#pieces) {
      if (piece instanceof LongText) piece.writeTo(bytes, words, position);
      else piece.copy(bytes, position);
      position += piece.length;
    }
    return bytes;
  }

  /** Makes room for `count` bytes, in a new slab when this one is used up. */
  #reserve(count: number): void {
    if (this.#position + count <= this.#bytes.length) return;
    this.#closeChunk();
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabWords = wordsOf(slab);
    slabUsed = 0;
    this.#bytes = slab;
    this.#start = 0;
    this.#position = 0;
  }

  #addPiece(piece: Buffer | LongText): void {
    this.#closeChunk();
    this.#pieces.push(piece);
    this.#finished += piece.length;
  }

  #closeChunk(): void {
    if (this.#position > this.#start) this.#pieces.push(this.#bytes.subarray(this.#start, this.#position));
    this.#finished += this.#position - this.#start;
    slabUsed = this.#start = this.#position;
  }
}
