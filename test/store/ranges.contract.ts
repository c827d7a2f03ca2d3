// Contract of every engine: ranges of items, held against a plain list of what there should be.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Counter, FolderId, ItemId, MailboxId } from '../../src/protocol/ids.ts';
import type { BackfillCursor, Item, ItemChange, ItemWrite } from '../../src/store/mailbox-store.ts';
import type { Store } from '../../src/store/store.ts';
import { contract, mail, office, written } from './engine.ts';

/** A random step: which item (modulo those there are), what, and with which date. */
interface Step {
  readonly kind: 'create' | 'update' | 'delete' | 'move';
  readonly pick: number;
  readonly date: number;
  /** Added to the date for the filter date: 0 for mail. */
  readonly shift: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step['kind']>('create', 'create', 'create', 'update', 'delete', 'move'),
  pick: fc.nat(100),
  date: fc.nat(12),
  shift: fc.constantFrom(0, 0, 3, -3),
});

/** What there should be, as the plainest of lists. */
class Model {
  readonly items: Item[] = [];
  readonly buried: ItemChange[] = [];

  changes(folder: FolderId, after: Counter, createdUpTo: Counter): ItemChange[] {
    const items = this.items
      .filter(({ folderId, created }) => folderId === folder && created <= createdUpTo)
      .map((item): ItemChange => ({ kind: 'item', at: item.changed, item }));
    const buried = this.buried.filter((change) => change.kind === 'tombstone' && change.tombstone.folderId === folder);
    return [...items, ...buried].filter(({ at }) => at > after).sort((a, b) => a.at - b.at);
  }

  backfill(folder: FolderId, snapshot: Counter, cursor: BackfillCursor | undefined, floor: number): Item[] {
    return this.items
      .filter((item) => item.folderId === folder && item.created <= snapshot && item.filterDate >= floor)
      .sort((a, b) => b.sortDate - a.sortDate || b.id - a.id)
      .filter(({ sortDate, id }) => {
        if (cursor === undefined) return true;
        return sortDate < cursor.sortDate || (sortDate === cursor.sortDate && id < cursor.id);
      });
  }

  created(folder: FolderId, after: Counter, floor: number): Item[] {
    return this.items
      .filter((item) => item.folderId === folder && item.created > after && item.filterDate >= floor)
      .sort((a, b) => a.created - b.created);
  }

  fallen(folder: FolderId, from: number, to: number): Item[] {
    return this.items
      .filter((item) => item.folderId === folder && item.filterDate >= from && item.filterDate < to)
      .sort((a, b) => a.filterDate - b.filterDate || a.id - b.id);
  }
}

function writeOf(step: Step, items: readonly Item[], folders: readonly [FolderId, FolderId]): ItemWrite {
  const item = items[step.pick % Math.max(1, items.length)];
  const filterDate = step.date + step.shift;
  if (item === undefined || step.kind === 'create') {
    return mail(folders[step.pick % 2 === 0 ? 0 : 1], step.date, { filterDate });
  }
  if (step.kind === 'delete') return { kind: 'delete', itemId: item.id };
  if (step.kind === 'move') return { kind: 'move', itemId: item.id, to: folders[item.folderId === folders[0] ? 1 : 0] };
  const redated = step.shift === 3 ? { filterDate } : {};
  return { kind: 'update', itemId: item.id, properties: { n: step.pick }, expected: item.changed, ...redated };
}

/** Does the step in the store and in the model. */
async function take(store: Store, mailbox: MailboxId, model: Model, write: ItemWrite): Promise<void> {
  const [itemId] = await written(store, mailbox, [write]);
  const counter = await store.mailboxes.counter(mailbox);
  const touched = 'itemId' in write ? write.itemId : undefined;
  const index = model.items.findIndex(({ id }) => id === touched);
  if (index >= 0) {
    const [{ id, folderId, created, createdBy, sortDate, filterDate }] = model.items.splice(index, 1) as [Item];
    if (write.kind !== 'update') {
      const deleted = write.kind === 'move' ? counter - 1 : counter;
      const tombstone = { id, folderId, created, createdBy, deleted, deletedBy: 0 as const, sortDate, filterDate };
      model.buried.push({ kind: 'tombstone', at: deleted, tombstone });
    }
  }
  if (write.kind === 'delete') return;
  const item = await store.mailboxes.item(mailbox, itemId!);
  assert.ok(item);
  model.items.push(item);
}

export const rangesContract = contract('ranges of items', (context) => {
  it('changesAfter, createdAfter, backfill, countBackfill and fallen give what a plain list gives', async function () {
    this.timeout(60_000);
    const { store } = context;
    let number = 0;
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 30 }),
      fc.record({ limit: fc.integer({ min: 1, max: 7 }), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ floor: fc.integer({ min: -4, max: 14 }), to: fc.integer({ min: -4, max: 14 }) }),
      async (steps, { limit, part }, { floor, to }) => {
        const { mailbox, inbox, sent } = await office(store, `user${number++}`);
        const base = await store.mailboxes.counter(mailbox);
        const model = new Model();
        for (const each of steps) await take(store, mailbox, model, writeOf(each, model.items, [inbox, sent]));
        const counter = await store.mailboxes.counter(mailbox);
        const snapshot = base + Math.round(part * (counter - base));
        for (const folder of [inbox, sent]) {
          await compare(store, { mailbox, folder, limit, snapshot, floor, to, counter }, model);
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('a walk of many items of one date misses none and gives none twice', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const ids = await written(
      store,
      mailbox,
      Array.from({ length: 50 }, () => mail(inbox, 5)),
    );
    const seen: ItemId[] = [];
    let cursor: BackfillCursor | undefined;
    for (;;) {
      const range = { snapshot: Number.MAX_SAFE_INTEGER, cursor, floor: 0, limit: 7 };
      const items = await store.mailboxes.backfill(mailbox, inbox, range);
      const last = items.at(-1);
      if (last === undefined) break;
      seen.push(...items.map(({ id }) => id));
      cursor = { sortDate: last.sortDate, id: last.id };
    }
    assert.deepEqual(
      seen,
      ids.sort((a, b) => b - a),
    );
  });

  it('a filter date may be any number of milliseconds, also infinite bounds', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const far = 8_640_000_000_000_000;
    const ids = await written(store, mailbox, [
      mail(inbox, -far),
      mail(inbox, 0, { filterDate: far }),
      mail(inbox, far),
    ]);
    const range = { snapshot: Number.MAX_SAFE_INTEGER, cursor: undefined, floor: Number.NEGATIVE_INFINITY, limit: 9 };
    const items = await store.mailboxes.backfill(mailbox, inbox, range);
    assert.deepEqual(
      items.map(({ id }) => id),
      ids.reverse(),
    );
  });
});

interface Question {
  readonly mailbox: MailboxId;
  readonly folder: FolderId;
  readonly limit: number;
  readonly snapshot: Counter;
  readonly floor: number;
  readonly to: number;
  readonly counter: Counter;
}

async function compare(store: Store, question: Question, model: Model): Promise<void> {
  const { mailbox, folder, limit, snapshot, floor, to, counter } = question;
  const { mailboxes } = store;
  for (const createdUpTo of [undefined, snapshot]) {
    const expected = model.changes(folder, snapshot, createdUpTo ?? Number.MAX_SAFE_INTEGER);
    const given = await mailboxes.changesAfter(mailbox, folder, snapshot, limit, createdUpTo);
    assert.deepEqual(given.changes, expected.slice(0, limit));
    assert.equal(given.more, expected.length > limit);
    assert.equal(given.reached, given.more ? expected[limit - 1]?.at : counter);
  }
  const created = model.created(folder, snapshot, floor);
  const range = { after: snapshot, floor };
  assert.deepEqual(await mailboxes.createdAfter(mailbox, folder, { ...range, limit }), created.slice(0, limit));
  assert.equal(await mailboxes.countCreatedAfter(mailbox, folder, range), created.length);

  const all = model.backfill(folder, snapshot, undefined, floor);
  const places = [undefined, ...all.map(({ sortDate, id }) => ({ sortDate, id }))];
  for (const cursor of places) {
    const expected = model.backfill(folder, snapshot, cursor, floor);
    const given = await mailboxes.backfill(mailbox, folder, { snapshot, cursor, floor, limit });
    assert.deepEqual(given, expected.slice(0, limit));
    assert.equal(await mailboxes.countBackfill(mailbox, folder, { snapshot, cursor, floor }), expected.length);
  }

  const fallen = model.fallen(folder, floor, to);
  for (const at of [undefined, ...fallen]) {
    const cursor = at && { filterDate: at.filterDate, id: at.id };
    const rest = at === undefined ? fallen : fallen.slice(fallen.indexOf(at) + 1);
    const given = await mailboxes.fallen(mailbox, folder, { from: floor, to, cursor, limit });
    assert.deepEqual(given, rest.slice(0, limit));
  }
}
