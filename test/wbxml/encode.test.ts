// Encoding, by documents written out in hex: page switches, lengths, chunks, and what is never written.
import assert from 'node:assert/strict';
import { AirSync, AirSyncBase, decode, Element, encode, encodeChunks, Ping, Tag } from '../../wbxml/index.ts';

const header = '03016a00';
const body = (tree: Element): string => encode(tree).toString('hex').slice(header.length);
const text = (value: string): string => `${decode(encode(new Element(AirSync.Status, value))).content}`;

describe('wbxml encoder', () => {
  it('begins with WBXML 1.3, public identifier 1, UTF-8, no string table', () => {
    assert.equal(encode(new Element(AirSync.Sync)).toString('hex'), '03016a0005');
  });

  it('switches the page only when it changes, and keeps it over END', () => {
    const tree = new Element(AirSync.Sync, [
      new Element(AirSync.ApplicationData, [new Element(AirSyncBase.Body, [new Element(AirSyncBase.Type, '1')])]),
      new Element(AirSyncBase.Data),
      new Element(AirSync.Status),
    ]);
    assert.equal(body(tree), '455d00114a4603310001010' + '10b00000e01');
    assert.equal(body(new Element(Ping.Ping)), '000d05');
  });

  it('sets no content bit on an element that holds nothing', () => {
    for (const nothing of [undefined, '', [], Buffer.alloc(0)])
      assert.equal(body(new Element(AirSync.Sync, nothing)), '05');
  });

  it('writes opaque lengths in their shortest form', () => {
    const lengths: [number, string][] = [
      [1, '01'],
      [127, '7f'],
      [128, '8100'],
      [16383, 'ff7f'],
      [16384, '818000'],
      [2_097_151, 'ffff7f'],
      [2_097_152, '81808000'],
    ];
    for (const [length, digits] of lengths) {
      const value = Buffer.alloc(length, 'x');
      const expected = Buffer.concat([Buffer.from(`${header}45c3${digits}`, 'hex'), value, Buffer.from('01', 'hex')]);
      assert.ok(encode(new Element(AirSync.Sync, value)).equals(expected));
    }
  });

  it('hands out large opaque values by reference', () => {
    const value = Buffer.alloc(100_000, 'x');
    const chunks = encodeChunks(new Element(AirSync.Sync, [new Element(AirSync.Status, value)]));
    assert.ok(chunks.includes(value));
    assert.equal(chunks.length, 3);
  });

  it('never writes again to a chunk that it handed out', () => {
    const tree = new Element(
      AirSync.Sync,
      Array.from({ length: 3000 }, (_, i) => new Element(AirSync.Status, `text ${i} é`)),
    );
    const first = encodeChunks(tree);
    const copy = Buffer.concat(first);
    for (let round = 0; round < 50; round++) encode(new Element(AirSync.Sync, 'other'.repeat(5000)));
    assert.ok(Buffer.concat(first).equals(copy));
  });

  it('keeps what was handed out whole when an encoding fails half way', () => {
    const before = encode(new Element(AirSync.Sync, 'before'));
    const foreign = new Element(new Tag(0, 0x3f, 'Foreign', 'AirSync'));
    assert.throws(() => encode(new Element(AirSync.Sync, [new Element(AirSync.Status, 'x'.repeat(9000)), foreign])), {
      code: 'unknown-tag',
      offset: 9009,
    });
    const after = encode(new Element(AirSync.Sync, 'after'));
    assert.equal(decode(before).content, 'before');
    assert.equal(decode(after).content, 'after');
  });

  it('refuses tags that only look like those of a code page', () => {
    for (const tag of [new Tag(0, 5, 'Sync', 'AirSync'), new Tag(26, 5, 'Sync', 'AirSync'), new Tag(-1, 0, '', '')])
      assert.throws(() => encode(new Element(tag)), { name: 'WbxmlError', code: 'unknown-tag' });
  });

  it('refuses a tree that contains itself', () => {
    const element = new Element(AirSync.Sync);
    element.content = [element];
    assert.throws(() => encode(element), { name: 'WbxmlError', code: 'depth-limit' });
  });

  describe('repairs texts, whatever their length', () => {
    const lengths = [0, 1, 38, 39, 40, 41, 3000, 10_000];
    for (const [kind, length] of ['p', 'é', '안', '😀'].flatMap((kind) =>
      lengths.map((length) => [kind, length] as const),
    )) {
      const pad = kind.repeat(length);
      it(`${length} times ${kind} before and after`, () => {
        assert.equal(text(`${pad}\0\x01EN\x03x${pad}`), `${pad}  EN x${pad}`);
        assert.equal(text(`${pad}\t\r\n\x0b\x0c\x1b\x7f${pad}`), `${pad}\t\r\n   \x7f${pad}`);
        assert.equal(text(`${pad}a\ud800b\udc00${pad}`), `${pad}a\ufffdb\ufffd${pad}`);
        assert.equal(text(`${pad}\ufffe안\ufffe${pad}`), `${pad}\ufffd안\ufffd${pad}`);
        assert.equal(text(`${pad}\uffff\ufeff${pad}`), `${pad}\uffff\ufeff${pad}`);
      });
    }

    it('every control character at every place in a word', () => {
      for (let code = 0; code < 0x20; code++)
        for (let at = 0; at < 8; at++) {
          const value = `${'x'.repeat(60 + at)}${String.fromCharCode(code)}${'x'.repeat(60 - at)}`;
          const kept = code === 9 || code === 10 || code === 13;
          assert.equal(text(value), kept ? value : value.replace(String.fromCharCode(code), ' '));
        }
    });

    it('without touching a neighbouring text or opaque value', () => {
      const opaque = Buffer.from('\0\x01\ufffe');
      const tree = new Element(AirSync.Sync, [
        new Element(AirSync.Status, opaque),
        new Element(AirSync.Status, '\ufffe'.repeat(50)),
        new Element(AirSync.Status, opaque),
      ]);
      const [first, , last] = decode(encode(tree)).content as Element[];
      assert.deepEqual([first?.content, last?.content], [opaque, opaque]);
    });
  });
});
