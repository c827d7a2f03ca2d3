// Schemas: what is read of a document, what is refused and why, what is written at which version (MS-ASCMD section 2.2, Message Syntax).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDocument, readElement, SchemaError, type SchemaFault } from '../../src/protocol/read.ts';
import { documentOf, elementItself, many, one, optional, raw, sequence, struct } from '../../src/protocol/schema.ts';
import { dateTime, flag, integer, octets, present, text } from '../../src/protocol/values.ts';
import { formatVersion, type ProtocolVersion, parseVersion, protocolVersions } from '../../src/protocol/version.ts';
import { writeDocument, writeFields } from '../../src/protocol/write.ts';
import { AirSync as A, type Content, decode, Element, encode, type Tag } from '../../wbxml/index.ts';

const el = (tag: Tag, content?: Content) => new Element(tag, content);

const inner = struct({ key: one(A.SyncKey, text({ max: 8 })), status: optional(A.Status, integer({ max: 9 })) });
const commands = sequence({ Add: one(A.Add, text()), Delete: one(A.Delete, inner, { since: 14 }) });
const type = struct({
  id: one(A.CollectionId, text({ min: 1 })),
  window: optional(A.WindowSize, integer()),
  filter: optional(A.FilterType, integer(), { repeated: 'last' }),
  list: many(A.Collection, inner, { max: 2 }),
  modern: one(A.ConversationMode, flag, { since: 14.1 }),
  old: optional(A.Class, text(), { until: 12.1 }),
  commands: optional(A.Commands, commands),
  children: optional(A.Supported, raw),
  itself: optional(A.ApplicationData, elementItself),
});
const document = documentOf(A.Sync, type);
const id = () => el(A.CollectionId, '5');
const modern = () => el(A.ConversationMode, '1');

/** The fault and the place that reading gives. */
function faultOf(children: Content, version: ProtocolVersion = 16.1, root: Tag = A.Sync): [SchemaFault, string] {
  try {
    readDocument(document, el(root, children), version);
  } catch (error) {
    assert.ok(error instanceof SchemaError, String(error));
    assert.equal(error.message, `${error.fault}: ${error.path}`);
    return [error.fault, error.path];
  }
  return assert.fail('it was read');
}

describe('schemas', () => {
  it('reads fields in any order, leaves what is not there undefined and lists empty', () => {
    const found = readDocument(document, el(A.Sync, [el(A.WindowSize, '7'), modern(), id()]), 16.1);
    assert.deepEqual(found, { id: '5', window: 7, modern: true, list: [] });
  });

  it('says what is wrong and where', () => {
    const rows: readonly [Content, SchemaFault, string][] = [
      [undefined, 'missing', 'Sync/CollectionId'],
      [[id()], 'missing', 'Sync/ConversationMode'],
      [[id(), id(), modern()], 'repeated', 'Sync/CollectionId'],
      [[id(), modern(), el(A.MoreAvailable)], 'unexpected', 'Sync/MoreAvailable'],
      [[id(), modern(), el(A.WindowSize, 'x')], 'invalid', 'Sync/WindowSize'],
      [[id(), modern(), el(A.WindowSize, [])], 'invalid', 'Sync/WindowSize'],
      [[id(), modern(), el(A.Collection, [el(A.Status, '1')])], 'missing', 'Sync/Collection/SyncKey'],
      [[id(), modern(), el(A.Collection, 'text')], 'invalid', 'Sync/Collection'],
      [
        [id(), modern(), ...[1, 2, 3].map((n) => el(A.Collection, [el(A.SyncKey, `${n}`)]))],
        'too-many',
        'Sync/Collection',
      ],
      [[id(), modern(), el(A.Commands, [el(A.Change, 'x')])], 'unexpected', 'Sync/Commands/Change'],
      [[id(), modern(), el(A.Class, 'x')], 'not-in-version', 'Sync/Class'],
      ['text', 'invalid', 'Sync'],
      [Buffer.from('x'), 'invalid', 'Sync'],
    ];
    for (const [children, fault, path] of rows) assert.deepEqual(faultOf(children), [fault, path]);
    assert.deepEqual(faultOf([id()], 16.1, A.Status), ['unexpected', 'Status']);
    const early = [id(), el(A.Commands, [el(A.Delete, [el(A.SyncKey, '1')])])];
    assert.deepEqual(faultOf(early, 12.1), ['not-in-version', 'Sync/Commands/Delete']);
    assert.deepEqual(faultOf([id(), modern()], 14), ['not-in-version', 'Sync/ConversationMode']);
  });

  it('demands at each version only what that version has', () => {
    assert.deepEqual(readDocument(document, el(A.Sync, [id(), el(A.Class, 'c')]), 12.1), {
      id: '5',
      old: 'c',
      list: [],
    });
    assert.deepEqual(readDocument(document, el(A.Sync, [id()]), 14), { id: '5', list: [] });
  });

  it('takes the last of an element that may stand twice', () => {
    const filters = [el(A.FilterType, '1'), el(A.FilterType, '2')];
    assert.equal(readDocument(document, el(A.Sync, [id(), modern(), ...filters]), 16.1).filter, 2);
  });

  it('passes over unknown and later elements where it is told to, but not over wrong ones', () => {
    const loose = struct(
      { read: optional(A.Status, integer()), later: optional(A.Class, text(), { since: 16 }) },
      { unknown: 'skip' },
    );
    const element = el(A.ApplicationData, [el(A.Sync, 'x'), el(A.Class, 'c'), el(A.Status, '3')]);
    assert.deepEqual(readElement(loose, element, 14), { read: 3 });
    assert.deepEqual(readElement(loose, element, 16), { read: 3, later: 'c' });
    assert.throws(() => readElement(loose, el(A.ApplicationData, [el(A.Status, 'x')]), 16), SchemaError);
  });

  it('keeps to an order where there is one', () => {
    const ordered = struct(
      { a: optional(A.Add, text()), b: many(A.Delete, text()), c: optional(A.Change, text()) },
      { ordered: true },
    );
    const read = (...tags: Tag[]) =>
      readElement(
        ordered,
        el(
          A.Commands,
          tags.map((tag) => el(tag, 'x')),
        ),
        14,
      );
    assert.deepEqual(read(A.Add, A.Delete, A.Delete, A.Change), { a: 'x', b: ['x', 'x'], c: 'x' });
    for (const tags of [
      [A.Delete, A.Add],
      [A.Change, A.Delete],
      [A.Delete, A.Change, A.Delete],
    ]) {
      assert.throws(
        () => read(...tags),
        (error) => error instanceof SchemaError && error.fault === 'out-of-order',
      );
    }
  });

  it('keeps the order of a sequence and which kind each member is', () => {
    const children = [el(A.Add, 'a'), el(A.Delete, [el(A.SyncKey, 'k')]), el(A.Add, 'b')];
    const { commands: found } = readDocument(document, el(A.Sync, [id(), modern(), el(A.Commands, children)]), 16);
    assert.deepEqual(found, [
      { kind: 'Add', value: 'a' },
      { kind: 'Delete', value: { key: 'k' } },
      { kind: 'Add', value: 'b' },
    ]);
  });

  it('hands on children and elements as they stand', () => {
    const item = el(A.ApplicationData, [el(A.Status, '1')]);
    const value = readDocument(document, el(A.Sync, [id(), modern(), el(A.Supported, [el(A.Class)]), item]), 16);
    assert.deepEqual(value.children, [el(A.Class)]);
    const itself = (value as { itself?: unknown }).itself;
    assert.equal(itself, item);
    assert.deepEqual(faultOf([id(), modern(), el(A.Supported, 'text')]), ['invalid', 'Sync/Supported']);
  });

  it('writes fields in the order of the table, whatever the order of the value', () => {
    const value = { list: [{ status: 1, key: 'k' }], modern: false, window: 3, id: '5' };
    const names = (element: Element) => (element.content as readonly Element[]).map(({ tag }) => tag.name);
    const root = writeDocument(document, value, 16.1);
    assert.deepEqual(names(root), ['CollectionId', 'WindowSize', 'Collection', 'ConversationMode']);
    assert.deepEqual(names((root.content as readonly Element[])[2]!), ['SyncKey', 'Status']);
  });

  it('leaves out what a version lacks', () => {
    const names = (version: ProtocolVersion) =>
      writeFields(type, { id: '5', modern: true, old: 'o', list: [] }, version).map(({ tag }) => tag.name);
    assert.deepEqual(names(12.1), ['CollectionId', 'Class']);
    assert.deepEqual(names(14), ['CollectionId']);
    assert.deepEqual(names(14.1), ['CollectionId', 'ConversationMode']);
  });

  it('does not write a document that lacks what it must have', () => {
    assert.throws(() => writeFields(type, { list: [], modern: true } as never, 14), /CollectionId/);
    assert.throws(
      () => writeFields(struct({ c: one(A.Commands, commands) }), { c: [{ kind: 'Fetch', value: 'x' }] } as never, 14),
      /Fetch/,
    );
  });

  it('knows the versions by their names', () => {
    assert.deepEqual(protocolVersions.map(formatVersion), ['12.1', '14.0', '14.1', '16.0', '16.1']);
    for (const version of protocolVersions) assert.equal(parseVersion(formatVersion(version)), version);
    for (const name of ['', '14', '12.0', '2.5', '16.2', '14.10', ' 14.1', '1.4e1'])
      assert.equal(parseVersion(name), undefined, name);
  });

  it('reads what it writes, also through WBXML', () => {
    const whole = struct({
      text: one(A.SyncKey, text()),
      number: optional(A.WindowSize, integer()),
      list: many(A.Collection, struct({ id: one(A.CollectionId, text()), more: optional(A.MoreAvailable, present) })),
      commands: optional(A.Commands, sequence({ Add: one(A.Add, octets), Change: one(A.Change, dateTime) })),
      flag: optional(A.GetChanges, flag),
    });
    const plain = fc.string({ unit: 'grapheme-ascii' });
    const entry = fc.record(
      { id: plain, more: fc.constant(true as const) },
      { requiredKeys: ['id'], noNullPrototype: true },
    );
    const command = fc.oneof(
      fc.record(
        {
          kind: fc.constant('Add' as const),
          value: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
        },
        { noNullPrototype: true },
      ),
      fc.record(
        {
          kind: fc.constant('Change' as const),
          value: fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }).map(Number),
        },
        { noNullPrototype: true },
      ),
    );
    const values = fc.record(
      {
        text: plain,
        number: fc.nat(),
        list: fc.array(entry),
        commands: fc.array(command, { minLength: 1 }),
        flag: fc.boolean(),
      },
      { requiredKeys: ['text', 'list'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(values, fc.constantFrom(...protocolVersions), (value, version) => {
        const root = writeDocument(documentOf(A.Sync, whole), value, version);
        assert.deepEqual(readDocument(documentOf(A.Sync, whole), root, version), value);
        assert.deepEqual(readDocument(documentOf(A.Sync, whole), decode(encode(root)), version), value);
      }),
    );
  });
});
