// Types of what Node has and its declarations lack. Buffer's own direct methods are undocumented, but present in Node
// 20, 22 and 24; they skip the argument handling of toString() and write(), which for short values costs more than
// the work.

declare global {
  interface Buffer {
    /** The bytes from `start` to before `end` as characters U+0000-U+00FF. */
    latin1Slice(start: number, end: number): string;
    /** The bytes from `start` to before `end` decoded from UTF-8, wrong sequences as U+FFFD. */
    utf8Slice(start: number, end: number): string;
    /** All bytes decoded from UTF-16, little endian. */
    ucs2Slice(): string;
    /** Writes the low byte of each character at `offset`; returns the number of bytes written. */
    latin1Write(text: string, offset: number, length: number): number;
    /** Writes UTF-8 at `offset`, lone surrogates as U+FFFD; returns the number of bytes written. */
    utf8Write(text: string, offset: number, length: number): number;
  }

  interface String {
    /** Whether the text has no lone surrogates (ECMAScript 2024, in Node from version 20 on). */
    isWellFormed(): boolean;
  }
}

export {};
