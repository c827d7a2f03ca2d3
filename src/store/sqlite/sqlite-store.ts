// The SQLite engine: every store on one database.
import type { Store } from '../store.ts';
import { Counters } from './counters.ts';
import { type DatabaseOptions, SqliteDatabase } from './database.ts';
import { sqliteDelivery } from './delivery.ts';
import { Devices, sqliteDevices } from './devices.ts';
import { sqliteDirectory } from './directory.ts';
import { Folders } from './folders.ts';
import { ItemWrites } from './item-writes.ts';
import { sqliteMailboxes } from './mailboxes.ts';
import { Messages } from './messages.ts';
import { Purges } from './purges.ts';
import { SyncStates } from './sync-states.ts';
import { Users } from './users.ts';

/** Opens or makes the database and everything on it. Throws StoreError when it cannot be used. */
export function sqliteStore(options: DatabaseOptions): Store {
  const database = new SqliteDatabase(options);
  const counters = new Counters(database);
  const messages = new Messages(database);
  const purges = new Purges(database, messages);
  const folders = new Folders(database, counters, purges);
  const writes = new ItemWrites(database, counters, folders, messages);
  const states = new SyncStates(database);
  const devices = new Devices(database, states);
  const users = new Users({ database, counters, folders, devices, purges });
  // What an earlier run left to clear away.
  purges.start();
  return {
    mailboxes: sqliteMailboxes({ database, counters, folders, messages, writes, states }),
    devices: sqliteDevices(database, devices),
    directory: sqliteDirectory(database, users),
    delivery: sqliteDelivery({ database, folders, messages, writes }),
    notifier: options.notifier,
    durable: () => database.durable(),
    async close() {
      purges.stop();
      await database.close();
    },
  };
}
