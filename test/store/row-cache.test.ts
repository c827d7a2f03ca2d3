// Rows kept in memory: what another process writes is seen at once, what is rolled back leaves no trace.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openStore } from '../../src/store/open-store.ts';
import { RowCache } from '../../src/store/sqlite/row-cache.ts';

describe('rows kept in memory', () => {
  it('a user disabled by another process is disabled for this one at its next turn', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-cache-'));
    const file = join(folder, 'easel.db');
    const server = await openStore({ kind: 'sqlite', file });
    const administrator = await openStore({ kind: 'sqlite', file });
    try {
      await server.directory.putDomain('example.test');
      await server.directory.putUser('ann', 'example.test', { passwordHash: '-' });
      const user = await server.directory.userByLogin('ann', undefined);
      assert.equal(user?.enabled, true);
      await administrator.directory.putUser('ann', 'example.test', { enabled: false });
      await nextTurn();
      assert.equal((await server.directory.user(user.id))?.enabled, false);
      await administrator.directory.removeUser(user.id);
      await nextTurn();
      assert.equal(await server.directory.user(user.id), undefined);
    } finally {
      await server.close();
      await administrator.close();
      await rm(folder, { recursive: true });
    }
  });

  it('nothing that a transaction read or wrote is kept', () => {
    const connection = new Database(':memory:');
    connection.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'before')");
    const cache = new RowCache<string>({ connection, dataVersion: () => 1 });
    const read = () => connection.prepare<[], string>('SELECT name FROM t WHERE id = 1').pluck().get();
    const attempt = connection.transaction(() => {
      connection.exec("UPDATE t SET name = 'during'");
      cache.forget('1');
      assert.equal(cache.get('1', read), 'during');
      throw new Error('rolled back');
    });
    assert.equal(cache.get('1', read), 'before');
    assert.throws(attempt, /rolled back/);
    assert.equal(cache.get('1', read), 'before');
    connection.close();
  });
});
