// The octets of an attachment (MS-ASAIRS section 2.2.2.24, FileReference; RFC 2045 section 6, Content-Transfer-Encoding).
import type { AttachmentPart } from './message.ts';
import { decodeTransfer } from './transfer-encoding.ts';

/**
 * The decoded octets of an attachment of a message. Parts that are not encoded share memory with the message.
 * `part` must have been derived from the same octets; a range outside them gives what there is.
 */
export function partOctets(octets: Buffer, part: AttachmentPart): Buffer {
  return decodeTransfer(octets.subarray(part.start, part.end), part.encoding);
}
