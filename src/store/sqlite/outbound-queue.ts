// The queue of mail for the relay on SQLite.
import type { OutboundMail, QueuedMail } from '../delivery-store.ts';
import type { SqliteDatabase } from './database.ts';
import type { Messages } from './messages.ts';

type Row = Omit<QueuedMail, 'recipients'> & { readonly recipients: string };

const columns =
  'id, sender, recipients, attempts, queued_at AS queuedAt, next_attempt_at AS nextAttemptAt, last_error AS lastError';

export class OutboundQueue {
  readonly #database: SqliteDatabase;
  readonly #messages: Messages;
  readonly #listeners = new Set<() => void>();
  readonly #sql;

  constructor(database: SqliteDatabase, messages: Messages) {
    const { connection } = database;
    this.#database = database;
    this.#messages = messages;
    this.#sql = {
      add: connection.prepare<[number, string, string, number, number]>(
        `INSERT INTO outbound (message, sender, recipients, attempts, queued_at, next_attempt_at, last_error) VALUES (?, ?, ?, 0, ?, ?, '')`,
      ),
      due: connection.prepare<[number, number], Row>(
        `SELECT ${columns} FROM outbound WHERE next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?`,
      ),
      nextDue: connection.prepare<[], number | null>('SELECT min(next_attempt_at) FROM outbound').pluck(),
      message: connection.prepare<[number], { message: number; size: number }>(
        'SELECT o.message, m.size FROM outbound o JOIN messages m ON m.id = o.message WHERE o.id = ?',
      ),
      reschedule: connection.prepare<[string, number, string, number]>(
        'UPDATE outbound SET recipients = ?, next_attempt_at = ?, last_error = ?, attempts = attempts + 1 WHERE id = ?',
      ),
      remove: connection.prepare<[number], number>('DELETE FROM outbound WHERE id = ? RETURNING message').pluck(),
    };
  }

  /** Within a unit; the message's use is counted already. */
  add(message: number, { sender, recipients }: OutboundMail): void {
    const now = this.#database.now();
    this.#sql.add.run(message, sender, JSON.stringify(recipients), now, now);
  }

  /** After the unit. */
  announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  due(now: number, limit: number): readonly QueuedMail[] {
    return this.#sql.due.all(now, limit).map((row) => ({ ...row, recipients: JSON.parse(row.recipients) }));
  }

  nextDue(): number | undefined {
    return this.#sql.nextDue.get() ?? undefined;
  }

  octets(id: number): Buffer | undefined {
    const found = this.#sql.message.get(id);
    return found === undefined ? undefined : this.#messages.octets(found.message, 0, found.size);
  }

  reschedule(
    id: number,
    after: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly lastError: string },
  ): void {
    this.#database.unit(() => {
      if (after.recipients.length > 0) {
        this.#sql.reschedule.run(JSON.stringify(after.recipients), after.nextAttemptAt, after.lastError, id);
        return;
      }
      const message = this.#sql.remove.get(id);
      if (message !== undefined) this.#messages.release(message);
    });
  }

  onQueued(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
