// The change counters of mailboxes.
import type { Counter, MailboxId } from '../../protocol/ids.ts';
import { StoreError } from '../store-error.ts';
import type { SqliteDatabase } from './database.ts';

export class Counters {
  readonly #database: SqliteDatabase;
  readonly #read;
  readonly #advance;
  readonly #create;
  readonly #remove;

  constructor(database: SqliteDatabase) {
    const { connection } = database;
    this.#database = database;
    this.#read = connection.prepare<[number], number>('SELECT counter FROM mailboxes WHERE id = ?').pluck();
    this.#advance = connection
      .prepare<[number, number], number>('UPDATE mailboxes SET counter = counter + ? WHERE id = ? RETURNING counter')
      .pluck();
    this.#create = connection.prepare<[], number>('INSERT INTO mailboxes (counter) VALUES (0) RETURNING id').pluck();
    this.#remove = connection.prepare<[number]>('DELETE FROM mailboxes WHERE id = ?');
  }

  /** The counter as it stands; 0 for a mailbox that is gone. */
  read(mailbox: MailboxId): Counter {
    return this.#read.get(mailbox) ?? 0;
  }

  /**
   * Within a unit: takes the next `count` values and gives the first of them; the mailbox will be published. Throws StoreError 'gone' when
   * there is no such mailbox.
   */
  take(mailbox: MailboxId, count: number): Counter {
    const reached = this.#advance.get(count, mailbox);
    if (reached === undefined) throw new StoreError('gone', 'The mailbox was removed.');
    this.#database.touch(mailbox);
    return reached - count + 1;
  }

  /** Within a unit: a new mailbox. */
  create(): MailboxId {
    return this.#create.get() as MailboxId;
  }

  /** Within a unit. */
  remove(mailbox: MailboxId): void {
    this.#remove.run(mailbox);
    this.#database.touch(mailbox);
  }
}
