// The outgoing queue against a real relay.
import assert from 'node:assert/strict';
import { derive } from '../../src/mime/derive.ts';
import type { RelaySchedule, RelayWorker } from '../../src/transport/relay.ts';
import { relayWorker } from '../../src/transport/relay.ts';
import type { RelayOptions } from '../../src/transport/relay-connection.ts';
import type { FakeRelay } from './fake-relay.ts';
import { fakeRelay } from './fake-relay.ts';
import type { Office } from './office.ts';
import { itemsOf, mail, octetsOf, openOffice, silent, until } from './office.ts';

const far = Number.MAX_SAFE_INTEGER;

describe('Mail to the outside', () => {
  let office: Office;
  let relay: FakeRelay;
  let worker: RelayWorker | undefined;

  beforeEach(async () => {
    office = await openOffice();
    relay = await fakeRelay();
  });
  afterEach(async () => {
    await worker?.stop(0);
    worker = undefined;
    await relay.close();
    await office.close();
  });

  const schedule: RelaySchedule = { retryAfter: [20], giveUpAfter: 60_000, concurrency: 2 };
  const work = (options: Partial<RelayOptions> | 'none' = {}, changed: Partial<RelaySchedule> = {}) => {
    worker = relayWorker({
      store: office.store,
      relay:
        options === 'none'
          ? undefined
          : { host: '127.0.0.1', port: relay.port, secure: false, timeout: 2000, ...options },
      schedule: { ...schedule, ...changed },
      hostname: 'mail.example.test',
      logger: silent,
      now: Date.now,
    });
    worker.start();
  };
  const octets = mail(
    { From: 'ann@example.test', To: 'x@outside.test', 'Message-ID': '<1@example.test>', Subject: 'Out' },
    '.dot\r\nbin \u00e4\r\n',
  );
  const queue = async (recipients: readonly string[], sender = 'ann@example.test') => {
    const { message: derived, bodies } = derive(octets);
    await office.store.delivery.submit({
      message: { octets, derived, bodies },
      deliveries: [],
      outbound: { sender, recipients },
    });
  };
  const empty = () => until(async () => (await office.store.delivery.nextDue()) === undefined);
  const bounces = () => itemsOf(office.store, office.ann);

  it('hands over what is queued, octet by octet, as soon as it is queued', async () => {
    work();
    await queue(['x@outside.test', 'y@outside.test']);
    await empty();
    assert.deepEqual(relay.taken, [
      { sender: 'ann@example.test', recipients: ['x@outside.test', 'y@outside.test'], octets },
    ]);
    assert.deepEqual(await bounces(), []);
    await queue(['z@outside.test']);
    await empty();
    assert.equal(relay.taken.length, 2);
  });

  it('takes up what was queued before a restart', async () => {
    await queue(['x@outside.test']);
    office = await office.reopen();
    work();
    await empty();
    assert.equal(relay.taken.length, 1);
  });

  it('tries again for those that were refused for now, and only for those', async () => {
    relay.refused.set('y@outside.test', { code: 450, text: '4.2.1 later' });
    work();
    await queue(['x@outside.test', 'y@outside.test']);
    await until(() => relay.attempts() >= 3);
    relay.refused.clear();
    await empty();
    assert.deepEqual(
      relay.taken.map(({ recipients }) => recipients),
      [['x@outside.test'], ['y@outside.test']],
    );
    assert.deepEqual(await bounces(), []);
  });

  it('waits longer after each attempt, and remembers the last error', async () => {
    relay.dataReply = { code: 451, text: '4.3.0 full' };
    work({}, { retryAfter: [10, 3_600_000] });
    await queue(['x@outside.test']);
    const [mailQueued] = await until(async () => {
      const all = await office.store.delivery.due(far, 10);
      return all[0]?.attempts === 2 ? all : undefined;
    });
    assert.ok(mailQueued!.nextAttemptAt > Date.now() + 3_500_000);
    assert.match(mailQueued!.lastError, /4\.3\.0 full/);
    assert.equal(relay.attempts(), 2);
  });

  it('bounces at once what is refused for good, and delivers the rest', async () => {
    relay.refused.set('bad@outside.test', { code: 550, text: '5.1.1 no such user' });
    work();
    await queue(['bad@outside.test', 'x@outside.test']);
    await empty();
    assert.deepEqual(
      relay.taken.map(({ recipients }) => recipients),
      [['x@outside.test']],
    );
    const [bounce] = await bounces();
    const text = (await octetsOf(office.store, office.ann, bounce!)).toString();
    assert.match(
      text,
      /Final-Recipient: rfc822; bad@outside\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\nDiagnostic-Code: smtp; 550 5\.1\.1 no such user/,
    );
    assert.match(text, /Subject: Undeliverable: Out/);
  });

  it('bounces a message that the relay refuses as a whole', async () => {
    relay.dataReply = { code: 554, text: '5.7.1 spam' };
    work();
    await queue(['x@outside.test', 'y@outside.test']);
    await empty();
    const all = await bounces();
    assert.equal(all.length, 1);
    assert.match(
      (await octetsOf(office.store, office.ann, all[0]!)).toString(),
      /x@outside\.test[\s\S]*y@outside\.test/,
    );
  });

  it('gives up after the time it was given, with a bounce', async () => {
    relay.dataReply = { code: 451, text: 'later' };
    work({}, { giveUpAfter: 100 });
    await queue(['x@outside.test']);
    await empty();
    const [bounce] = await bounces();
    assert.match(
      (await octetsOf(office.store, office.ann, bounce!)).toString(),
      /could not be delivered in time[\s\S]*451 later/,
    );
  });

  it('comes back at once when there is no relay', async () => {
    work('none');
    await queue(['x@outside.test']);
    await empty();
    const [bounce] = await bounces();
    assert.match((await octetsOf(office.store, office.ann, bounce!)).toString(), /no relay configured/);
  });

  it('never bounces a bounce, and sends a bounce to the outside under the null sender', async () => {
    relay.refused.set('bad@outside.test', { code: 550, text: 'no' });
    work();
    await queue(['bad@outside.test'], '');
    await empty();
    assert.equal(relay.taken.length, 0);
    await queue(['bad@outside.test'], 'stranger@elsewhere.test');
    await empty();
    assert.deepEqual(
      relay.taken.map(({ sender, recipients }) => ({ sender, recipients })),
      [{ sender: '', recipients: ['stranger@elsewhere.test'] }],
    );
  });

  it('keeps mail when the relay is away, and when its login is refused, until it works', async () => {
    const port = relay.port;
    await relay.close();
    work({ port });
    await queue(['x@outside.test']);
    await until(async () => (await office.store.delivery.due(far, 1))[0]!.attempts >= 2);
    await worker!.stop();
    relay = await fakeRelay({ user: 'easel', pass: 'secret' });
    work({ port: relay.port, auth: { user: 'easel', pass: 'wrong' } });
    await until(async () => /535/.test((await office.store.delivery.due(far, 1))[0]!.lastError));
    assert.deepEqual(await bounces(), []);
    await worker!.stop();
    work({ port: relay.port, auth: { user: 'easel', pass: 'secret' } });
    await empty();
    assert.equal(relay.taken.length, 1);
  });

  it('stops in the middle of an attempt and leaves the mail due', async () => {
    const held = new Promise<void>((resolve) => {
      relay.refused.get = () => {
        resolve();
        return { code: 450, text: 'later' };
      };
    });
    work({}, { retryAfter: [60_000] });
    await queue(['x@outside.test']);
    await held;
    await worker!.stop(0);
    assert.equal((await office.store.delivery.due(far, 10)).length, 1);
  });
});
