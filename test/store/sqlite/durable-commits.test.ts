// The shared sync of the log, and the checkpoints that keep it short.
import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../src/store/open-store.ts';
import { checkpoints } from '../../../src/store/sqlite/checkpoints.ts';
import { durableCommits } from '../../../src/store/sqlite/durable-commits.ts';
import { mail, message, office, written } from '../engine.ts';

function startsOf(log: string): number {
  const header = Buffer.alloc(32);
  const descriptor = openSync(log, 'r');
  readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  return header.readUInt32BE(12);
}

describe('durable commits', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'));
    file = join(directory, 'log');
    closeSync(openSync(file, 'w'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('who comes before a sync begins shares it, who comes later waits for the next', async () => {
    const commits = durableCommits(file);
    const order: string[] = [];
    const wait = (name: string) => commits.durable().then(() => order.push(name));
    commits.committed();
    const first = commits.durable();
    const a = wait('a');
    commits.committed();
    const b = wait('b');
    assert.equal(commits.durable(), first);
    // By now the sync is under way: it began with a turn of the event loop.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    commits.committed();
    const c = wait('c');
    assert.notEqual(commits.durable(), first);
    await Promise.all([a, b, c]);
    assert.deepEqual(order, ['a', 'b', 'c']);
    await commits.close();
  });

  it('with nothing to sync it resolves without a sync', async () => {
    const commits = durableCommits(file);
    const before = commits.durable();
    assert.equal(commits.durable(), before);
    commits.committed();
    assert.notEqual(commits.durable(), before);
    await commits.durable();
    assert.equal(commits.durable(), before);
    await commits.close();
  });

  it('a sync that failed fails for ever', async () => {
    const commits = durableCommits(file);
    await commits.close();
    for (let attempt = 0; attempt < 2; attempt++) {
      commits.committed();
      await assert.rejects(commits.durable(), { name: 'StoreError', kind: 'not-durable' });
    }
  });

  it('a worker moves the log into the database, so that it starts anew and stays short', async function () {
    this.timeout(60_000);
    const database = join(directory, 'store.db');
    const store = await openStore({ kind: 'sqlite', file: database });
    const { mailbox, inbox } = await office(store, 'ada');
    const write = async (date: number) => {
      await written(store, mailbox, [mail(inbox, date, { message: message(Buffer.alloc(1_000_000, 'x')) })]);
      await store.durable();
    };
    let count = 0;
    // SQLite counts the log's new starts in its header (section 4.1 of its file format).
    while (startsOf(`${database}-wal`) === 0) await write(count++);
    assert.ok(count >= 8 && count < 100, `a new start after ${count} megabytes`);
    await write(count++);
    await store.close();
    const again = await openStore({ kind: 'sqlite', file: database });
    const range = { snapshot: Number.MAX_SAFE_INTEGER, cursor: undefined, floor: 0 };
    assert.equal(await again.mailboxes.countBackfill(mailbox, inbox, range), count);
    await again.close();
  });

  it('a worker that cannot work is told of', async () => {
    let tell: (error: Error) => void = () => {};
    const failure = new Promise<Error>((resolve) => {
      tell = resolve;
    });
    const failing = checkpoints(join(directory, 'nothing.db'), tell);
    failing.wrote(100_000_000);
    assert.match((await failure).message, /unable to open database file/);
    await failing.close();
  });
});
