// Reads a multipart answer (MS-ASCMD section 2.2.2.10.1.1, MultiPartResponse).
import { MalformedAnswerError } from './errors.ts';

/** The parts in order: the WBXML document first. Throws {@link MalformedAnswerError}. */
export function readMultipart(body: Buffer): Buffer[] {
  if (body.length < 4) throw new MalformedAnswerError('a multipart answer without a count of parts');
  const count = body.readInt32LE(0);
  if (count < 1 || 4 + count * 8 > body.length) throw new MalformedAnswerError(`a multipart answer of ${count} parts`);
  return Array.from({ length: count }, (_, index) => {
    const offset = body.readInt32LE(4 + index * 8);
    const length = body.readInt32LE(8 + index * 8);
    if (offset < 4 + count * 8 || length < 0 || offset + length > body.length) {
      throw new MalformedAnswerError(`part ${index} of a multipart answer lies outside it`);
    }
    return body.subarray(offset, offset + length);
  });
}
