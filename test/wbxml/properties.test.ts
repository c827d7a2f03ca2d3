// What holds for every tree and for all bytes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AirSync, decode, Element, encode, encodeChunks, WbxmlError } from '../../wbxml/index.ts';
import { damage, damaged, elementTree } from './arbitrary-tree.ts';

/** Decodes, and if that succeeds holds that the tree survives another round; only WbxmlError may be thrown. */
function decodesOrRefuses(bytes: Buffer): void {
  for (const unknown of ['reject', 'skip'] as const) {
    let root: Element;
    try {
      root = decode(bytes, { unknown });
    } catch (error) {
      if (!(error instanceof WbxmlError)) throw error;
      assert.ok(error.offset >= 0 && error.offset <= bytes.length);
      continue;
    }
    const again = encode(root);
    // The first encoding repairs forbidden characters, from then on nothing changes.
    assert.deepStrictEqual(encode(decode(again)), again);
  }
}

describe('wbxml properties', () => {
  it('every tree comes back from its bytes', () => {
    fc.assert(
      fc.property(elementTree, (tree) => assert.deepStrictEqual(decode(encode(tree)), tree)),
      { numRuns: 300 },
    );
  });

  it('chunks are the document', () => {
    fc.assert(
      fc.property(elementTree, (tree) => assert.ok(Buffer.concat(encodeChunks(tree)).equals(encode(tree)))),
      { numRuns: 100 },
    );
  });

  it('any text is written as elements that cannot be told from others', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), minLength: 1 }),
        (text) => {
          const root = decode(encode(new Element(AirSync.Sync, [new Element(AirSync.Status, text)])));
          assert.ok(Array.isArray(root.content) && root.content.length === 1);
          const written = root.content[0]?.content;
          assert.ok(typeof written === 'string' && written.length === text.length);
          assert.doesNotMatch(written, /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\uffff\u{10000}-\u{10ffff}]/u);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('random bytes are decoded or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (random, withHeader) => {
        decodesOrRefuses(Buffer.concat([Buffer.from(withHeader ? '03016a00' : '', 'hex'), random]));
      }),
      { numRuns: 3000 },
    );
  });

  it('damaged documents are decoded or refused', () => {
    fc.assert(
      fc.property(elementTree, fc.array(damage, { minLength: 1, maxLength: 4 }), (tree, changes) => {
        decodesOrRefuses(changes.reduce(damaged, encode(tree)));
      }),
      { numRuns: 1000 },
    );
  });
});
