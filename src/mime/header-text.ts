// Header text: unfolding, encoded words, raw 8-bit octets (RFC 5322 section 2.2.3, Long Header Fields;
// RFC 2047 section 6, Support of 'encoded-word's by mail readers).
import { isUtf8 } from 'node:buffer';
import { charsetLabel, decodeText } from './charset.ts';
import { FIELD_CHARACTERS } from './limits.ts';

interface EncodedWord {
  readonly start: number;
  readonly end: number;
  readonly charset: string;
  readonly octets: Buffer;
}

const CHARSET_CHARACTERS = 64;
const PRINTABLE_ASCII = /^[ -~]*$/;
const FOLDING = /\r?\n(?=[ \t])/g;
const CONTROLS = /\p{Cc}+/gu;
const ONLY_BLANKS = /^[ \t\r\n]*$/;

/**
 * Readable text of a raw field value (one character per octet): unfolded, encoded words decoded, control characters
 * turned into blanks, trimmed. `charset` is tried on raw octets above 0x7f that are not UTF-8.
 */
export function decodeHeaderText(raw: string, charset?: string): string {
  const bounded = raw.length > FIELD_CHARACTERS ? raw.slice(0, FIELD_CHARACTERS) : raw;
  const text = unfoldedText(bounded, charset);
  if (!text.includes('=?')) return text.trim();
  return decodeEncodedWords(text).trim();
}

/** As {@link decodeHeaderText} but leaves encoded words as they are, for values whose syntax is to be read first. */
export function unfoldedText(raw: string, charset?: string): string {
  if (PRINTABLE_ASCII.test(raw)) return raw;
  const unfolded = raw.replace(FOLDING, '');
  return withoutControls(rawOctetsDecoded(unfolded, charset));
}

/** Replaces the encoded words of a text. Words side by side in one charset are joined before they are decoded. */
export function decodeEncodedWords(text: string): string {
  if (!text.includes('=?')) return text;
  let out = '';
  let at = 0;
  let pending: EncodedWord[] = [];
  const flush = (): void => {
    if (pending.length > 0) {
      const octets = pending.length === 1 ? pending[0]!.octets : Buffer.concat(pending.map((word) => word.octets));
      out += decodeText(octets, pending[0]!.charset);
    }
    pending = [];
  };
  for (let word = nextWord(text, 0); word !== undefined; word = nextWord(text, word.end)) {
    const between = text.slice(at, word.start);
    const adjacent = pending.length > 0 && ONLY_BLANKS.test(between);
    if (!adjacent || pending[0]!.charset !== word.charset) flush();
    if (!adjacent) out += between;
    pending.push(word);
    at = word.end;
  }
  flush();
  // What was encoded can hold line ends, which must not become header lines of a reply.
  return withoutControls(out + text.slice(at));
}

function withoutControls(text: string): string {
  return text.replace(CONTROLS, ' ');
}

function rawOctetsDecoded(raw: string, charset: string | undefined): string {
  const octets = Buffer.from(raw, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : decodeText(octets, charset);
}

// The search for the end of a word goes forward only, so a value full of beginnings costs no more than its length.
function nextWord(text: string, from: number): EncodedWord | undefined {
  for (let start = text.indexOf('=?', from); start >= 0; start = text.indexOf('=?', start + 2)) {
    const charsetEnd = questionMark(text, start + 2);
    if (charsetEnd < 0 || text.charCodeAt(charsetEnd + 2) !== 0x3f) continue;
    const encoding = text.charAt(charsetEnd + 1).toLowerCase();
    if (encoding !== 'b' && encoding !== 'q') continue;
    const close = text.indexOf('?=', charsetEnd + 3);
    if (close < 0) return undefined;
    const content = text.slice(charsetEnd + 3, close);
    const octets = encoding === 'b' ? base64Octets(content) : quotedOctets(content);
    return { start, end: close + 2, charset: charsetLabel(text.slice(start + 2, charsetEnd)), octets };
  }
  return undefined;
}

function questionMark(text: string, from: number): number {
  const until = Math.min(text.length, from + CHARSET_CHARACTERS);
  for (let at = from; at < until; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3f) return at > from ? at : -1;
    if (code <= 0x20) return -1;
  }
  return -1;
}

function base64Octets(content: string): Buffer {
  const runs = content.split('=').filter((run) => run !== '');
  return runs.length === 1
    ? Buffer.from(runs[0]!, 'base64')
    : Buffer.concat(runs.map((run) => Buffer.from(run, 'base64')));
}

// RFC 2047 section 4.2, The "Q" encoding. Characters above 0x7f do not belong there; they are taken as UTF-8.
function quotedOctets(content: string): Buffer {
  const text = content.replace(/_/g, ' ');
  if (!text.includes('=')) return Buffer.from(text, 'utf8');
  const octets = Buffer.from(text, 'utf8').toString('latin1');
  const decoded = octets.replace(/=([0-9a-f]{2})/gi, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
