// Bodies as clients ask for them: truncation, previews, HTML from plain text (MS-ASAIRS section 2.2.2.40, TruncationSize;
// section 2.2.2.35, Preview; MS-ASCMD section 2.2.3.111, MIMETruncation).

/** A body cut to a size. */
export interface TruncatedText {
  readonly text: string;
  /** True when something was left out. */
  readonly truncated: boolean;
}

/** Size in octets (approximate, MS-ASCMD R3428) by MIMETruncation value 0 to 8 (R3418 to R3426); Infinity sends all. */
export const MIME_TRUNCATION_CHARACTERS: readonly number[] = [
  0,
  4096,
  5120,
  7168,
  10_240,
  20_480,
  51_200,
  102_400,
  Number.POSITIVE_INFINITY,
];

const WHITESPACE = /\s/;
// Longest entity that is kept whole; HTML's longest name has 32 characters.
const LONGEST_ENTITY = 34;
// Longest tag at whose middle a cut moves back to its beginning; a longer one is cut where it is.
const LONGEST_TAG = 64 * 1024;

/**
 * The beginning of a text within `maxOctets` of UTF-8, code points whole. TruncationSize counts bytes for every type
 * (MS-ASAIRS R20, R288); absent it is Infinity (R294, R300).
 */
export function truncateText(text: string, maxOctets: number): TruncatedText {
  const end = endWithinOctets(text, maxOctets);
  return end >= text.length ? { text, truncated: false } : { text: text.slice(0, end), truncated: true };
}

/** As {@link truncateText}, but the cut is never inside a tag, a comment or an entity, so it can come earlier. */
export function truncateHtml(html: string, maxOctets: number): TruncatedText {
  const end = endWithinOctets(html, maxOctets);
  if (end >= html.length) return { text: html, truncated: false };
  return { text: html.slice(0, outsideMarkup(html, end)), truncated: true };
}

/**
 * The beginning of a MIME message within `maxOctets`, not inside CRLF or a UTF-8 sequence.
 * Never to be used for S/MIME, which a cut makes unreadable.
 */
export function truncateMime(octets: Buffer, maxOctets: number): { octets: Buffer; truncated: boolean } {
  if (octets.length <= maxOctets) return { octets, truncated: false };
  const most = Math.max(0, Math.floor(maxOctets));
  let end = most;
  while (end > 0 && most - end < 3 && (octets[end]! & 0xc0) === 0x80) end--;
  if (octets[end] === 0x0a && octets[end - 1] === 0x0d) end--;
  return { octets: octets.subarray(0, end), truncated: true };
}

/** The first `characters` of a text with runs of white space as one blank (MS-ASAIRS R250, R255); never half a surrogate pair. */
export function previewOf(plain: string, characters: number): string {
  let out = '';
  let blank = false;
  for (let at = 0; at < plain.length && out.length < characters; at++) {
    const character = plain.charAt(at);
    if (character <= ' ' || (character > '\u007f' && WHITESPACE.test(character))) {
      blank = out !== '';
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    if (out.length < characters) out += character;
  }
  const last = out.charCodeAt(out.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? out.slice(0, -1) : out.trimEnd();
}

/** An HTML document that shows a plain text as it is: lines kept, runs of blanks kept, nothing taken for markup. */
export function plainToHtml(text: string): string {
  return `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>${plainToHtmlFragment(text)}</body></html>`;
}

/** What {@link plainToHtml} puts between the body tags. */
export function plainToHtmlFragment(text: string): string {
  const escaped = /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (mark) => ESCAPES[mark]!) : text;
  return escaped.replace(/\r?\n/g, '<br>\r\n').replace(/ {2,}/g, (run) => `${'&nbsp;'.repeat(run.length - 1)} `);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// Index after the last code point whose UTF-8 octets, with all before, fit.
function endWithinOctets(text: string, maxOctets: number): number {
  if (text.length * 3 <= maxOctets) return text.length;
  let octets = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const pair = code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1));
    octets += pair ? 4 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    if (octets > maxOctets) return at;
    at += pair ? 2 : 1;
  }
  return at;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function outsideMarkup(html: string, end: number): number {
  const floor = Math.max(0, end - LONGEST_TAG);
  const window = html.slice(floor, end);
  const comment = window.lastIndexOf('<!--');
  if (comment >= 0 && window.indexOf('-->', comment) < 0) return floor + comment;
  const open = openTagStart(window);
  if (open >= 0) return floor + open;
  const ampersand = window.lastIndexOf('&');
  if (
    ampersand >= 0 &&
    window.length - ampersand <= LONGEST_ENTITY &&
    /^&#?[a-z0-9]*$/i.test(window.slice(ampersand))
  ) {
    return floor + ampersand;
  }
  return end;
}

// Index of the last `<` that no `>` outside its quotes follows, -1 when the cut is in text.
function openTagStart(window: string): number {
  for (let open = window.lastIndexOf('<'), tries = 0; open >= 0 && tries < 8; tries++) {
    if (/^<[a-z/!?]|^<$/i.test(window.slice(open, open + 2)) && !closesWithin(window, open)) return open;
    if (open === 0) return -1;
    open = window.lastIndexOf('<', open - 1);
  }
  return -1;
}

function closesWithin(window: string, open: number): boolean {
  let quote = '';
  for (let at = open + 1; at < window.length; at++) {
    const character = window.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') {
      return true;
    } else if ((character === '"' || character === "'") && window.charAt(at - 1) === '=') {
      quote = character;
    }
  }
  return false;
}
