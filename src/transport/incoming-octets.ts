// Takes in the octets of a message within bounds: one message's size, and the memory of all that are under way together.
// RFC 1870 section 6.3 (Messages larger than the declared size).
import type { Readable } from 'node:stream';

/** Memory shared by the messages that are arriving. */
export interface IncomingBudget {
  readonly maximumOctets: number;
  usedOctets: number;
}

export type Incoming =
  | { readonly kind: 'octets'; readonly octets: Buffer; readonly release: () => void }
  | { readonly kind: 'too-large' }
  /** Others take all the memory there is: try again later. */
  | { readonly kind: 'busy' };

/**
 * Reads the stream to its end, whatever becomes of it. The caller releases the octets when it is done with them.
 * @throws what the stream throws when the client goes away in the middle.
 */
export async function takeIn(stream: Readable, maximumSize: number, budget: IncomingBudget): Promise<Incoming> {
  let chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  let refused: 'too-large' | 'busy' | undefined;
  const release = () => {
    budget.usedOctets -= held;
    held = 0;
    chunks = [];
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (refused !== undefined) continue;
      size += chunk.length;
      if (size > maximumSize) refused = 'too-large';
      else if (budget.usedOctets + chunk.length > budget.maximumOctets) refused = 'busy';
      if (refused !== undefined) {
        release();
        continue;
      }
      chunks.push(chunk);
      held += chunk.length;
      budget.usedOctets += chunk.length;
    }
  } catch (error) {
    release();
    throw error;
  }
  if (refused !== undefined) return { kind: refused };
  const octets = Buffer.concat(chunks, size);
  chunks = [];
  return { kind: 'octets', octets, release };
}
