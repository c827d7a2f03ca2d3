// Types of Buffer's own direct methods, which Node has but does not document (present in Node 20, 22 and 24).
// They skip the argument handling of toString() and write(), which costs more than the work for short values.

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
}

export {};
