// Reads the values of a document: inline strings and opaque data (WBXML 1.3 sections 5.8.4.1, Strings, and 5.8.4.6, Opaque Data).
import { isAscii, isUtf8, transcode } from 'node:buffer';
import './native-buffer.ts';
import { WbxmlError } from './wbxml-error.ts';

/** Bytes turned into one string at a time, of which short texts are then substrings. */
const windowBytes = 4096;
/** Up to this length a loop over the bytes is quicker than a call into native code. */
const scanBytes = 64;
/** From this length on `transcode` beats `utf8Slice`. */
const transcodeBytes = 512;

/**
 * Reads values and tells in `next` where each one ended. A native call for each short text would take most of the
 * decoding time, so short ASCII texts are cut from a window of the input that is converted at once; such a text keeps
 * its window alive.
 */
export class ValueReader {
  /** Where the document goes on after the value read last. */
  next = 0;
  readonly #bytes: Buffer;
  #window = '';
  #windowStart = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The NUL-terminated text that begins at `start`. Throws WbxmlError `truncated`, `invalid-utf8`. */
  readText(start: number): string {
    const bytes = this.#bytes;
    const limit = Math.min(bytes.length, start + scanBytes);
    let end = start;
    let seen = 0;
    for (; end < limit; end++) {
      const byte = bytes[end]!;
      if (byte === 0) {
        this.next = end + 1;
        return seen < 0x80 ? this.#shortAscii(start, end) : shortText(bytes, start, end);
      }
      seen |= byte;
    }
    end = bytes.indexOf(0, end);
    if (end < 0) throw new WbxmlError('truncated', bytes.length);
    this.next = end + 1;
    return longText(bytes, start, end);
  }

  #shortAscii(start: number, end: number): string {
    if (end > this.#windowStart + this.#window.length) {
      this.#windowStart = start;
      this.#window = this.#bytes.latin1Slice(start, Math.min(this.#bytes.length, start + windowBytes));
    }
    return this.#window.substring(start - this.#windowStart, end - this.#windowStart);
  }

  /** The opaque value whose length begins at `start`, as a view. Throws WbxmlError `truncated`, `opaque-length`. */
  readOpaque(start: number): Buffer {
    const bytes = this.#bytes;
    let length = 0;
    let position = start;
    let byte: number | undefined;
    do {
      if (position - start === 5) throw new WbxmlError('opaque-length', start);
      byte = bytes[position++];
      if (byte === undefined) throw new WbxmlError('truncated', bytes.length);
      // Multiplied, not shifted: a shift would wrap lengths of 2 GB and more.
      length = length * 128 + (byte & 0x7f);
    } while (byte >= 0x80);
    if (length > 0xffff_ffff) throw new WbxmlError('opaque-length', start);
    if (length > bytes.length - position) throw new WbxmlError('truncated', bytes.length);
    this.next = position + length;
    return bytes.subarray(position, this.next);
  }
}

function shortText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.utf8Slice(start, end);
  // U+FFFD is either what the bytes say or what the decoder put in place of a wrong sequence.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) throw new WbxmlError('invalid-utf8', start);
  return text;
}

function longText(bytes: Buffer, start: number, end: number): string {
  const view = bytes.subarray(start, end);
  if (isAscii(view)) return bytes.latin1Slice(start, end);
  if (end - start < transcodeBytes) return shortText(bytes, start, end);
  if (!isUtf8(view)) throw new WbxmlError('invalid-utf8', start);
  return transcode(view, 'utf8', 'utf16le').ucs2Slice();
}
