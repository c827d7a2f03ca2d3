// Content-Transfer-Encoding: decoding, and the decoded size without decoding (RFC 2045 section 6).

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;

// Value of each base64 octet (both alphabets), 64 for padding, 65 for what is passed over.
const BASE64_VALUES = new Uint8Array(256).fill(65);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < 64; value++) BASE64_VALUES[ALPHABET.charCodeAt(value)] = value;
BASE64_VALUES[0x2d] = 62;
BASE64_VALUES[0x5f] = 63;
BASE64_VALUES[EQUALS] = 64;

// Value of each hexadecimal octet, 16 for all others.
const HEX_VALUES = new Uint8Array(256).fill(16);
for (let value = 0; value < 16; value++) {
  HEX_VALUES[value.toString(16).charCodeAt(0)] = value;
  HEX_VALUES[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** The decoded octets of a part body; an unknown encoding is taken as none. Octets that are not decoded share memory. */
export function decodeTransfer(encoded: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(encoded);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(encoded);
  if (isUuencode(encoding)) return decodeUuencode(encoded);
  return encoded;
}

/** Length in octets that {@link decodeTransfer} gives. */
export function decodedSize(encoded: Buffer, encoding: string): number {
  if (encoding === 'base64') return base64Size(encoded);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(encoded).length;
  if (isUuencode(encoding)) return decodeUuencode(encoded).length;
  return encoded.length;
}

function isUuencode(encoding: string): boolean {
  return encoding === 'x-uuencode' || encoding === 'uuencode' || encoding === 'x-uue';
}

// Padding ends a run and the next run begins anew: some senders encode in pieces.
function base64Size(encoded: Buffer): number {
  let size = 0;
  let characters = 0;
  for (let at = 0; at < encoded.length; at++) {
    const value = BASE64_VALUES[encoded[at]!]!;
    if (value < 64) characters++;
    else if (value === 64) {
      size += Math.floor((characters * 3) / 4);
      characters = 0;
    }
  }
  return size + Math.floor((characters * 3) / 4);
}

function decodeBase64(encoded: Buffer): Buffer {
  const padding = encoded.indexOf(EQUALS);
  if (padding < 0) return Buffer.from(encoded.toString('latin1'), 'base64');
  for (let at = padding; at < encoded.length; at++) {
    if (BASE64_VALUES[encoded[at]!]! < 64) return decodeBase64Runs(encoded);
  }
  return Buffer.from(encoded.toString('latin1', 0, padding), 'base64');
}

function decodeBase64Runs(encoded: Buffer): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((encoded.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let at = 0; at < encoded.length; at++) {
    const value = BASE64_VALUES[encoded[at]!]!;
    if (value < 64) {
      held = ((held << 6) | value) & 0xffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out[length++] = (held >>> bits) & 0xff;
      }
    } else if (value === 64) {
      bits = 0;
    }
  }
  return out.subarray(0, length);
}

/** RFC 2045 section 6.7. A stray `=` stays, blanks at a line's end go, `=` before a line's end joins the lines. */
function decodeQuotedPrintable(encoded: Buffer): Buffer {
  const out = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  let kept = 0;
  for (let at = 0; at < encoded.length; at++) {
    const octet = encoded[at]!;
    if (octet === EQUALS) {
      const high = HEX_VALUES[encoded[at + 1] ?? 0]!;
      const low = HEX_VALUES[encoded[at + 2] ?? 0]!;
      if (high < 16 && low < 16) {
        out[length++] = (high << 4) | low;
        at += 2;
      } else {
        const joined = softBreakEnd(encoded, at + 1);
        if (joined > 0) at = joined - 1;
        else out[length++] = octet;
      }
      kept = length;
    } else if (octet === LF) {
      const crlf = length > kept && out[length - 1] === CR;
      length = kept;
      if (crlf) out[length++] = CR;
      out[length++] = LF;
      kept = length;
    } else {
      out[length++] = octet;
      if (octet !== SPACE && octet !== TAB && octet !== CR) kept = length;
    }
  }
  return out.subarray(0, length);
}

// Octet after a soft line break whose `=` stands before `at`, 0 when there is none. `=` as the last octet counts.
function softBreakEnd(encoded: Buffer, at: number): number {
  let index = at;
  while (encoded[index] === SPACE || encoded[index] === TAB) index++;
  if (encoded[index] === CR && encoded[index + 1] === LF) return index + 2;
  if (encoded[index] === LF) return index + 1;
  return index >= encoded.length ? encoded.length : 0;
}

function decodeUuencode(encoded: Buffer): Buffer {
  const out: number[] = [];
  const begin = /(?:^|\n)begin [0-7]{3,4} [^\n]*\n/.exec(encoded.toString('latin1', 0, 64 * 1024));
  let at = begin === null ? 0 : begin.index + begin[0].length;
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  while (at < encoded.length) {
    const count = (encoded[at]! - SPACE) & 0x3f;
    const lineFeed = encoded.indexOf(LF, at);
    const end = lineFeed < 0 ? encoded.length : lineFeed;
    if (encoded[at] === 0x65 && encoded.toString('latin1', at, at + 3) === 'end') break;
    let left = encoded[at] === CR || at === end ? 0 : count;
    for (let group = at + 1; left > 0 && group < end; group += 4) {
      for (let index = 0; index < 4; index++) out[index] = ((encoded[group + index] ?? SPACE) - SPACE) & 0x3f;
      const word = (out[0]! << 18) | (out[1]! << 12) | (out[2]! << 6) | out[3]!;
      for (let shift = 16; shift >= 0 && left > 0; shift -= 8, left--) decoded[length++] = (word >>> shift) & 0xff;
    }
    at = end + 1;
  }
  return decoded.subarray(0, length);
}
