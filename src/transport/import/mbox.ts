// Reads an mbox file message by message in bounded memory.
// Implements RFC 4155 Appendix A (The "default" mbox Database Format), with the `>From ` quoting of mboxo and mboxrd undone.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readDate } from '../../mime/date.ts';
import { fieldValues, outerHeader } from '../raw-header.ts';
import type { MessageState, SourceEntry } from './source.ts';
import { maximumImportedMessage, reasonOf, untouched } from './source.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const greaterThan = 0x3e;
const separatorStart = Buffer.from('\nFrom ');
const quotedFrom = Buffer.from('>From ');

/** Longest separator line; also what is kept back of a chunk, so that a separator over two chunks is seen whole. */
const longestSeparator = 1024;

const separatorLine =
  /^From (?:\S.*\s)?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s.*\d{1,2}:\d{2}|^From \S+@\S+\s|^From (?:- )?\s*$/;

/** Whether a first line begins an mbox file. */
export function beginsMbox(start: Buffer): boolean {
  return separatorLine.test(lineAt(start, 0));
}

function lineAt(octets: Buffer, at: number): string {
  const end = octets.indexOf(lineFeed, at);
  return octets.latin1Slice(at, Math.min(end < 0 ? octets.length : end, at + longestSeparator)).replace(/\r$/, '');
}

/** The asctime date of a separator line, as UTC: RFC 4155 says that it is, and writers that differ do not say by how much. */
export function separatorDate(line: string): number | undefined {
  const match =
    /([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+(?:([+-]\d{4}|[A-Z]{3,4})\s+)?(\d{4})(?:\s+([+-]\d{4}))?/.exec(
      line,
    );
  if (match !== null)
    return readDate(`${match[2]} ${match[1]} ${match[5]} ${match[3]} ${match[4] ?? match[6] ?? '+0000'}`);
  return readDate(line.replace(/^From \S+\s+/, ''));
}

/** Takes one `>` from each line that is `>`s and `From `, as mboxrd wants; mboxo's single one is the same. */
export function unquoted(octets: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let taken = 0;
  for (let at = octets.indexOf(quotedFrom); at >= 0; at = octets.indexOf(quotedFrom, at + quotedFrom.length)) {
    let first = at;
    while (first > 0 && octets[first - 1] === greaterThan) first--;
    if (first > 0 && octets[first - 1] !== lineFeed) continue;
    pieces.push(octets.subarray(taken, at));
    taken = at + 1;
  }
  return pieces.length === 0 ? octets : Buffer.concat([...pieces, octets.subarray(taken)]);
}

/** Without the empty line that the format puts behind each message. */
function withoutSeparatingLine(octets: Buffer): Buffer {
  const last = octets.length - 1;
  if (octets[last] !== lineFeed) return octets;
  const end = octets[last - 1] === carriageReturn ? last - 1 : last;
  return end === 0 || octets[end - 1] === lineFeed ? octets.subarray(0, end) : octets;
}

/** Status and X-Status of mailx, X-Mozilla-Status of Thunderbird. */
export function stateFromFields(octets: Buffer): MessageState {
  const header = outerHeader(octets);
  const letters = [...fieldValues(header, 'status'), ...fieldValues(header, 'x-status')].join('');
  const [mozilla] = fieldValues(header, 'x-mozilla-status');
  const bits = mozilla !== undefined && /^[0-9a-f]{1,8}$/i.test(mozilla) ? Number.parseInt(mozilla, 16) : 0;
  return {
    read: letters.includes('R') || (bits & 0x1) !== 0,
    flagged: letters.includes('F') || (bits & 0x4) !== 0,
    replied: letters.includes('A') || (bits & 0x2) !== 0,
    forwarded: (bits & 0x1000) !== 0,
    draft: letters.includes('T') || fieldValues(header, 'x-unsent')[0] === '1',
    trashed: letters.includes('D') || (bits & 0x8) !== 0,
  };
}

/** One message in the making. Pieces are views of the chunks read, joined once. */
interface Gathering {
  separator: string;
  startsAt: number;
  pieces: Buffer[];
  size: number;
}

/** Place after the separator line that begins at `at`; undefined when it is not one, 'more' when that cannot be told yet. */
function separatorEnd(pending: Buffer, at: number, isLast: boolean): number | undefined | 'more' {
  const end = pending.indexOf(lineFeed, at);
  if (end < 0 && !isLast && pending.length - at < longestSeparator) return 'more';
  if (!separatorLine.test(lineAt(pending, at))) return undefined;
  return end < 0 ? pending.length : end + 1;
}

/** Whether the line before the LF at `at` is empty. */
function followsEmptyLine(pending: Buffer, at: number): boolean {
  const before = pending[at - 1] === carriageReturn ? at - 2 : at - 1;
  return before < 0 || pending[before] === lineFeed;
}

class MboxSplitter {
  #pending: Buffer = Buffer.alloc(0);
  /** Offset in the file of the first pending octet. */
  #offset = 0;
  #current: Gathering | undefined;
  readonly #finished: Gathering[] = [];

  /** Takes the next chunk; undefined at the end. Gives the messages that are complete. */
  push(chunk: Buffer | undefined): Gathering[] {
    if (chunk !== undefined) this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#split(chunk === undefined);
    return this.#finished.splice(0);
  }

  #split(isLast: boolean): void {
    if (this.#current === undefined) {
      const end = separatorEnd(this.#pending, 0, isLast);
      if (end === 'more') return;
      this.#open(0, end ?? 0);
    }
    let from = 0;
    for (;;) {
      const at = this.#pending.indexOf(separatorStart, from);
      if (at < 0) break;
      const end = followsEmptyLine(this.#pending, at) ? separatorEnd(this.#pending, at + 1, isLast) : undefined;
      if (end === 'more') {
        this.#take(Math.max(at - 2, 0));
        return;
      }
      if (end === undefined) {
        from = at + 1;
        continue;
      }
      this.#take(at + 1);
      this.#close();
      this.#open(0, end - (at + 1));
      from = 0;
    }
    // Kept back: a separator that is cut, with the empty line before it.
    this.#take(isLast ? this.#pending.length : Math.max(this.#pending.length - separatorStart.length - 3, 0));
    if (isLast) this.#close();
  }

  #open(start: number, end: number): void {
    this.#current = {
      separator: this.#pending.latin1Slice(start, end),
      startsAt: this.#offset + start,
      pieces: [],
      size: 0,
    };
    this.#skip(end);
  }

  #take(length: number): void {
    const current = this.#current;
    if (current !== undefined && length > 0) {
      current.size += length;
      if (current.size > maximumImportedMessage) current.pieces = [];
      else current.pieces.push(this.#pending.subarray(0, length));
    }
    this.#skip(length);
  }

  #skip(length: number): void {
    this.#pending = this.#pending.subarray(length);
    this.#offset += length;
  }

  #close(): void {
    if (this.#current !== undefined && (this.#current.size > 0 || this.#current.separator !== ''))
      this.#finished.push(this.#current);
    this.#current = undefined;
  }
}

function entryOf(path: string, folder: readonly string[], gathered: Gathering, fallbackDate: number): SourceEntry {
  const origin = `${path}, octet ${gathered.startsAt}`;
  if (gathered.size > maximumImportedMessage) {
    return { kind: 'unreadable', origin, reason: `larger than ${maximumImportedMessage} octets` };
  }
  const octets = unquoted(withoutSeparatingLine(Buffer.concat(gathered.pieces)));
  const received = separatorDate(gathered.separator);
  const state = octets.length === 0 ? untouched : stateFromFields(octets);
  return {
    kind: 'message',
    origin,
    folder,
    octets,
    state,
    fallbackDate,
    ...(received === undefined ? {} : { received }),
  };
}

/** The messages of an mbox file, in order. */
export async function* readMbox(path: string, folder: readonly string[]): AsyncGenerator<SourceEntry> {
  const splitter = new MboxSplitter();
  try {
    const fallbackDate = (await stat(path)).mtimeMs;
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      for (const gathered of splitter.push(chunk)) yield entryOf(path, folder, gathered, fallbackDate);
    }
    for (const gathered of splitter.push(undefined)) yield entryOf(path, folder, gathered, fallbackDate);
  } catch (error) {
    yield { kind: 'unreadable', origin: path, reason: reasonOf(error) };
  }
}
