// Marks by which a second copy of a message is known. They are kept for a week.
import type { MailboxId } from '../../protocol/ids.ts';
import type { SqliteDatabase } from './database.ts';

const keptMilliseconds = 7 * 24 * 3_600_000;
const pruneIntervalMilliseconds = 60_000;
const prunedAtOnce = 1_000;

/** Stands for no mailbox: the mark is one of a whole submission. */
export const wholeSubmission = 0;

export class DeliveryMarks {
  readonly #now: () => number;
  readonly #find;
  readonly #put;
  readonly #prune;
  #pruned = 0;

  constructor({ connection, now }: SqliteDatabase) {
    this.#now = now;
    this.#find = connection
      .prepare<[number, string], number>('SELECT at FROM delivery_marks WHERE mailbox = ? AND mark = ?')
      .pluck();
    this.#put = connection.prepare<[number, string, number]>('INSERT OR REPLACE INTO delivery_marks VALUES (?, ?, ?)');
    this.#prune = connection.prepare<[number, number]>(
      `DELETE FROM delivery_marks WHERE (mailbox, mark) IN
       (SELECT mailbox, mark FROM delivery_marks WHERE at <= ? ORDER BY at LIMIT ?)`,
    );
  }

  /** Within a unit: sets the mark; false when it is set already. */
  set(mailbox: MailboxId | typeof wholeSubmission, mark: string): boolean {
    const now = this.#now();
    this.#pruneAt(now);
    const at = this.#find.get(mailbox, mark);
    if (at !== undefined && at > now - keptMilliseconds) return false;
    this.#put.run(mailbox, mark, now);
    return true;
  }

  #pruneAt(now: number): void {
    if (now - this.#pruned < pruneIntervalMilliseconds) return;
    this.#pruned = now;
    this.#prune.run(now - keptMilliseconds, prunedAtOnce);
  }
}
