// Contract of every engine: mail delivered into mailboxes and queued for the relay.
import assert from 'node:assert/strict';
import type { FolderId } from '../../src/protocol/ids.ts';
import type { MailboxDelivery, Submission, SubmissionOutcome } from '../../src/store/delivery-store.ts';
import { contract, itemOf, message, type Office, office } from './engine.ts';

function to(at: Office, more: Partial<MailboxDelivery> = {}): MailboxDelivery {
  return { mailbox: at.mailbox, folderId: at.inbox, properties: { read: false }, received: 1_000, by: 0, ...more };
}
function kinds(outcome: SubmissionOutcome): readonly string[] {
  return outcome.kind === 'done' ? outcome.deliveries.map(({ kind }) => kind) : [outcome.kind];
}
const outbound = { sender: 'ada@example.org', recipients: ['x@side.example', 'y@side.example'] };
const submission = (deliveries: readonly MailboxDelivery[], more: Partial<Submission> = {}): Submission => ({
  message: message('octets'),
  deliveries,
  ...more,
});

export const deliveryContract = contract('delivery', (context) => {
  it('delivers everywhere and tells each mailbox once', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const told: string[] = [];
    store.notifier.subscribe(ada.mailbox, () => told.push('ada'));
    store.notifier.subscribe(bob.mailbox, () => told.push('bob'));
    const outcome = await store.delivery.submit(
      submission([to(bob), to(ada, { folderId: ada.sent, by: ada.phone, properties: { read: true } }), to(ada)]),
    );
    assert.deepEqual(kinds(outcome), ['delivered', 'delivered', 'delivered']);
    assert.deepEqual(told.sort(), ['ada', 'bob']);
    if (outcome.kind !== 'done' || outcome.deliveries[1]?.kind !== 'delivered') return assert.fail();
    const copy = await itemOf(store, ada.mailbox, outcome.deliveries[1].itemId);
    assert.deepEqual(
      [copy.folderId, copy.createdBy, copy.changedBy, copy.sortDate, copy.filterDate, copy.contentClass],
      [ada.sent, ada.phone, ada.phone, 1_000, 1_000, 'Email'],
    );
    assert.deepEqual(copy.properties, { read: true });
    assert.equal(copy.message?.size, 6);
  });

  it('a delivery may carry a message of its own', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const own = message('with Bcc');
    const outcome = await store.delivery.submit(submission([to(ada), to(ada, { message: own })]));
    if (outcome.kind !== 'done') return assert.fail();
    const wanted = outcome.deliveries.map((each) => {
      assert.ok(each.kind === 'delivered');
      return { itemId: each.itemId, kind: 'octets' as const };
    });
    const octets = await store.mailboxes.bodies(ada.mailbox, wanted);
    assert.deepEqual(octets.map(String), ['octets', 'with Bcc']);
  });

  it('a message stays as long as anybody has it', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const outcome = await store.delivery.submit(submission([to(ada), to(bob)], { outbound }));
    if (outcome.kind !== 'done') return assert.fail();
    const [mine, his] = outcome.deliveries;
    assert.ok(mine?.kind === 'delivered' && his?.kind === 'delivered');
    await store.mailboxes.write(ada.mailbox, [{ kind: 'delete', itemId: mine.itemId }], 0);
    const [octets] = await store.mailboxes.bodies(bob.mailbox, [{ itemId: his.itemId, kind: 'octets' }]);
    assert.equal(String(octets), 'octets');
    await store.mailboxes.write(bob.mailbox, [{ kind: 'delete', itemId: his.itemId }], 0);
    const [queued] = await store.delivery.due(Date.now() + 1_000, 10);
    assert.equal(String(await store.delivery.queuedOctets(queued!.id)), 'octets');
  });

  it('a duplicate mark keeps the second copy from a mailbox, not from others', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const marked = (at: Office) => to(at, { duplicateMark: '<id@example.net>' });
    assert.deepEqual(kinds(await store.delivery.submit(submission([marked(ada)]))), ['delivered']);
    const counter = await store.mailboxes.counter(ada.mailbox);
    const again = await store.delivery.submit(
      submission([marked(ada), marked(bob), marked(bob), to(ada, { duplicateMark: 'x' })]),
    );
    assert.deepEqual(kinds(again), ['duplicate', 'delivered', 'duplicate', 'delivered']);
    assert.equal(await store.mailboxes.counter(ada.mailbox), counter + 1);
    assert.deepEqual(kinds(await (await context.reopen()).delivery.submit(submission([marked(ada)]))), ['duplicate']);
  });

  it('a second submission under the same mark does nothing', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const once = submission([to(ada)], { onceMark: 'ada/client-id-1', outbound });
    assert.deepEqual(kinds(await store.delivery.submit(once)), ['delivered']);
    const counter = await store.mailboxes.counter(ada.mailbox);
    assert.deepEqual(await store.delivery.submit(once), { kind: 'already-submitted' });
    assert.equal(await store.mailboxes.counter(ada.mailbox), counter);
    assert.equal((await store.delivery.due(Date.now() + 1_000, 10)).length, 1);
    assert.deepEqual(kinds(await store.delivery.submit({ ...once, onceMark: 'ada/client-id-2' })), ['delivered']);
  });

  it('a mailbox or folder that is gone undoes the whole submission, marks included', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const counter = await store.mailboxes.counter(ada.mailbox);
    for (const folderId of [bob.inbox, 999_999 as FolderId]) {
      const bad = submission([to(ada, { duplicateMark: 'm' }), to(ada, { folderId })], { onceMark: 'o', outbound });
      await assert.rejects(store.delivery.submit(bad), { name: 'StoreError', kind: 'gone' });
    }
    assert.equal(await store.mailboxes.counter(ada.mailbox), counter);
    assert.equal(await store.delivery.nextDue(), undefined);
    const good = submission([to(ada, { duplicateMark: 'm' })], { onceMark: 'o' });
    assert.deepEqual(kinds(await store.delivery.submit(good)), ['delivered']);
  });

  it('queues for the relay, says so, and serves what is due, oldest first', async () => {
    const { store } = context;
    const ada = await office(store, 'ada');
    let told = 0;
    const stop = store.delivery.onQueued(() => told++);
    assert.equal(await store.delivery.nextDue(), undefined);
    const before = Date.now();
    await store.delivery.submit(submission([to(ada)], { outbound }));
    await store.delivery.submit(submission([], { outbound: { sender: '', recipients: ['z@side.example'] } }));
    await store.delivery.submit(submission([to(ada)]));
    await store.delivery.submit(submission([to(ada)], { outbound: { sender: 'a@example.org', recipients: [] } }));
    assert.equal(told, 2);
    stop();
    await store.delivery.submit(submission([], { outbound }));
    assert.equal(told, 2);
    const due = await store.delivery.due(Date.now() + 1_000, 10);
    assert.deepEqual(
      due.map(({ sender, recipients, attempts, lastError }) => ({ sender, recipients, attempts, lastError })),
      [outbound, { sender: '', recipients: ['z@side.example'] }, outbound].map((each) => ({
        ...each,
        attempts: 0,
        lastError: '',
      })),
    );
    assert.ok(due.every(({ queuedAt, nextAttemptAt }) => queuedAt >= before && nextAttemptAt === queuedAt));
    assert.equal((await store.delivery.due(Date.now() + 1_000, 2)).length, 2);
    assert.deepEqual(await store.delivery.due(before - 1, 10), []);
    assert.equal(await store.delivery.nextDue(), due[0]?.nextAttemptAt);
  });

  it('reschedules what is left and drops what is done', async () => {
    const { store } = context;
    await store.delivery.submit(submission([], { outbound }));
    const [queued] = await store.delivery.due(Date.now() + 1_000, 10);
    const later = Date.now() + 3_600_000;
    const after = { recipients: ['y@side.example'], nextAttemptAt: later, lastError: '451 later' };
    await store.delivery.reschedule(queued!.id, after);
    assert.deepEqual(await store.delivery.due(later - 1, 10), []);
    assert.equal(await store.delivery.nextDue(), later);
    const reopened = await context.reopen();
    const [again] = await reopened.delivery.due(later, 10);
    assert.deepEqual(again, { ...queued, ...after, attempts: 1 });
    await reopened.delivery.reschedule(queued!.id, { ...after, recipients: [] });
    assert.equal(await reopened.delivery.nextDue(), undefined);
    assert.equal(await reopened.delivery.queuedOctets(queued!.id), undefined);
    await reopened.delivery.reschedule(queued!.id, after);
    assert.equal(await reopened.delivery.nextDue(), undefined);
  });
});
