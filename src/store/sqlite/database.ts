// One SQLite database: its connection, units of work, and what brings them to disk.
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { MailboxId } from '../../protocol/ids.ts';
import type { ChangeNotifier } from '../change-notifier.ts';
import { type Checkpoints, checkpoints, noCheckpoints } from './checkpoints.ts';
import { type DurableCommits, durableCommits, volatileCommits } from './durable-commits.ts';
import { Identifiers } from './identifiers.ts';
import { migrate } from './migrate.ts';

/** Milliseconds that a write waits for another process (an administrator's command) that writes. */
const busyMilliseconds = 5_000;
const cacheKibibytes = 64 * 1024;

export interface DatabaseOptions {
  /** A path, or ':memory:'. */
  readonly file: string;
  readonly notifier: ChangeNotifier;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Hears of failures that no caller waits for. */
  readonly onBackgroundError: (error: Error) => void;
}

export class SqliteDatabase {
  readonly connection: Database.Database;
  readonly identifiers: Identifiers;
  readonly notifier: ChangeNotifier;
  readonly now: () => number;
  readonly onBackgroundError: (error: Error) => void;
  readonly #commits: DurableCommits;
  readonly #checkpoints: Checkpoints;
  readonly #transaction: <T>(work: () => T) => T;
  readonly #touched = new Set<MailboxId>();
  readonly #readVersion: Database.Statement<[], number>;
  #version: number | undefined;

  /** Opens or makes the database and brings it to the newest schema. Throws StoreError when it cannot be used. */
  constructor(options: DatabaseOptions) {
    this.notifier = options.notifier;
    this.now = options.now;
    this.onBackgroundError = options.onBackgroundError;
    this.connection = openConnection(options.file);
    this.identifiers = new Identifiers(this.connection);
    this.#transaction = this.connection.transaction((work: () => unknown) => work()).immediate as <T>(
      work: () => T,
    ) => T;
    this.#readVersion = this.connection.prepare<[], number>('PRAGMA data_version').pluck();
    const inMemory = this.connection.memory;
    this.#commits = inMemory ? volatileCommits() : durableCommits(`${options.file}-wal`);
    this.#checkpoints = inMemory ? noCheckpoints : checkpoints(options.file, options.onBackgroundError);
  }

  /**
   * Runs `work` as one transaction and counts its commit; an exception undoes all of it. Mailboxes that `work` names with {@link touch} are
   * published once each, after the commit. `octets`: how much it is about to write, when that is much.
   */
  unit<T>(work: () => T, octets = 0): T {
    this.#touched.clear();
    const result = this.#transaction(work);
    this.#commits.committed();
    this.#checkpoints.wrote(octets);
    if (this.#touched.size > 0) this.#publish();
    return result;
  }

  /** Within a unit: the mailbox changed. */
  touch(mailbox: MailboxId): void {
    this.#touched.add(mailbox);
  }

  /** Another number once another process has written. Read once in a turn of the event loop, for all requests of that turn. */
  dataVersion(): number {
    if (this.#version === undefined) {
      this.#version = this.#readVersion.get() ?? 0;
      setImmediate(() => {
        this.#version = undefined;
      });
    }
    return this.#version;
  }

  durable(): Promise<void> {
    return this.#commits.durable();
  }

  async close(): Promise<void> {
    if (!this.connection.open) return;
    await this.#commits.close();
    await this.#checkpoints.close();
    this.connection.close();
  }

  #publish(): void {
    // A listener may start a unit of its own at once.
    const touched = [...this.#touched];
    for (const mailbox of touched) this.notifier.publish(mailbox);
  }
}

function openConnection(file: string): Database.Database {
  const connection = new Database(file, { timeout: busyMilliseconds });
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = OFF');
    connection.pragma('temp_store = MEMORY');
    connection.pragma(`cache_size = ${-cacheKibibytes}`);
    migrate(connection);
    if (!connection.memory) syncDirectory(file);
    // From here on syncing is ours: docs/decisions/0003-durable-commits.md.
    connection.pragma('synchronous = NORMAL');
    connection.pragma('wal_autocheckpoint = 0');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Brings the names of new files to disk. Windows has no such thing. */
function syncDirectory(file: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(dirname(file), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
