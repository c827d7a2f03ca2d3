// What only SQLite has: its schema versions, query plans, log and clearing away.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../../src/store/open-store.ts';
import { migrate } from '../../../src/store/sqlite/migrate.ts';
import { initial } from '../../../src/store/sqlite/migrations/001-initial.ts';
import { rangeSql } from '../../../src/store/sqlite/range-statements.ts';
import { mail, message, office, written } from '../engine.ts';

const tables = (database: Database.Database) =>
  database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();

/** Resolves when the condition holds; looks again with each turn of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('SQLite database files', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'));
    file = join(directory, 'store.db');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('refuses a database of a newer version and leaves it alone', async () => {
    await (await openStore({ kind: 'sqlite', file })).close();
    const database = new Database(file);
    database.prepare('INSERT INTO schema_version VALUES (99, 0)').run();
    database.close();
    await assert.rejects(openStore({ kind: 'sqlite', file }), { name: 'StoreError', kind: 'newer-database' });
  });

  it('refuses a database of another program and leaves it alone', async () => {
    const database = new Database(file);
    database.exec('CREATE TABLE songs (title TEXT)');
    database.close();
    await assert.rejects(openStore({ kind: 'sqlite', file }), { name: 'StoreError', kind: 'foreign-database' });
    const again = new Database(file);
    assert.deepEqual(tables(again), ['songs']);
    again.close();
  });

  it('a migration that fails leaves the version before it, whole', () => {
    const database = new Database(':memory:');
    const steps = ['CREATE TABLE a (x)', 'CREATE TABLE b (x); INSERT INTO nothing VALUES (1)'];
    assert.throws(() => migrate(database, steps));
    assert.deepEqual(tables(database), ['a', 'schema_version']);
    migrate(database, ['never again', 'CREATE TABLE b (x)', 'CREATE TABLE c (x)']);
    assert.deepEqual(tables(database), ['a', 'b', 'c', 'schema_version']);
    database.close();
  });

  it('each range follows an index in its order, and counts read nothing but the index', () => {
    const database = new Database(':memory:');
    database.exec(initial);
    const names = ['folder', 'after', 'reached', 'createdUpTo', 'limit', 'floor', 'snapshot', 'sortDate', 'id'];
    const binding = Object.fromEntries([...names, 'filterDate', 'to'].map((name) => [name, 1]));
    for (const [name, sql] of Object.entries(rangeSql)) {
      const steps = database.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(binding);
      const plan = steps.map(({ detail }) => detail).join('; ');
      assert.match(
        plan,
        /^SEARCH \S+ USING (COVERING )?(INDEX|PRIMARY KEY)[^;]*\(folder=\? AND [^;]*$|^SEARCH [^;]*\(folder=\? AND [^;]*; SEARCH m USING INTEGER PRIMARY KEY \(rowid=\?\) LEFT-JOIN$/,
        `${name}: ${plan}`,
      );
      if (name.startsWith('count')) assert.match(plan, /COVERING INDEX/, name);
    }
    database.close();
  });

  it('what a deleted folder and a removed user held is cleared away, also after a restart', async () => {
    const store = await openStore({ kind: 'sqlite', file });
    const ada = await office(store, 'ada');
    const bob = await office(store, 'bob');
    const folder = await store.mailboxes.createFolder(ada.mailbox, { parentId: 0, name: 'F', type: 12 }, 0);
    assert.ok(folder.kind === 'done');
    const many = Array.from({ length: 300 }, (_, date) => mail(folder.folder.id, date, { message: message('m') }));
    const ids = await written(store, ada.mailbox, many);
    await written(store, ada.mailbox, [{ kind: 'delete', itemId: ids[0]! }]);
    await written(store, bob.mailbox, [mail(bob.inbox, 1, { message: message('m') })]);
    await store.mailboxes.deleteFolder(ada.mailbox, folder.folder.id, 0);
    await store.directory.removeUser(bob.user);
    await store.close();

    const again = await openStore({ kind: 'sqlite', file });
    const database = new Database(file, { readonly: true });
    const held = ['items', 'item_tombstones', 'messages', 'message_bodies', 'message_octets', 'folder_purges'];
    const counts = held.map((table) => database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck());
    await until(() => counts.every((count) => count.get() === 0));
    assert.equal(database.prepare('SELECT count(*) FROM folders').pluck().get(), 11);
    database.close();
    await again.close();
  });

  it('a message goes with its last item', async () => {
    const store = await openStore({ kind: 'sqlite', file });
    const { mailbox, inbox } = await office(store, 'ada');
    const [first, second] = await written(store, mailbox, [
      mail(inbox, 1, { message: message(Buffer.alloc(600_000)) }),
      mail(inbox, 1, { message: message('kept') }),
    ]);
    const database = new Database(file, { readonly: true });
    const pieces = database.prepare<[], number>('SELECT count(*) FROM message_octets').pluck();
    assert.equal(pieces.get(), 4);
    await written(store, mailbox, [{ kind: 'delete', itemId: first! }]);
    assert.equal(pieces.get(), 1);
    assert.deepEqual(await store.mailboxes.bodies(mailbox, [{ itemId: second!, kind: 'octets' }]), [
      Buffer.from('kept'),
    ]);
    database.close();
    await store.close();
  });

  it('delivery marks are forgotten after seven days', async () => {
    let now = 1_790_000_000_000;
    const store = await openStore({ kind: 'sqlite', file, now: () => now });
    const { mailbox, inbox } = await office(store, 'ada');
    const delivery = { mailbox, folderId: inbox, properties: {}, received: 1, by: 0 as const, duplicateMark: 'm' };
    const deliver = async () => {
      const outcome = await store.delivery.submit({ message: message('m'), deliveries: [delivery] });
      return outcome.kind === 'done' ? outcome.deliveries[0]?.kind : outcome.kind;
    };
    assert.equal(await deliver(), 'delivered');
    now += 7 * 24 * 3_600_000 - 1;
    assert.equal(await deliver(), 'duplicate');
    now += 1;
    assert.equal(await deliver(), 'delivered');
    await store.close();
  });

  it('another process may write at the same time', async () => {
    const store = await openStore({ kind: 'sqlite', file });
    const other = await openStore({ kind: 'sqlite', file });
    const { mailbox, inbox } = await office(store, 'ada');
    const ids = await Promise.all(
      [store, other, store, other].map(async (each, date) => (await written(each, mailbox, [mail(inbox, date)]))[0]),
    );
    assert.equal(new Set(ids).size, 4);
    await Promise.all([store.durable(), other.durable()]);
    await other.close();
    const { changes, more } = await store.mailboxes.changesAfter(mailbox, inbox, 0, 10);
    assert.deepEqual([changes.length, more], [4, false]);
    await store.close();
  });

  it('works in memory, where there is nothing to sync', async () => {
    const store = await openStore({ kind: 'sqlite', file: ':memory:' });
    const { mailbox, inbox } = await office(store, 'ada');
    await written(store, mailbox, [mail(inbox, 1)]);
    await store.durable();
    await store.close();
    await store.close();
  });
});
