// gzip of answers, where it is accepted and worth it.
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Octets below which gzip saves no packet: an answer with its headers fits one. */
const smallest = 1024;
/** Octets above which an answer holds attachments, mostly, and compressing it costs a core for long. */
const largest = 4 * 1024 * 1024;

/** The octets compressed, or undefined when they are better sent as they are. */
export async function compressed(chunks: readonly Buffer[], length: number): Promise<Buffer | undefined> {
  if (length < smallest || length > largest) return undefined;
  const octets = await compress(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), {
    level: constants.Z_BEST_SPEED,
  });
  return octets.length < length * 0.9 ? octets : undefined;
}
