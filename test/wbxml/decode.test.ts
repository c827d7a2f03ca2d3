// Decoding, by documents written out in hex: each construct, each fault with its offset, each limit.
import assert from 'node:assert/strict';
import {
  AirSync,
  AirSyncBase,
  type DecodeOptions,
  decode,
  Element,
  Email,
  encode,
  type Fault,
  FolderHierarchy,
  faults,
  WbxmlError,
} from '../../wbxml/index.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const header = '03 01 6a 00';

describe('wbxml decoder', () => {
  const documents: [what: string, bytes: string, tree: Element][] = [
    ['an empty root', '05', new Element(AirSync.Sync)],
    ['a root that says it has content and has none', '45 01', new Element(AirSync.Sync)],
    [
      'a FolderSync request',
      '00 07 56 52 03 30 00 01 01',
      new Element(FolderHierarchy.FolderSync, [new Element(FolderHierarchy.SyncKey, '0')]),
    ],
    [
      'a page that is kept after END',
      '45 5d 00 11 4a 03 61 00 01 01 00 00 0e 01',
      new Element(AirSync.Sync, [
        new Element(AirSync.ApplicationData, [new Element(AirSyncBase.Body, 'a')]),
        new Element(AirSync.Status),
      ]),
    ],
    [
      'a text in pieces',
      '45 4e 03 61 00 03 00 03 62 00 01 01',
      new Element(AirSync.Sync, [new Element(AirSync.Status, 'ab')]),
    ],
    ['an empty text and an empty opaque value', '45 03 00 c3 00 01', new Element(AirSync.Sync)],
    [
      'empty values between elements',
      '45 0e 03 00 c3 00 0e 01',
      new Element(AirSync.Sync, [new Element(AirSync.Status), new Element(AirSync.Status)]),
    ],
    [
      'an opaque value with NUL and END in it',
      '45 c3 04 00 01 02 ff 01',
      new Element(AirSync.Sync, hex('00 01 02 ff')),
    ],
    ['a length with leading zero digits', '45 c3 80 80 01 61 01', new Element(AirSync.Sync, hex('61'))],
    [
      'a text of two, three and four byte characters',
      '45 03 c3a9 e282ac f09f9880 00 01',
      new Element(AirSync.Sync, 'é€😀'),
    ],
    ['U+FFFD itself', '45 03 efbfbd 00 01', new Element(AirSync.Sync, '\ufffd')],
  ];
  for (const [what, bytes, tree] of documents) {
    it(`reads ${what}`, () => assert.deepStrictEqual(decode(hex(header + bytes)), tree));
  }

  const faulty: [what: string, bytes: string, code: Fault, offset: number, options?: DecodeOptions][] = [
    ['nothing', '', 'truncated', 0],
    ['half a header', '03 01', 'truncated', 2],
    ['version 1.0', '00 01 6a 00 05', 'version', 0],
    ['XML', '3c 3f 78 6d 6c', 'version', 0],
    ['a public identifier', '03 02 6a 00 05', 'public-id', 1],
    ['ISO-8859-1', '03 01 04 00 05', 'charset', 2],
    ['a string table', '03 01 6a 01 00 05', 'string-table', 3],
    ['no root', header, 'truncated', 4],
    ['END at first', `${header} 01`, 'no-root', 4],
    ['text at first', `${header} 03 61 00`, 'no-root', 4],
    ['opaque data at first', `${header} c3 01 61`, 'no-root', 4],
    ['a missing END', `${header} 45 4e 01`, 'truncated', 7],
    ['one END too many', `${header} 45 01 01`, 'trailing-bytes', 6],
    ['a second root', `${header} 05 05`, 'trailing-bytes', 5],
    ['SWITCH_PAGE without a page', `${header} 45 00`, 'truncated', 6],
    ['page 26', `${header} 00 1a 05`, 'unknown-page', 5],
    ['an unassigned token', `${header} 45 3f 01`, 'unknown-token', 5],
    ['an unassigned token as root', `${header} 3f`, 'unknown-token', 4, { unknown: 'skip' }],
    [
      'an unknown page where elements may be unknown',
      `${header} 45 00 1a 05 01`,
      'unknown-page',
      6,
      { unknown: 'skip' },
    ],
    ['attributes', `${header} 45 8e 01 01`, 'attributes', 5],
    ['a literal tag', `${header} 45 04 00 01`, 'global-token', 5],
    ['an entity', `${header} 45 02 20 01`, 'global-token', 5],
    ['a processing instruction before the root', `${header} 43 05 01 05`, 'global-token', 4],
    ['a reference to the string table', `${header} 45 83 00 01`, 'global-token', 5],
    ['an extension', `${header} 45 c0 01`, 'global-token', 5],
    ['a text without NUL', `${header} 45 03 61 62`, 'truncated', 8],
    ['a lone continuation byte', `${header} 45 03 61 80 00 01`, 'invalid-utf8', 6],
    ['an overlong NUL', `${header} 45 03 c0 80 00 01`, 'invalid-utf8', 6],
    ['a surrogate', `${header} 45 03 ed a0 80 00 01`, 'invalid-utf8', 6],
    ['a wrong byte beside a true U+FFFD', `${header} 45 03 ef bf bd ff 00 01`, 'invalid-utf8', 6],
    ['a length that never ends', `${header} 45 c3 ${'ff'.repeat(9)}`, 'opaque-length', 6],
    ['a length of six digits, though small', `${header} 45 c3 80 80 80 80 80 01 61 01`, 'opaque-length', 6],
    ['a length beyond 32 bits', `${header} 45 c3 90 80 80 80 00 01`, 'opaque-length', 6],
    ['a length of 2^32-1', `${header} 45 c3 8f ff ff ff 7f 61 01`, 'truncated', 13],
    ['a length that is cut', `${header} 45 c3 81`, 'truncated', 7],
    ['text before elements', `${header} 45 03 61 00 0e 01`, 'mixed-content', 8],
    ['text after elements', `${header} 45 0e 03 61 00 01`, 'mixed-content', 6],
    ['opaque data after text', `${header} 45 03 61 00 c3 01 61 01`, 'mixed-content', 8],
    ['two opaque values', `${header} 45 c3 01 61 c3 01 61 01`, 'mixed-content', 8],
    ['a third level where two are allowed', `${header} 45 4f 4e 01 01 01`, 'depth-limit', 6, { maxDepth: 2 }],
    ['a third element where two are allowed', `${header} 45 0e 0e 01`, 'element-limit', 6, { maxElements: 2 }],
    ['six bytes where five are allowed', `${header} 45 01`, 'size-limit', 5, { maxBytes: 5 }],
  ];
  for (const [what, bytes, code, offset, options] of faulty) {
    it(`refuses ${what}: ${code} at ${offset}`, () => {
      assert.throws(() => decode(hex(bytes), options), { name: 'WbxmlError', code, offset });
    });
  }

  it('has a test for every fault that decoding can find', () => {
    const untested = new Set<string>(Object.keys(faults));
    for (const [, , code] of faulty) untested.delete(code);
    assert.deepEqual([...untested], ['unknown-tag']);
  });

  it('refuses invalid UTF-8 in long texts, ASCII at the start or not', () => {
    for (const good of ['a', '안'])
      for (const length of [60, 70, 600, 5000]) {
        const text = Buffer.concat([Buffer.from(good.repeat(length)), hex('80')]);
        const bytes = Buffer.concat([hex(`${header} 45 03`), text, hex('00 01')]);
        assert.throws(() => decode(bytes), { code: 'invalid-utf8', offset: 6 });
      }
  });

  it('reads texts of every length around its thresholds', () => {
    for (const unit of ['a', 'é', '안', '😀'])
      for (const length of [1, 12, 13, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 20_000]) {
        const tree = new Element(
          AirSync.Sync,
          ['x', unit.repeat(length), 'y'].map((text) => new Element(AirSync.Status, text)),
        );
        assert.deepStrictEqual(decode(encode(tree)), tree);
      }
  });

  it('gives opaque values as views on the input', () => {
    const bytes = hex(`${header} 45 c3 02 61 62 01`);
    const { content } = decode(bytes);
    assert.ok(Buffer.isBuffer(content));
    assert.equal(content.buffer, bytes.buffer);
  });

  it('answers a length of 4 GB and 10,000 levels in no time and no memory', () => {
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => decode(hex(`${header} 45 c3 8f ff ff ff 7f`)), WbxmlError);
    assert.throws(() => decode(Buffer.concat([hex(header), Buffer.alloc(10_000, 0x45)])), {
      code: 'depth-limit',
      offset: 104,
    });
    assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
  });

  describe('where unknown elements are skipped', () => {
    const skip = (body: string): Element => decode(hex(header + body), { unknown: 'skip' });
    const status = new Element(AirSync.Sync, [new Element(AirSync.Status, '1')]);

    it('drops an empty unknown element', () => assert.deepStrictEqual(skip('45 11 4e 03 31 00 01 01'), status));
    it('drops one with text', () => assert.deepStrictEqual(skip('45 51 03 61 00 01 4e 03 31 00 01 01'), status));
    it('drops one with known and unknown elements in it, and keeps the page it left', () => {
      assert.deepStrictEqual(
        skip('45 51 4f 11 01 00 02 45 01 01 14 00 00 4e 03 31 00 01 01'),
        new Element(AirSync.Sync, [new Element(Email.Subject), new Element(AirSync.Status, '1')]),
      );
    });
    it('drops one beside text without taking it for mixed content', () => {
      assert.deepStrictEqual(skip('45 03 61 00 11 01'), new Element(AirSync.Sync, 'a'));
    });
    it('still counts it towards the limits', () => {
      assert.throws(() => decode(hex(`${header} 45 51 51 01 01 01`), { unknown: 'skip', maxDepth: 2 }), {
        code: 'depth-limit',
      });
      assert.throws(() => decode(hex(`${header} 45 11 11 01`), { unknown: 'skip', maxElements: 2 }), {
        code: 'element-limit',
      });
    });
  });
});
