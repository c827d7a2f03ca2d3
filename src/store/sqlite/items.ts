// Items by their ids, their bodies and octets.
import type { ItemId, MailboxId } from '../../protocol/ids.ts';
import type { BodyKind, Item } from '../mailbox-store.ts';
import type { SqliteDatabase } from './database.ts';
import { type ItemRow, itemColumns, itemOf } from './item-rows.ts';
import type { Messages } from './messages.ts';

/** An item by id, if it is in a folder of this mailbox; CROSS JOIN fixes the order: the item first. Bound: item, mailbox. */
const ofMailbox = 'FROM items i CROSS JOIN folders f ON f.id = i.folder';
const withIds = 'WHERE i.id = ? AND f.mailbox = ?';

export class Items {
  readonly #messages: Messages;
  readonly #byId;
  readonly #plain;
  readonly #html;
  readonly #octets;

  constructor({ connection }: SqliteDatabase, messages: Messages) {
    this.#messages = messages;
    this.#byId = connection
      .prepare<[number, number], ItemRow>(
        `SELECT ${itemColumns} ${ofMailbox} LEFT JOIN messages m ON m.id = i.message ${withIds}`,
      )
      .raw();
    const body = (column: 'plain' | 'html') =>
      connection
        .prepare<[number, number], string | null>(
          `SELECT b.${column} ${ofMailbox} CROSS JOIN message_bodies b ON b.message = i.message ${withIds}`,
        )
        .pluck();
    this.#plain = body('plain');
    this.#html = body('html');
    this.#octets = connection.prepare<[number, number], { message: number; size: number }>(
      `SELECT i.message, m.size ${ofMailbox} CROSS JOIN messages m ON m.id = i.message ${withIds}`,
    );
  }

  find(mailbox: MailboxId, id: ItemId): Item | undefined {
    const row = this.#byId.get(id, mailbox);
    return row === undefined ? undefined : itemOf(row);
  }

  list(mailbox: MailboxId, ids: readonly ItemId[]): readonly Item[] {
    const found: Item[] = [];
    for (const id of ids) {
      const row = this.#byId.get(id, mailbox);
      if (row !== undefined) found.push(itemOf(row));
    }
    return found;
  }

  body(mailbox: MailboxId, id: ItemId, kind: BodyKind): string | Buffer | undefined {
    if (kind === 'octets') return this.octets(mailbox, id, 0, Number.POSITIVE_INFINITY);
    return (kind === 'plain' ? this.#plain : this.#html).get(id, mailbox) ?? undefined;
  }

  /** The octets of the item's message from `start` to `end`, as far as there are any; undefined when the item has no message. */
  octets(mailbox: MailboxId, id: ItemId, start: number, end: number): Buffer | undefined {
    const found = this.#octets.get(id, mailbox);
    if (found === undefined) return undefined;
    return this.#messages.octets(found.message, Math.max(0, start), Math.min(end, found.size));
  }
}
