// Values of elements: what is read, what is refused, what is written (MS-ASDTYPE section 2, Data Types).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Leaf } from '../../src/protocol/schema.ts';
import { base64, compactDateTime, dateTime, flag, integer, octets, present, text } from '../../src/protocol/values.ts';
import { AirSync, type Content, Element } from '../../wbxml/index.ts';

const elements: Content = [new Element(AirSync.Status, '1')];
const binary = Buffer.from([0xff, 0x00]);

/** Contents and what each is read as; undefined when it is refused. */
function reads<T>(leaf: Leaf<T>, rows: readonly (readonly [content: Content, value: T | undefined])[]) {
  for (const [content, value] of rows) assert.deepEqual(leaf.read(content), value, String(content));
}

const moment = Date.UTC(2026, 10, 23, 21, 52, 7, 45);
const anyTime = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('values of elements', () => {
  it('reads text between its bounds, and an empty element as none', () => {
    reads(text(), [
      ['abc', 'abc'],
      [undefined, ''],
      ['', ''],
      [elements, undefined],
      [binary, undefined],
    ]);
    reads(text({ min: 2, max: 3 }), [
      ['a', undefined],
      ['ab', 'ab'],
      ['abc', 'abc'],
      ['abcd', undefined],
      [undefined, undefined],
    ]);
    assert.equal(text().read('x'.repeat(1024 * 1024))?.length, 1024 * 1024);
    assert.equal(text().read('x'.repeat(1024 * 1024 + 1)), undefined);
    assert.equal(text().write(''), undefined, 'an empty element has no content');
  });

  it('reads whole numbers in their range (MS-ASDTYPE R86)', () => {
    reads(integer(), [
      ['0', 0],
      ['+7', 7],
      [' 12 ', 12],
      ['007', 7],
      ['2147483647', 2 ** 31 - 1],
      ['2147483648', undefined],
      ['-1', undefined],
      ['', undefined],
      [undefined, undefined],
      ['1.5', undefined],
      ['1e3', undefined],
      ['0x10', undefined],
      ['٣', undefined],
      ['99999999999', undefined],
      ['NaN', undefined],
      [elements, undefined],
      [binary, undefined],
    ]);
    reads(integer({ min: -5, max: 5 }), [
      ['-5', -5],
      ['-6', undefined],
      ['5', 5],
      ['6', undefined],
    ]);
    reads(integer({ whenEmpty: 1 }), [
      ['', 1],
      [undefined, 1],
      [' ', 1],
    ]);
  });

  it('reads booleans, an empty element as true (MS-ASDTYPE R5, R6)', () => {
    reads(flag, [
      ['1', true],
      ['0', false],
      ['', true],
      [undefined, true],
      ['true', true],
      ['false', false],
    ]);
    reads(flag, [
      ['2', undefined],
      ['yes', undefined],
      ['TRUE', undefined],
      ['-1', undefined],
      [elements, undefined],
      [binary, undefined],
    ]);
    assert.deepEqual([flag.write(true), flag.write(false)], ['1', '0']);
  });

  it('reads elements that say something by being there', () => {
    reads(present, [
      [undefined, true],
      ['', true],
      ['1', true],
      ['0', undefined],
      [elements, undefined],
      [binary, undefined],
    ]);
    assert.equal(present.write(true), undefined);
  });

  it('reads dates as mail writes them (MS-ASDTYPE R15)', () => {
    reads(dateTime, [
      ['2026-11-23T21:52:07.045Z', moment],
      ['2026-11-23T21:52:07Z', moment - 45],
      ['2026-11-23T21:52:07.0Z', moment - 45],
      ['2024-02-29T00:00:00.000Z', Date.UTC(2024, 1, 29)],
      ['2024-02-28T24:00:00.000Z', Date.UTC(2024, 1, 29)],
      ['1969-12-31T23:59:59.999Z', -1],
    ]);
    const wrong = [
      '',
      'now',
      '2026-11-23',
      '2026-11-23T21:52:07',
      '2026-11-23T21:52:07+01:00',
      '2026-11-23 21:52:07Z',
      '20261123T215207Z',
      '2026-13-01T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2025-02-29T00:00:00Z',
      '2026-01-00T00:00:00Z',
      '2026-01-01T25:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:60Z',
      '2026-11-23T21:52:07.1234Z',
      'x2026-11-23T21:52:07Z',
    ];
    reads(
      dateTime,
      wrong.map((each) => [each, undefined] as const),
    );
    reads(dateTime, [
      [undefined, undefined],
      [elements, undefined],
      [binary, undefined],
    ]);
    assert.equal(dateTime.write(moment), '2026-11-23T21:52:07.045Z');
  });

  it('reads dates as calendars write them, without punctuation (MS-ASDTYPE R18)', () => {
    reads(compactDateTime, [
      ['20261123T215207Z', moment - 45],
      ['20240229T000000Z', Date.UTC(2024, 1, 29)],
    ]);
    const wrong = [
      '',
      '20261123',
      '20261123T215207',
      '20260230T000000Z',
      '20261301T000000Z',
      '2026-11-23T21:52:07Z',
      '20261123T245200Z ',
    ];
    reads(
      compactDateTime,
      wrong.map((each) => [each, undefined] as const),
    );
    assert.equal(compactDateTime.write(moment), '20261123T215207Z');
  });

  it('reads octets as base64 and as they are (MS-ASDTYPE R97)', () => {
    reads(base64, [
      ['AAEC', Buffer.from([0, 1, 2])],
      ['AA==', Buffer.from([0])],
      ['AA E\r\nC', Buffer.from([0, 1, 2])],
      ['', Buffer.alloc(0)],
    ]);
    reads(base64, [
      ['A', undefined],
      ['AA', undefined],
      ['AA=A', undefined],
      ['A-_A', undefined],
      ['====', undefined],
      [binary, undefined],
    ]);
    reads(octets, [
      [binary, binary],
      ['é', Buffer.from([0xc3, 0xa9])],
      [undefined, Buffer.alloc(0)],
      [elements, undefined],
    ]);
  });

  it('reads what it writes', () => {
    const same = <T>(leaf: Leaf<T>, values: fc.Arbitrary<T>) =>
      fc.assert(fc.property(values, (value) => assert.deepEqual(leaf.read(leaf.write(value)), value)));
    same(text(), fc.string({ unit: 'grapheme' }));
    same(integer({ min: -(2 ** 31) }), fc.integer());
    same(flag, fc.boolean());
    same(
      dateTime,
      anyTime.map((date) => date.getTime()),
    );
    same(
      compactDateTime,
      anyTime.map((date) => Math.floor(date.getTime() / 1000) * 1000),
    );
    same(
      base64,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    same(
      octets,
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
  });

  it('never throws, whatever it reads', () => {
    const contents = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.constant(undefined),
      fc.constant(elements),
    );
    const leaves: Leaf<unknown>[] = [text(), integer(), flag, present, dateTime, compactDateTime, base64, octets];
    fc.assert(fc.property(contents, fc.constantFrom(...leaves), (content, leaf) => void leaf.read(content)));
  });
});
