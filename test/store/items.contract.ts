// Contract of every engine: items, their writes, bodies and octets.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { FolderId, ItemId } from '../../src/protocol/ids.ts';
import { contract, derived, itemOf, mail, message, office, written, writtenOne } from './engine.ts';

export const itemsContract = contract('items', (context) => {
  it('creates an item and gives it back whole, with its message but without octets', async () => {
    const { store } = context;
    const { mailbox, inbox, phone } = await office(store, 'ada');
    const octets = Buffer.from('Subject: x\r\n\r\n\0\xff body', 'latin1');
    const properties = { read: false, categories: ['ä', '𝄞'], nested: { a: [1, null, true] } };
    const write = mail(inbox, 1_000, { properties, filterDate: 2_000, message: message(octets) });
    const id = await writtenOne(store, mailbox, write, phone);
    const counter = await store.mailboxes.counter(mailbox);
    assert.deepEqual(await store.mailboxes.item(mailbox, id), {
      id,
      folderId: inbox,
      contentClass: 'Email',
      created: counter,
      createdBy: phone,
      changed: counter,
      changedBy: phone,
      sortDate: 1_000,
      filterDate: 2_000,
      properties,
      message: {
        sha256: createHash('sha256').update(octets).digest('hex'),
        size: octets.length,
        derived: derived('a subject'),
      },
    });
  });

  it('gives items in the order asked for and leaves out what is not there', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const [a, b, c] = await written(store, mailbox, [mail(inbox, 1), mail(inbox, 2), mail(inbox, 3)]);
    await written(store, mailbox, [{ kind: 'delete', itemId: b! }]);
    const found = await store.mailboxes.items(mailbox, [c!, 999_999 as ItemId, b!, a!, c!]);
    assert.deepEqual(
      found.map(({ id }) => id),
      [c, a, c],
    );
  });

  it('an update keeps what it does not name, takes a counter value, and is not echoed unless asked', async () => {
    const { store } = context;
    const { mailbox, inbox, phone, tablet } = await office(store, 'ada');
    const id = await writtenOne(store, mailbox, mail(inbox, 7, { message: message('m') }), phone);
    const first = await itemOf(store, mailbox, id);
    const update = { kind: 'update' as const, itemId: id, properties: { read: true } };
    await written(store, mailbox, [{ ...update, expected: first.changed }], tablet);
    const second = await itemOf(store, mailbox, id);
    assert.deepEqual(second, {
      ...first,
      properties: { read: true },
      changed: first.changed + 1,
      changedBy: tablet,
    });
    await written(store, mailbox, [{ ...update, expected: second.changed, echo: true, filterDate: 9 }], tablet);
    const third = await itemOf(store, mailbox, id);
    assert.deepEqual(third, { ...second, changed: second.changed + 1, changedBy: 0, filterDate: 9 });
    assert.equal(third.createdBy, phone);
  });

  it('a stale expectation undoes the whole unit', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const [a, b] = await written(store, mailbox, [mail(inbox, 1), mail(inbox, 2)]);
    const before = await itemOf(store, mailbox, a!);
    const counter = await store.mailboxes.counter(mailbox);
    let published = 0;
    store.notifier.subscribe(mailbox, () => published++);
    const outcome = await store.mailboxes.write(
      mailbox,
      [
        { kind: 'update', itemId: a!, properties: { x: 1 }, expected: before.changed },
        mail(inbox, 3, { message: message('lost') }),
        { kind: 'delete', itemId: b! },
        { kind: 'update', itemId: a!, properties: { x: 2 }, expected: before.changed },
      ],
      0,
    );
    assert.deepEqual(outcome, { kind: 'stale' });
    assert.deepEqual(await store.mailboxes.item(mailbox, a!), before);
    assert.ok(await store.mailboxes.item(mailbox, b!));
    assert.equal(await store.mailboxes.counter(mailbox), counter);
    assert.equal(published, 0);
    assert.equal((await store.mailboxes.changesAfter(mailbox, inbox, counter, 10)).changes.length, 0);
  });

  it('what is gone is said for each write, and the others stand', async () => {
    const { store } = context;
    const { mailbox, inbox, sent } = await office(store, 'ada');
    const nothing = 999_999 as ItemId;
    const kept = await writtenOne(store, mailbox, mail(inbox, 1));
    const outcome = await store.mailboxes.write(
      mailbox,
      [
        { kind: 'update', itemId: nothing, properties: {}, expected: 1 },
        { kind: 'delete', itemId: nothing },
        { kind: 'move', itemId: nothing, to: sent },
        { kind: 'move', itemId: kept, to: 999_999 as FolderId },
        mail(999_999 as FolderId, 1),
        { kind: 'delete', itemId: kept },
        { kind: 'delete', itemId: kept },
      ],
      0,
    );
    assert.deepEqual(outcome, {
      kind: 'done',
      results: [
        { kind: 'gone' },
        { kind: 'gone' },
        { kind: 'gone' },
        { kind: 'gone' },
        { kind: 'gone' },
        { kind: 'done', itemId: kept },
        { kind: 'gone' },
      ],
    });
  });

  it('a delete leaves a tombstone that knows what the item was', async () => {
    const { store } = context;
    const { mailbox, inbox, phone, tablet } = await office(store, 'ada');
    const id = await writtenOne(store, mailbox, mail(inbox, 5, { filterDate: 6 }), tablet);
    const { created } = await itemOf(store, mailbox, id);
    await written(store, mailbox, [{ kind: 'delete', itemId: id }], phone);
    const deleted = await store.mailboxes.counter(mailbox);
    const { changes } = await store.mailboxes.changesAfter(mailbox, inbox, created, 10);
    const tombstone = { id, folderId: inbox, created, createdBy: tablet, deleted, deletedBy: phone };
    assert.deepEqual(changes, [
      { kind: 'tombstone', at: deleted, tombstone: { ...tombstone, sortDate: 5, filterDate: 6 } },
    ]);
  });

  for (const known of [true, false]) {
    it(`a move leaves a tombstone and makes a new item, ${known ? 'known to the device' : 'which the device hears of'}`, async () => {
      const { store } = context;
      const { mailbox, inbox, deleted, phone, tablet } = await office(store, 'ada');
      const write = mail(inbox, 5, { filterDate: 6, properties: { read: true }, message: message('octets') });
      const id = await writtenOne(store, mailbox, write, tablet);
      const before = await itemOf(store, mailbox, id);
      const move = { kind: 'move' as const, itemId: id, to: deleted, ...(known && { known }) };
      const moved = await writtenOne(store, mailbox, move, phone);
      assert.notEqual(moved, id);
      assert.equal(await store.mailboxes.item(mailbox, id), undefined);
      const by = known ? phone : 0;
      const counter = await store.mailboxes.counter(mailbox);
      assert.deepEqual(await store.mailboxes.item(mailbox, moved), {
        ...before,
        id: moved,
        folderId: deleted,
        created: counter,
        createdBy: by,
        changed: counter,
        changedBy: by,
      });
      const { changes } = await store.mailboxes.changesAfter(mailbox, inbox, before.created, 10);
      assert.equal(changes.length, 1);
      assert.ok(
        changes[0]?.kind === 'tombstone' && changes[0].tombstone.deletedBy === phone && changes[0].at < counter,
      );
      const [octets] = await store.mailboxes.bodies(mailbox, [{ itemId: moved, kind: 'octets' }]);
      assert.deepEqual(octets, Buffer.from('octets'));
    });
  }

  it('no two changes of a mailbox share a counter value, and ids are never used again', async () => {
    const { store } = context;
    const { mailbox, inbox, sent } = await office(store, 'ada');
    const ids = await written(store, mailbox, [mail(inbox, 1), mail(inbox, 1), mail(inbox, 1)]);
    const moved = await written(
      store,
      mailbox,
      ids.map((itemId) => ({ kind: 'move', itemId, to: sent })),
    );
    await written(
      store,
      mailbox,
      moved.map((itemId) => ({ kind: 'delete', itemId })),
    );
    const later = await written(store, mailbox, [mail(inbox, 1), mail(sent, 1)]);
    assert.equal(new Set([...ids, ...moved, ...later]).size, 8);
    const reopened = await context.reopen();
    const last = await writtenOne(reopened, mailbox, mail(inbox, 1));
    assert.ok(![...ids, ...moved, ...later].includes(last));
    const counters: number[] = [];
    for (const folder of [inbox, sent]) {
      const { changes } = await reopened.mailboxes.changesAfter(mailbox, folder, 0, 100);
      counters.push(...changes.map(({ at }) => at));
    }
    assert.equal(new Set(counters).size, counters.length);
  });

  it('bodies come as they were, in the order asked for, undefined where there is none', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const plain = 'plain ä 漢 𝄞\r\n'.repeat(1_000);
    const html = `<p>${plain}</p>`;
    const both = await writtenOne(store, mailbox, mail(inbox, 1, { message: message('both', { plain, html }) }));
    const empty = await writtenOne(store, mailbox, mail(inbox, 1, { message: message('') }));
    const contact = await writtenOne(store, mailbox, mail(inbox, 1, { contentClass: 'Contacts' }));
    const bodies = await store.mailboxes.bodies(mailbox, [
      { itemId: both, kind: 'html' },
      { itemId: empty, kind: 'html' },
      { itemId: both, kind: 'plain' },
      { itemId: empty, kind: 'plain' },
      { itemId: empty, kind: 'octets' },
      { itemId: contact, kind: 'plain' },
      { itemId: contact, kind: 'octets' },
      { itemId: 999_999 as ItemId, kind: 'octets' },
      { itemId: both, kind: 'octets' },
    ]);
    const none = undefined;
    assert.deepEqual(bodies, [html, none, plain, '', Buffer.alloc(0), none, none, none, Buffer.from('both')]);
  });

  for (const size of [1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 25_000_000]) {
    it(`octets in are octets out, whole and in ranges: ${size}`, async () => {
      const { store } = context;
      const { mailbox, inbox } = await office(store, 'ada');
      const octets = randomBytes(size);
      const id = await writtenOne(store, mailbox, mail(inbox, 1, { message: message(octets) }));
      const [whole] = await store.mailboxes.bodies(mailbox, [{ itemId: id, kind: 'octets' }]);
      assert.ok(Buffer.isBuffer(whole) && whole.equals(octets));
      const { message: stored } = await itemOf(store, mailbox, id);
      assert.equal(stored?.sha256, createHash('sha256').update(octets).digest('hex'));
      const edge = 256 * 1024;
      for (const [start, end] of [
        [0, 1],
        [size - 1, size],
        [edge - 1, edge + 1],
        [edge, edge + 10],
        [5, 3_000_000],
        [0, 0],
        [size, size + 5],
      ] as const) {
        const part = await store.mailboxes.partOctets(mailbox, id, { start, end });
        assert.ok(part?.equals(octets.subarray(start, end)), `${start} to ${end}`);
      }
    });
  }

  it('a replaced message gives its octets up and the new one is read', async () => {
    const { store } = context;
    const { mailbox, inbox } = await office(store, 'ada');
    const id = await writtenOne(store, mailbox, mail(inbox, 1, { message: message('old', { plain: 'old' }) }));
    const { changed } = await itemOf(store, mailbox, id);
    const replacement = message('new octets', { plain: 'new' });
    const update = { kind: 'update' as const, itemId: id, properties: {}, expected: changed, message: replacement };
    await written(store, mailbox, [update]);
    const bodies = await store.mailboxes.bodies(mailbox, [
      { itemId: id, kind: 'octets' },
      { itemId: id, kind: 'plain' },
    ]);
    assert.deepEqual(bodies, [Buffer.from('new octets'), 'new']);
    assert.equal((await itemOf(store, mailbox, id)).message?.size, 10);
  });

  it("another mailbox's items are not there, whatever is asked", async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const id = await writtenOne(store, ada.mailbox, mail(ada.inbox, 1, { message: message('secret') }));
    const { mailboxes } = store;
    const { changed } = await itemOf(store, ada.mailbox, id);
    assert.equal(await mailboxes.item(bob.mailbox, id), undefined);
    assert.deepEqual(await mailboxes.items(bob.mailbox, [id]), []);
    assert.deepEqual(await mailboxes.bodies(bob.mailbox, [{ itemId: id, kind: 'octets' }]), [undefined]);
    assert.equal(await mailboxes.partOctets(bob.mailbox, id, { start: 0, end: 3 }), undefined);
    assert.deepEqual((await mailboxes.changesAfter(bob.mailbox, ada.inbox, 0, 10)).changes, []);
    const range = { snapshot: 1_000, cursor: undefined, floor: 0, limit: 10 };
    assert.deepEqual(await mailboxes.backfill(bob.mailbox, ada.inbox, range), []);
    assert.equal(await mailboxes.countBackfill(bob.mailbox, ada.inbox, range), 0);
    assert.deepEqual(
      await mailboxes.fallen(bob.mailbox, ada.inbox, { from: 0, to: 9, cursor: undefined, limit: 9 }),
      [],
    );
    assert.deepEqual(await mailboxes.createdAfter(bob.mailbox, ada.inbox, { after: 0, floor: 0, limit: 9 }), []);
    assert.equal(await mailboxes.countCreatedAfter(bob.mailbox, ada.inbox, { after: 0, floor: 0 }), 0);
    const outcome = await mailboxes.write(
      bob.mailbox,
      [
        { kind: 'update', itemId: id, properties: {}, expected: changed },
        { kind: 'delete', itemId: id },
        { kind: 'move', itemId: id, to: bob.inbox },
        mail(ada.inbox, 1),
      ],
      0,
    );
    assert.deepEqual(outcome, { kind: 'done', results: Array(4).fill({ kind: 'gone' }) });
    const own = await writtenOne(store, bob.mailbox, mail(bob.inbox, 1));
    const into = await mailboxes.write(bob.mailbox, [{ kind: 'move', itemId: own, to: ada.inbox }], 0);
    assert.deepEqual(into, { kind: 'done', results: [{ kind: 'gone' }] });
    assert.equal((await itemOf(store, ada.mailbox, id)).changed, changed);
  });

  it('tells who waits once for each unit, after it is done, and nobody else', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const seen: string[] = [];
    let reading: Promise<unknown> = Promise.resolve();
    store.notifier.subscribe(ada.mailbox, () => {
      seen.push('ada');
      reading = store.mailboxes.changesAfter(ada.mailbox, ada.inbox, 0, 10).then(({ changes }) => {
        assert.equal(changes.length, 2);
      });
    });
    store.notifier.subscribe(bob.mailbox, () => seen.push('bob'));
    await written(store, ada.mailbox, [mail(ada.inbox, 1), mail(ada.inbox, 2)]);
    await reading;
    assert.deepEqual(seen, ['ada']);
  });
});
