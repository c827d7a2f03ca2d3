// Keeps characters out of documents that XML 1.0 forbids (section 2.2, Characters): clients refuse the whole document
// for one of them, and U+0000 would end a text early and let the rest of it be read as tokens.

const space = 0x20;

/** The control characters, by code, that may be written: all but TAB, LF and CR become a space. */
export const printableControls = new Uint8Array(32).fill(space);
for (const allowed of [0x09, 0x0a, 0x0d]) printableControls[allowed] = allowed;

/** U+FFFE in UTF-8. Its last byte becomes that of U+FFFD, the replacement character. */
const reversedByteOrderMark = Buffer.from('\ufffe');
const replacementLastByte = 0xbd;

/**
 * Replaces, in place and without changing a length, forbidden characters in the UTF-8 from `start` to before `end`:
 * control characters by spaces, U+FFFE by U+FFFD. (Lone surrogates never get this far, and U+FFFF stays: it is
 * harmless in UTF-8 and peers write it.) `words` is a view on the memory of `bytes`, from the same first byte on.
 */
export function makePrintable(bytes: Buffer, words: Int32Array, start: number, end: number, text: string): void {
  const firstWord = (start + 3) >> 2;
  // Four words at a time; what is left at both ends goes byte by byte.
  const lastWord = firstWord + (((end >> 2) - firstWord) & ~3);
  if (firstWord < lastWord) {
    replaceControls(bytes, start, firstWord << 2);
    for (let index = firstWord; index < lastWord; index += 4) {
      const found =
        mayHoldControls(words[index]!) |
        mayHoldControls(words[index + 1]!) |
        mayHoldControls(words[index + 2]!) |
        mayHoldControls(words[index + 3]!);
      if (found !== 0) replaceControlsInWords(bytes, words, index);
    }
    replaceControls(bytes, lastWord << 2, end);
  } else {
    replaceControls(bytes, start, end);
  }
  if (text.includes('\ufffe')) replaceReversedByteOrderMarks(bytes.subarray(start, end));
}

/** Not 0 when one of the four bytes of a word is below 0x20; for a few other words too, which costs time only. */
function mayHoldControls(word: number): number {
  return (word - 0x20202020) & ~word & 0x80808080;
}

/** Looks closer at four words: most often there is a line break in one of them and nothing to replace. */
function replaceControlsInWords(bytes: Buffer, words: Int32Array, first: number): void {
  for (let index = first; index < first + 4; index++) {
    if (mayHoldControls(words[index]!) !== 0) replaceControls(bytes, index << 2, (index + 1) << 2);
  }
}

function replaceControls(bytes: Buffer, start: number, end: number): void {
  for (let position = start; position < end; position++) {
    const byte = bytes[position]!;
    if (byte < 0x20) bytes[position] = printableControls[byte]!;
  }
}

function replaceReversedByteOrderMarks(utf8: Buffer): void {
  let position = utf8.indexOf(reversedByteOrderMark);
  while (position >= 0) {
    utf8[position + 2] = replacementLastByte;
    position = utf8.indexOf(reversedByteOrderMark, position + 3);
  }
}
