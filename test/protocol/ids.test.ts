// Identifiers on the wire (MS-ASCMD sections 2.2.3.30, CollectionId, and 2.2.3.166, ServerId; MS-ASAIRS section 2.2.2.24, FileReference).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fileReferenceOf, parseFileReference } from '../../src/protocol/file-reference.ts';
import {
  collectionIdOf,
  type FolderId,
  type ItemId,
  parseCollectionId,
  parseServerId,
  serverIdOf,
} from '../../src/protocol/ids.ts';

const id = fc.integer({ min: 1, max: 999_999_999_999_999 });
const strange = [
  '',
  ' ',
  '0',
  '01',
  '-1',
  '+1',
  '1.0',
  '1e3',
  '0x1',
  '1 ',
  ' 1',
  '１',
  'RI',
  '1'.repeat(16),
  'null',
  '1\n',
  '1\u0000',
];

describe('identifiers on the wire', () => {
  it('reads the CollectionId that it writes', () => {
    fc.assert(
      fc.property(id, (folder) => {
        const text = collectionIdOf(folder as FolderId);
        assert.match(text, /^[0-9]{1,15}$/);
        assert.equal(parseCollectionId(text), folder);
      }),
    );
  });

  it('reads the ServerId that it writes, of 64 characters at most (MS-ASCMD R5862)', () => {
    fc.assert(
      fc.property(id, id, (folder, item) => {
        const text = serverIdOf(folder as FolderId, item as ItemId);
        assert.ok(text.length <= 33);
        assert.deepEqual(parseServerId(text), { folder, item });
      }),
    );
  });

  it('reads the FileReference that it writes, percent-encoded as well', () => {
    fc.assert(
      fc.property(id, id, fc.integer({ min: 0, max: 99_999 }), (folder, item, index) => {
        const text = fileReferenceOf(folder as FolderId, item as ItemId, index);
        for (const written of [text, text.replaceAll(':', '%3a'), encodeURIComponent(text)]) {
          assert.deepEqual(parseFileReference(written), { folder, item, index });
        }
      }),
    );
  });

  it('knows what is none of ours', () => {
    for (const text of strange) {
      assert.equal(parseCollectionId(text), undefined, JSON.stringify(text));
      assert.equal(parseServerId(`${text}:1`), undefined);
      assert.equal(parseServerId(`1:${text}`), undefined);
      assert.equal(parseFileReference(`${text}:1:1`), undefined);
      assert.equal(parseFileReference(`1:${text}:1`), undefined);
    }
    for (const text of ['', '1', ':', '1:', ':1', '1:1:1', '1::1', '1:1:', '1%3a1'])
      assert.equal(parseServerId(text), undefined, text);
    for (const text of ['', '1:1', '1:1:', ':1:1', '1:1:1:1', '1:1:-1', '1:1:01', '1:1:100000', '1%253a1%253a0']) {
      assert.equal(parseFileReference(text), undefined, text);
    }
    assert.deepEqual(parseFileReference('1:1:0'), { folder: 1, item: 1, index: 0 });
  });

  it('never throws, and reads only what it would write', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const folder = parseCollectionId(text);
        if (folder !== undefined) assert.equal(collectionIdOf(folder), text);
        const item = parseServerId(text);
        if (item !== undefined) assert.equal(serverIdOf(item.folder, item.item), text);
      }),
    );
  });
});
