// Reads a request body, bounded in size and time (MS-ASHTTP section 2.2.1.1.3, Request Body).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

export type BodyOutcome =
  | { readonly kind: 'octets'; readonly octets: Buffer }
  /** Larger than allowed, as announced, as sent, or inflated. What follows was not read. */
  | { readonly kind: 'too-large' }
  /** The client sent nothing for too long. */
  | { readonly kind: 'too-slow' }
  /** The client went away before the end. */
  | { readonly kind: 'gone' }
  /** A Content-Encoding other than gzip and deflate. */
  | { readonly kind: 'unknown-encoding' }
  /** Not what its Content-Encoding says. */
  | { readonly kind: 'damaged' };

export interface BodyLimits {
  /** Octets, before and after inflating. */
  readonly bodySize: number;
  /** Milliseconds without a piece of it. */
  readonly idleTime: number;
}

const empty = Buffer.alloc(0);
const inflaters = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/** Whether the client waits for 100 Continue before it sends the body. */
export function expectsContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue';
}

/** The octets that the headers announce; undefined when they come in chunks; 0 without a body. */
export function announcedLength(request: IncomingMessage): number | undefined {
  if (request.headers['transfer-encoding'] !== undefined) return undefined;
  return Number(request.headers['content-length'] ?? 0);
}

/** Reads and inflates the body; tells a client that waits for it to go on. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: BodyLimits,
): Promise<BodyOutcome> {
  const announced = announcedLength(request);
  if (announced === 0) return { kind: 'octets', octets: empty };
  if (announced !== undefined && announced > limits.bodySize) return { kind: 'too-large' };
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const inflater = inflaters.get(encoding);
  if (inflater === undefined && encoding !== '' && encoding !== 'identity') return { kind: 'unknown-encoding' };
  if (expectsContinue(request)) response.writeContinue();
  const sent = await readOctets(request, limits);
  if (sent.kind !== 'octets' || inflater === undefined || sent.octets.length === 0) return sent;
  try {
    return { kind: 'octets', octets: await inflater(sent.octets, { maxOutputLength: limits.bodySize }) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'too-large' };
    if (code?.startsWith('Z_')) return { kind: 'damaged' };
    throw error;
  }
}

function readOctets(request: IncomingMessage, { bodySize, idleTime }: BodyLimits): Promise<BodyOutcome> {
  // Gone while it was looked up who it is: no event will tell.
  if (request.destroyed) return Promise.resolve({ kind: 'gone' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => settle({ kind: 'too-slow' }), idleTime);
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > bodySize) return settle({ kind: 'too-large' });
      chunks.push(chunk);
      timer.refresh();
    };
    const onEnd = () => settle({ kind: 'octets', octets: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    const onGone = () => settle({ kind: 'gone' });
    const settle = (outcome: BodyOutcome) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      if (outcome.kind !== 'octets') request.pause();
      resolve(outcome);
    };
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}
