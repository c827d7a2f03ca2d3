// The header block of a message or part: its fields with their places (RFC 5322 section 2.2, Header Fields).
import { HEADER_BLOCK_OCTETS, HEADER_FIELDS } from './limits.ts';

/** One header field. Offsets are octets within the message. */
export interface HeaderField {
  /** Name in lower case. */
  readonly name: string;
  /** Value as written, one character per octet, folding still in it. */
  readonly raw: string;
  /** First octet of the field's name. */
  readonly start: number;
  /** Octet after the field's last line end. */
  readonly end: number;
}

/** The fields of a header block and the first octet after the blank line that ends it. */
export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  readonly bodyStart: number;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/**
 * Reads the header block within [start, end). Takes LF and CRLF. A line that is no field is passed over when a field
 * follows it, and begins the body when none does, so that a text without any header is a body and nothing is lost.
 */
export function readHeader(octets: Buffer, start: number, end: number): HeaderBlock {
  const text = octets.toString('latin1', start, Math.min(end, start + HEADER_BLOCK_OCTETS));
  const fields: HeaderField[] = [];
  let open: { name: string; valueAt: number; at: number } | undefined;
  let at = 0;
  let bodyAt = -1;
  const close = (until: number): void => {
    if (open !== undefined && fields.length < HEADER_FIELDS) {
      fields.push({
        name: open.name,
        raw: text.slice(open.valueAt, until),
        start: start + open.at,
        end: start + until,
      });
    }
    open = undefined;
  };
  while (at < text.length) {
    const lineFeed = text.indexOf('\n', at);
    const next = lineFeed < 0 ? text.length : lineFeed + 1;
    const first = text.charCodeAt(at);
    if (first === LF || (first === CR && lineFeed === at + 1)) {
      bodyAt = next;
      break;
    }
    if ((first === SPACE || first === TAB) && open !== undefined) {
      at = next;
      continue;
    }
    const colon = colonOf(text, at);
    close(at);
    if (colon > 0) {
      open = { name: text.slice(at, colon).trimEnd().toLowerCase(), valueAt: colon + 1, at };
    } else if (!isMailboxSeparator(text, at, next) && !fieldFollows(text, next)) {
      bodyAt = at;
      break;
    }
    at = next;
  }
  close(Math.min(at, text.length));
  if (bodyAt >= 0) return { fields, bodyStart: start + bodyAt };
  return { fields, bodyStart: blankLineAfter(octets, start + text.length, end) };
}

/** The first field of a name (in lower case). */
export function firstField(header: HeaderBlock, name: string): HeaderField | undefined {
  for (const field of header.fields) if (field.name === name) return field;
  return undefined;
}

/** The raw value of the first field of a name (in lower case), undefined when there is none. */
export function rawValue(header: HeaderBlock, name: string): string | undefined {
  return firstField(header, name)?.raw;
}

// Index of the colon that ends a field name beginning at `at`, -1 when the line does not begin with a field name.
function colonOf(text: string, at: number): number {
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === COLON) return index > at ? index : -1;
    if (code > 0x20 && code < 0x7f) continue;
    if ((code !== SPACE && code !== TAB) || index === at) return -1;
    while (text.charCodeAt(index) === SPACE || text.charCodeAt(index) === TAB) index++;
    return text.charCodeAt(index) === COLON ? index : -1;
  }
  return -1;
}

// "From someone date" of mbox files, also quoted.
function isMailboxSeparator(text: string, at: number, next: number): boolean {
  return at === 0 && next < text.length && (text.startsWith('From ', at) || text.startsWith('>From ', at));
}

function fieldFollows(text: string, at: number): boolean {
  return at < text.length && colonOf(text, at) > 0;
}

// A block longer than what is read: its blank line is still looked for, so that the body is the body.
function blankLineAfter(octets: Buffer, from: number, end: number): number {
  if (from >= end) return end;
  const view = octets.subarray(from - 1, end);
  const afterLf = view.indexOf('\n\n');
  const afterCrlf = view.indexOf('\n\r\n');
  const places: number[] = [];
  if (afterLf >= 0) places.push(afterLf + 2);
  if (afterCrlf >= 0) places.push(afterCrlf + 3);
  return places.length === 0 ? end : from - 1 + Math.min(...places);
}
