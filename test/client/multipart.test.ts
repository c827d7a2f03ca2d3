// Multipart answers as the client reads them (MS-ASCMD section 2.2.2.10.1.1, MultiPartResponse).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MalformedAnswerError } from '../../src/client/errors.ts';
import { readMultipart } from '../../src/client/multipart.ts';

function write(parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(4 + parts.length * 8);
  header.writeInt32LE(parts.length, 0);
  let offset = header.length;
  for (const [index, part] of parts.entries()) {
    header.writeInt32LE(offset, 4 + index * 8);
    header.writeInt32LE(part.length, 8 + index * 8);
    offset += part.length;
  }
  return Buffer.concat([header, ...parts]);
}

describe('client: multipart answers', () => {
  it('gives the parts in order (MS-ASCMD R5509 to R5517)', () => {
    const parts = ['document', '', 'attachment'].map((text) => Buffer.from(text));
    assert.deepEqual(readMultipart(write(parts)), parts);
  });

  it('refuses any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const body = Buffer.from(bytes);
        try {
          for (const part of readMultipart(body)) assert.ok(part.length <= body.length);
        } catch (error) {
          assert.ok(error instanceof MalformedAnswerError);
        }
      }),
    );
    assert.throws(() => readMultipart(write([Buffer.from('cut')]).subarray(0, -1)), MalformedAnswerError);
  });
});
