// Clears away the items of deleted folders, a few at a time between other work: a folder goes at once, whatever it held.
import type { FolderId } from '../../protocol/ids.ts';
import type { SqliteDatabase } from './database.ts';
import type { Messages } from './messages.ts';

const itemsAtOnce = 50;
const tombstonesAtOnce = 500;

export class Purges {
  readonly #database: SqliteDatabase;
  readonly #messages: Messages;
  readonly #sql;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(database: SqliteDatabase, messages: Messages) {
    const { connection } = database;
    this.#database = database;
    this.#messages = messages;
    this.#sql = {
      add: connection.prepare<[number]>('INSERT OR IGNORE INTO folder_purges VALUES (?)'),
      next: connection.prepare<[], number>('SELECT folder FROM folder_purges LIMIT 1').pluck(),
      done: connection.prepare<[number]>('DELETE FROM folder_purges WHERE folder = ?'),
      items: connection.prepare<[number, number], { id: number; message: number | null }>(
        'SELECT id, message FROM items WHERE folder = ? ORDER BY changed LIMIT ?',
      ),
      deleteItem: connection.prepare<[number]>('DELETE FROM items WHERE id = ?'),
      deleteTombstones: connection.prepare<[{ folder: number; limit: number }]>(
        `DELETE FROM item_tombstones WHERE folder = @folder AND deleted IN
         (SELECT deleted FROM item_tombstones WHERE folder = @folder LIMIT @limit)`,
      ),
    };
  }

  /** Within a unit: the items of this folder are to go. */
  add(folder: FolderId): void {
    this.#sql.add.run(folder);
  }

  /** Goes on with what there is to clear away. */
  start(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      try {
        if (this.#step()) this.start();
      } catch (error) {
        // What is left stays listed; the next deletion or start of the server goes on with it.
        this.#database.onBackgroundError(error as Error);
      }
    });
  }

  stop(): void {
    clearImmediate(this.#scheduled);
  }

  /** One transaction's worth; false when nothing was left. */
  #step(): boolean {
    const folder = this.#sql.next.get();
    if (folder === undefined) return false;
    this.#database.unit(() => {
      const items = this.#sql.items.all(folder, itemsAtOnce);
      for (const { id, message } of items) {
        this.#sql.deleteItem.run(id);
        if (message !== null) this.#messages.release(message);
      }
      if (items.length === itemsAtOnce) return;
      const { changes } = this.#sql.deleteTombstones.run({ folder, limit: tombstonesAtOnce });
      if (changes < tombstonesAtOnce) {
        this.#sql.done.run(folder);
      }
    });
    return true;
  }
}
