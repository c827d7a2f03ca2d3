// Random element trees and random damage to documents, for property tests and fuzzing.
import fc from 'fast-check';
import { type Content, Element, tagsById } from '../../wbxml/index.ts';

const tags = tagsById.filter((tag) => tag !== undefined);

/** Text that the encoder writes as it is: no forbidden characters, never empty. */
const text = fc
  .oneof(
    fc.string({ minLength: 1, unit: 'grapheme-composite', maxLength: 30 }),
    fc.string({ minLength: 1, unit: 'binary', maxLength: 100 }),
    fc
      .tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 3000 }))
      .map(([unit, n]) => unit.repeat(n)),
    fc
      .tuple(fc.constantFrom('é', '안녕', '😀', 'ab'), fc.integer({ min: 1, max: 3000 }))
      .map(([unit, n]) => unit.repeat(n)),
  )
  .map((value) => value.replace(/[^\t\n\r\x20-\ufffd\u{10000}-\u{10ffff}]/gu, 'x'));

const opaque = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 8000, max: 9000 }).map((length) => Buffer.alloc(length, 0x01)),
);

/** Trees as decoding makes them: no empty texts, opaque values or lists. */
export const elementTree: fc.Arbitrary<Element> = fc.letrec<{ element: Element; content: Content }>((tie) => ({
  content: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    text,
    fc.constant(undefined),
    opaque,
    fc.array(tie('element'), { minLength: 1, maxLength: 6 }),
  ),
  element: fc.tuple(fc.constantFrom(...tags), tie('content')).map(([tag, content]) => new Element(tag, content)),
})).element;

/** A change to a document: some bytes at a place (as a fraction of the length) replaced by others. */
export const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.integer({ min: 0, max: 8 }),
  // Tokens with a meaning of their own come more often than chance would have it.
  inserted: fc.array(fc.oneof(fc.constantFrom(0x00, 0x01, 0x03, 0x45, 0xc3, 0x80, 0xff), fc.nat(255)), {
    maxLength: 8,
  }),
});

/** The document with the damage done. */
export function damaged(
  bytes: Buffer,
  { at, removed, inserted }: { at: number; removed: number; inserted: number[] },
): Buffer {
  const place = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(inserted), bytes.subarray(place + removed)]);
}
