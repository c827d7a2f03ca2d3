// The tree of a message's parts as octet ranges; nothing is decoded or copied (RFC 2046 section 5.1, Multipart Media Type).
import { charsetLabel } from './charset.ts';
import { type HeaderBlock, rawValue, readHeader } from './header.ts';
import { BOUNDARY_CANDIDATES, DEPTH, PARTS, SEARCH_FACTOR, SEARCH_FLOOR_OCTETS } from './limits.ts';
import { readStructured, type StructuredValue } from './parameters.ts';

/** A part of a message, the message itself included. Offsets are octets within the message. */
export interface MimePart {
  readonly header: HeaderBlock;
  /** Media type in lower case; `text/plain` when absent or unreadable. */
  readonly type: string;
  /** Parameters of Content-Type. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Charset label of the part in lower case, empty when it names none. */
  readonly charset: string;
  /** Value of Content-Disposition in lower case, empty when absent. */
  readonly disposition: string;
  /** Parameters of Content-Disposition. */
  readonly dispositionParameters: ReadonlyMap<string, string>;
  /** Content-Transfer-Encoding in lower case; `7bit` when absent. */
  readonly encoding: string;
  /** First octet of the part's header. */
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Parts of a multipart whose boundary occurs; empty for all others. */
  readonly children: readonly MimePart[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Budget {
  parts: number;
  candidates: number;
  searchOctets: number;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
const LONGEST_BOUNDARY = 256;
const EMPTY: ReadonlyMap<string, string> = new Map();

/**
 * Reads the structure of a message. Total: octets that are no MIME are one text/plain part. Tolerates LF line ends,
 * a missing end boundary, a multipart that does not say its boundary, and stops opening parts at the limits.
 */
export function readStructure(octets: Buffer): MimePart {
  const budget: Budget = {
    parts: PARTS,
    candidates: BOUNDARY_CANDIDATES,
    searchOctets: octets.length * SEARCH_FACTOR + SEARCH_FLOOR_OCTETS,
  };
  return readPart(octets, { start: 0, end: octets.length }, 'text/plain', 0, budget);
}

function readPart(octets: Buffer, range: Range, defaultType: string, depth: number, budget: Budget): MimePart {
  budget.parts--;
  const header = readHeader(octets, range.start, range.end);
  const content = contentType(header, defaultType);
  const body = { start: header.bodyStart, end: range.end };
  const children =
    content.value.startsWith('multipart/') && depth < DEPTH ? readChildren(octets, body, content, depth, budget) : [];
  const closed = children.length === 0 && content.value.startsWith('multipart/') && depth < DEPTH;
  const disposition = rawValue(header, 'content-disposition');
  const described =
    disposition === undefined ? undefined : readStructured(disposition, content.parameters.get('charset'));
  return {
    header,
    type: closed ? 'text/plain' : content.value,
    parameters: content.parameters,
    charset: charsetLabel(content.parameters.get('charset')),
    disposition: described?.value ?? '',
    dispositionParameters: described?.parameters ?? EMPTY,
    encoding: transferEncoding(header),
    start: range.start,
    bodyStart: body.start,
    bodyEnd: body.end,
    children,
  };
}

function readChildren(
  octets: Buffer,
  body: Range,
  content: StructuredValue,
  depth: number,
  budget: Budget,
): MimePart[] {
  const said = content.parameters.get('boundary') ?? '';
  const boundary =
    said === '' || said.length > LONGEST_BOUNDARY ? guessBoundary(octets, body) : Buffer.from(said, 'latin1');
  if (boundary === undefined) return [];
  const defaultType = content.value === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  const children: MimePart[] = [];
  for (const range of splitAtBoundary(octets, body, boundary, budget)) {
    if (budget.parts <= 0 && children.length > 0) break;
    children.push(readPart(octets, range, defaultType, depth + 1, budget));
  }
  return children;
}

/** The ranges between boundary lines; the line end before a boundary belongs to the boundary. */
function splitAtBoundary(octets: Buffer, body: Range, boundary: Buffer, budget: Budget): Range[] {
  budget.searchOctets -= body.end - body.start;
  if (budget.searchOctets < 0) return [];
  const needle = Buffer.concat([Buffer.from('\n--'), boundary]);
  const view = octets.subarray(0, body.end);
  const ranges: Range[] = [];
  let partStart = -1;
  // The line end before the first boundary can be the one that ends the header, and a multipart has a header.
  let from = Math.max(0, body.start - 1);
  while (budget.candidates > 0 && (partStart < 0 || ranges.length < budget.parts - 1)) {
    const lineFeed = view.indexOf(needle, from);
    if (lineFeed < 0) break;
    budget.candidates--;
    const after = lineFeed + needle.length;
    const closes = view[after] === DASH && view[after + 1] === DASH;
    const lineEnd = blankLineEnd(view, closes ? after + 2 : after);
    from = after;
    if (lineEnd < 0) continue;
    if (partStart >= 0) ranges.push({ start: partStart, end: Math.max(partStart, withoutLineEnd(view, lineFeed)) });
    partStart = closes ? -1 : lineEnd;
    if (closes) return ranges;
    from = lineEnd - 1;
  }
  if (partStart >= 0) ranges.push({ start: partStart, end: body.end });
  return ranges;
}

// Octet after the line end when only blanks stand from `at` on, the end of the octets included; -1 otherwise.
function blankLineEnd(view: Buffer, at: number): number {
  let index = at;
  while (view[index] === 0x20 || view[index] === 0x09) index++;
  if (view[index] === CR && (view[index + 1] === LF || index + 1 >= view.length)) index++;
  if (index >= view.length) return view.length;
  return view[index] === LF ? index + 1 : -1;
}

function withoutLineEnd(view: Buffer, lineFeed: number): number {
  return view[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
}

// A multipart without a boundary parameter: its first line that looks like one.
function guessBoundary(octets: Buffer, body: Range): Buffer | undefined {
  const text = octets.toString('latin1', body.start, Math.min(body.end, body.start + 4096));
  const found = /(?:^|\n)--([!-~](?:[ -~]{0,68}[!-~])?)[ \t]*\r?\n/.exec(text);
  return found === null ? undefined : Buffer.from(found[1]!, 'latin1');
}

function contentType(header: HeaderBlock, defaultType: string): StructuredValue {
  const raw = rawValue(header, 'content-type');
  if (raw === undefined) return { value: defaultType, parameters: EMPTY };
  const read = readStructured(raw);
  if (MEDIA_TYPE.test(read.value)) return read;
  return { value: read.value === 'html' ? 'text/html' : 'text/plain', parameters: read.parameters };
}

function transferEncoding(header: HeaderBlock): string {
  const raw = rawValue(header, 'content-transfer-encoding');
  if (raw === undefined) return '7bit';
  const value = readStructured(raw).value;
  return value === '' ? '7bit' : value.slice(0, 64);
}
