// A query in base64 (MS-ASHTTP section 2.2.1.1.1.1, Base64 Encoded Query Value).
import type { CommandQuery } from '../commands/command.ts';
import { commandCodes } from './command-codes.ts';
import type { MalformedQuery, RequestQuery } from './query.ts';

/** Parameters by tag (MS-ASHTTP section 2.2.1.1.1.1.3, Command Parameters); 2 and 5 are those of protocol version 2.5. */
const parameterTags = [
  'attachmentName',
  'collectionId',
  'collectionName',
  'itemId',
  'longId',
  'parentId',
  'occurrence',
  'options',
  'user',
] as const;
type ParameterName = (typeof parameterTags)[number];

const optionSaveInSent = 0x01;
const optionAcceptMultiPart = 0x02;

/** Reads octets in order; the first read beyond the end makes it `failed`. */
class Octets {
  readonly #octets: Buffer;
  #at = 0;
  failed = false;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get ended(): boolean {
    return this.#at >= this.#octets.length;
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  take(length: number): Buffer {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#octets.length) this.failed = true;
    return this.#octets.subarray(start, this.#at);
  }

  /** Octets after a byte that says how many. */
  counted(): Buffer {
    return this.take(this.byte());
  }
}

/** Reads it; malformed when it ends too early, has octets left over, or holds an unknown tag or a policy key of another length. */
export function parseBase64Query(text: string): RequestQuery | MalformedQuery {
  const octets = new Octets(Buffer.from(text, 'base64'));
  const version = octets.byte();
  const command = octets.byte();
  octets.take(2); // The locale of the answer: no answer has texts.
  const deviceId = deviceIdOf(octets.counted());
  const policyKey = octets.counted();
  const deviceType = octets.counted().toString('utf8');
  if (octets.failed) return malformed('the query ends too early');
  if (policyKey.length !== 0 && policyKey.length !== 4) return malformed('a policy key has 4 octets');

  const parameters = new Map<ParameterName, Buffer>();
  while (!octets.ended) {
    const name = parameterTags[octets.byte()];
    const value = octets.counted();
    if (octets.failed) return malformed('the query ends too early');
    if (name === undefined) return malformed('an unknown parameter in the query');
    if (parameters.has(name)) return malformed('a parameter stands twice in the query');
    parameters.set(name, value);
  }
  return {
    kind: 'query',
    command: commandCodes[command] ?? `code ${command}`,
    user: parameters.get('user')?.toString('utf8') ?? '',
    deviceId,
    deviceType,
    version: `${Math.floor(version / 10)}.${version % 10}`,
    policyKey: policyKey.length === 4 ? policyKey.readUInt32LE() : undefined,
    parameters: commandQuery(parameters),
  };
}

function commandQuery(parameters: ReadonlyMap<ParameterName, Buffer>): CommandQuery {
  const options = parameters.get('options')?.[0] ?? 0;
  const texts: { -readonly [N in keyof CommandQuery]?: CommandQuery[N] } = {};
  for (const name of ['attachmentName', 'collectionId', 'itemId', 'longId', 'occurrence', 'parentId'] as const) {
    const value = parameters.get(name);
    if (value !== undefined) texts[name] = value.toString('utf8');
  }
  return {
    ...texts,
    saveInSent: (options & optionSaveInSent) !== 0,
    acceptMultiPart: (options & optionAcceptMultiPart) !== 0,
  };
}

/** "A string or a GUID": a device that sends text must be the same one that it is in a plain query; else hexadecimal digits. */
function deviceIdOf(octets: Buffer): string {
  const text = octets.toString('latin1');
  return /^[A-Za-z0-9._-]*$/.test(text) ? text : octets.toString('hex').toUpperCase();
}

function malformed(reason: string): MalformedQuery {
  return { kind: 'malformed', reason };
}
