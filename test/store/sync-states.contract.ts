// Contract of every engine: changes and the sync state that answers them, together or not at all.
import assert from 'node:assert/strict';
import type { ItemWrite, SyncGenerations, SyncUnit } from '../../src/store/mailbox-store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { contract, itemOf, mail, message, type Office, office, writtenOne } from './engine.ts';

function unit(at: Office, expectedKey: number | undefined, writes: readonly ItemWrite[], generations: SyncGenerations) {
  const { mailbox, phone: partnership, inbox: collection } = at;
  return { mailbox, partnership, collection, expectedKey, writes, generations: () => generations } satisfies SyncUnit;
}
const state = (key: number, data = `{"key":${key}}`) => ({ key, data });

export const syncStatesContract = contract('sync states', (context) => {
  it('keeps both generations and replaces them together', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const { mailboxes } = store;
    assert.deepEqual(await mailboxes.syncGenerations(ada.phone, ada.inbox), {});
    const first = { current: state(1) };
    assert.deepEqual(await mailboxes.commitSync(unit(ada, undefined, [], first)), {
      kind: 'done',
      results: [],
      generations: first,
    });
    assert.deepEqual(await mailboxes.syncGenerations(ada.phone, ada.inbox), first);
    const second = { current: state(2, '{"long":"ä漢"}'), previous: state(1) };
    await mailboxes.commitSync(unit(ada, 1, [], second));
    assert.deepEqual(await mailboxes.syncGenerations(ada.phone, ada.inbox), second);
    assert.deepEqual(await (await context.reopen()).mailboxes.syncGenerations(ada.phone, ada.inbox), second);
  });

  it('each partnership and each collection has its own, the hierarchy included', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    await store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(1) }));
    await store.mailboxes.commitSync({ ...unit(ada, undefined, [], { current: state(7) }), collection: 0 });
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.tablet, ada.inbox), {});
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, ada.sent), {});
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, 0), { current: state(7) });
  });

  it('forgets both when none is given, and starts again', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    await store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(1) }));
    await store.mailboxes.commitSync(unit(ada, 1, [], {}));
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, ada.inbox), {});
    assert.equal((await store.mailboxes.commitSync(unit(ada, undefined, [], { previous: state(3) }))).kind, 'done');
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, ada.inbox), { previous: state(3) });
    assert.equal((await store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(4) }))).kind, 'done');
  });

  it('writes as the device, gives the results to the state, and publishes only when an item changed', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    let published = 0;
    store.notifier.subscribe(ada.mailbox, () => published++);
    const outcome = await store.mailboxes.commitSync({
      ...unit(
        ada,
        undefined,
        [mail(ada.inbox, 1, { message: message('x') }), { kind: 'delete', itemId: 9 as never }],
        {},
      ),
      generations: (results) => ({ current: state(1, JSON.stringify(results)) }),
    });
    assert.equal(outcome.kind, 'done');
    if (outcome.kind !== 'done' || outcome.results[0]?.kind !== 'done') return assert.fail();
    assert.deepEqual(outcome.results[1], { kind: 'gone' });
    assert.equal(outcome.generations.current?.data, JSON.stringify(outcome.results));
    const item = await itemOf(store, ada.mailbox, outcome.results[0].itemId);
    assert.deepEqual([item.createdBy, item.changedBy], [ada.phone, ada.phone]);
    assert.equal(published, 1);
    await store.mailboxes.commitSync(unit(ada, 1, [], { current: state(2) }));
    assert.equal(published, 1);
  });

  it('another key than expected is stale and nothing is changed', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const { mailboxes } = store;
    await mailboxes.commitSync(unit(ada, undefined, [], { current: state(1) }));
    const counter = await mailboxes.counter(ada.mailbox);
    for (const expected of [undefined, 2]) {
      const outcome = await mailboxes.commitSync(unit(ada, expected, [mail(ada.inbox, 1)], { current: state(5) }));
      assert.deepEqual(outcome, { kind: 'stale' });
    }
    assert.deepEqual(await mailboxes.syncGenerations(ada.phone, ada.inbox), { current: state(1) });
    assert.equal(await mailboxes.counter(ada.mailbox), counter);
  });

  it('of two units that read the same state, one wins', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const both = [1, 2].map((key) =>
      store.mailboxes.commitSync(unit(ada, undefined, [mail(ada.inbox, key)], { current: state(key) })),
    );
    const kinds = (await Promise.all(both)).map(({ kind }) => kind);
    assert.deepEqual(kinds.sort(), ['done', 'stale']);
    assert.equal((await store.mailboxes.changesAfter(ada.mailbox, ada.inbox, 0, 9)).changes.length, 1);
  });

  it('an item changed in between is stale and the state stays', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const itemId = await writtenOne(store, ada.mailbox, mail(ada.inbox, 1));
    const update = { kind: 'update' as const, itemId, properties: {}, expected: 1 };
    const outcome = await store.mailboxes.commitSync(
      unit(ada, undefined, [mail(ada.inbox, 2), update], { current: state(1) }),
    );
    assert.deepEqual(outcome, { kind: 'stale' });
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, ada.inbox), {});
    assert.equal((await store.mailboxes.changesAfter(ada.mailbox, ada.inbox, 0, 9)).changes.length, 1);
  });

  it('a throw while the state is made leaves nothing behind', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const counter = await store.mailboxes.counter(ada.mailbox);
    let published = 0;
    store.notifier.subscribe(ada.mailbox, () => published++);
    const throwing: SyncUnit = {
      ...unit(ada, undefined, [mail(ada.inbox, 1, { message: message('x') })], {}),
      generations: () => {
        throw new RangeError('no state');
      },
    };
    await assert.rejects(store.mailboxes.commitSync(throwing), RangeError);
    assert.equal(await store.mailboxes.counter(ada.mailbox), counter);
    assert.equal(published, 0);
    assert.deepEqual((await store.mailboxes.changesAfter(ada.mailbox, ada.inbox, 0, 9)).changes, []);
    assert.equal((await store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(1) }))).kind, 'done');
  });

  it('a partnership that was removed meanwhile gets no state', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    await store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(1) }));
    await store.devices.remove(ada.phone);
    assert.deepEqual(await store.mailboxes.syncGenerations(ada.phone, ada.inbox), {});
    assert.deepEqual(await store.mailboxes.commitSync(unit(ada, 1, [], { current: state(2) })), { kind: 'stale' });
    await assert.rejects(
      store.mailboxes.commitSync(unit(ada, undefined, [], { current: state(2) })),
      (error) => error instanceof StoreError && error.kind === 'gone',
    );
  });
});
