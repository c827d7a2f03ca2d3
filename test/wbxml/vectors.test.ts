// The WBXML vectors: documents of every kind with their bytes, and what a codec must refuse.
import assert from 'node:assert/strict';
import { decode, encode, encodeChunks, WbxmlError } from '../../wbxml/index.ts';
import {
  bytesOf,
  countElements,
  elementOf,
  isPresent,
  readMalformed,
  readVectors,
  sharedWbxml,
} from './shared-vectors.ts';

if (isPresent(sharedWbxml, 'wbxml vectors, malformed documents, benchmark documents')) {
  for (const folder of ['vectors/', 'bench/'] as const) {
    describe(`wbxml ${folder}`, () => {
      for (const vector of readVectors(folder)) {
        it(`decodes ${vector.name} to its tree`, () => {
          assert.deepStrictEqual(decode(vector.bytes), elementOf(vector.tree));
        });
        if (vector.canonical !== false) {
          it(`encodes ${vector.name} to the same bytes`, () => {
            assert.deepStrictEqual(encode(elementOf(vector.tree)), vector.bytes);
            assert.deepStrictEqual(Buffer.concat(encodeChunks(decode(vector.bytes))), vector.bytes);
          });
        } else {
          it(`encodes ${vector.name} to bytes of the same tree`, () => {
            assert.deepStrictEqual(decode(encode(elementOf(vector.tree))), elementOf(vector.tree));
          });
        }
      }
    });
  }

  describe('wbxml malformed documents', () => {
    const malformed = readMalformed();
    for (const input of malformed.decode) {
      it(`${input.expect === 'ok' ? 'accepts' : input.expect === 'reject' ? 'refuses' : 'survives'} ${input.name}`, () => {
        const bytes = bytesOf(input);
        const cpuBefore = process.cpuUsage();
        if (input.expect === 'reject') {
          assert.throws(() => decode(bytes), WbxmlError);
        } else {
          try {
            const root = decode(bytes);
            if (input.name === 'wide-100000') assert.equal(countElements(root), 100_001);
            if (input.tree !== undefined && input.expect === 'ok') assert.deepStrictEqual(root, elementOf(input.tree));
          } catch (error) {
            if (input.expect === 'ok' || !(error instanceof WbxmlError)) throw error;
          }
        }
        assert.ok(process.cpuUsage(cpuBefore).user < 1_000_000, 'took a second or more');
      });
    }
    for (const { name, expect, tree } of malformed.encode) {
      if (expect === 'reject') {
        it(`has no tag for ${name}`, () => assert.throws(() => elementOf(tree), RangeError));
      } else {
        it(`repairs ${name} so that the same elements come back`, () => {
          const element = elementOf(tree);
          assert.equal(countElements(decode(encode(element))), countElements(element));
        });
      }
    }
  });
}
