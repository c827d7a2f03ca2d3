// Changes to items within a unit of work: each takes values of the mailbox's counter and leaves tombstones where items go.
import type { Counter, FolderId, ItemId, MailboxId, PartnershipId } from '../../protocol/ids.ts';
import type { ContentClass, ItemWrite, JsonObject, WriteResult } from '../mailbox-store.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import type { Folders } from './folders.ts';
import { type Messages, type PreparedMessage, prepareMessage } from './messages.ts';

/** Thrown within a unit to undo it: something changed since the caller looked. */
export const staleUnit = new Error('stale unit');

const gone: WriteResult = { kind: 'gone' };

/** Writes with what should be computed before the unit begins. */
export interface PreparedWrites {
  readonly writes: readonly ItemWrite[];
  /** In the order of `writes`. */
  readonly messages: readonly (PreparedMessage | undefined)[];
  /** Octets of all messages together. */
  readonly octets: number;
}

/** Prepares writes; waits only when a message is among them. */
export function prepareWrites(writes: readonly ItemWrite[]): PreparedWrites | Promise<PreparedWrites> {
  return writes.some(hasMessage) ? prepareMessages(writes) : { writes, messages: [], octets: 0 };
}

async function prepareMessages(writes: readonly ItemWrite[]): Promise<PreparedWrites> {
  const messages: (PreparedMessage | undefined)[] = [];
  let octets = 0;
  for (const write of writes) {
    const message = hasMessage(write) ? write.message : undefined;
    octets += message?.octets.length ?? 0;
    messages.push(message === undefined ? undefined : await prepareMessage(message));
  }
  return { writes, messages, octets };
}

function hasMessage(write: ItemWrite): write is Extract<ItemWrite, { kind: 'create' | 'update' }> {
  return (write.kind === 'create' || write.kind === 'update') && write.message !== undefined;
}

interface Row {
  readonly folder: FolderId;
  readonly class: ContentClass;
  readonly created: Counter;
  readonly created_by: PartnershipId | 0;
  readonly changed: Counter;
  readonly sort_date: number;
  readonly filter_date: number;
  readonly message: number | null;
  readonly properties: string;
}

export interface NewItem {
  readonly folder: FolderId;
  readonly contentClass: ContentClass;
  readonly by: PartnershipId | 0;
  readonly sortDate: number;
  readonly filterDate: number;
  /** Id of the message's row, its use already counted. */
  readonly message: number | null;
  readonly properties: JsonObject | string;
}

export class ItemWrites {
  readonly #database: SqliteDatabase;
  readonly #counters: Counters;
  readonly #folders: Folders;
  readonly #messages: Messages;
  readonly #sql;

  constructor(database: SqliteDatabase, counters: Counters, folders: Folders, messages: Messages) {
    this.#database = database;
    this.#counters = counters;
    this.#folders = folders;
    this.#messages = messages;
    this.#sql = prepareStatements(database);
  }

  /** Within a unit, with an id for each write reserved. Throws {@link staleUnit} when an expectation does not hold. */
  apply(mailbox: MailboxId, { writes, messages }: PreparedWrites, by: PartnershipId | 0): readonly WriteResult[] {
    return writes.map((write, index) => this.#applyOne(mailbox, write, messages[index], by));
  }

  #applyOne(
    mailbox: MailboxId,
    write: ItemWrite,
    message: PreparedMessage | undefined,
    by: PartnershipId | 0,
  ): WriteResult {
    switch (write.kind) {
      case 'create':
        return this.#create(mailbox, write, message, by);
      case 'update':
        return this.#update(mailbox, write, message, by);
      case 'delete':
        return this.#delete(mailbox, write.itemId, by);
      case 'move':
        return this.#move(mailbox, write, by);
    }
  }

  /** Within a unit, with its id reserved: a new item in a folder that the caller knows to be of this mailbox. */
  insert(mailbox: MailboxId, item: NewItem, created = this.#counters.take(mailbox, 1)): ItemId {
    const id = this.#database.identifiers.next() as ItemId;
    const { folder, contentClass, by, sortDate, filterDate, message } = item;
    const properties = typeof item.properties === 'string' ? item.properties : JSON.stringify(item.properties);
    const { insert } = this.#sql;
    insert.run(id, folder, contentClass, created, by, created, by, sortDate, filterDate, message, properties);
    return id;
  }

  #create(
    mailbox: MailboxId,
    write: Extract<ItemWrite, { kind: 'create' }>,
    prepared: PreparedMessage | undefined,
    by: PartnershipId | 0,
  ): WriteResult {
    if (!this.#folders.has(mailbox, write.folderId)) return gone;
    const message = prepared === undefined ? null : this.#messages.add(prepared, 1);
    return { kind: 'done', itemId: this.insert(mailbox, { ...write, folder: write.folderId, by, message }) };
  }

  #update(
    mailbox: MailboxId,
    write: Extract<ItemWrite, { kind: 'update' }>,
    prepared: PreparedMessage | undefined,
    by: PartnershipId | 0,
  ): WriteResult {
    const { itemId, properties, filterDate } = write;
    const row = this.#sql.find.get(itemId, mailbox);
    if (row === undefined) return gone;
    if (row.changed !== write.expected) throw staleUnit;
    const changed = this.#counters.take(mailbox, 1);
    this.#sql.update.run(JSON.stringify(properties), changed, write.echo === true ? 0 : by, itemId);
    if (filterDate !== undefined && filterDate !== row.filter_date) this.#sql.refilter.run(filterDate, itemId);
    if (prepared !== undefined) {
      this.#sql.replaceMessage.run(this.#messages.add(prepared, 1), itemId);
      if (row.message !== null) this.#messages.release(row.message);
    }
    return { kind: 'done', itemId };
  }

  #delete(mailbox: MailboxId, itemId: ItemId, by: PartnershipId | 0): WriteResult {
    const row = this.#sql.find.get(itemId, mailbox);
    if (row === undefined) return gone;
    this.#bury(itemId, row, this.#counters.take(mailbox, 1), by);
    if (row.message !== null) this.#messages.release(row.message);
    return { kind: 'done', itemId };
  }

  #move(mailbox: MailboxId, write: Extract<ItemWrite, { kind: 'move' }>, by: PartnershipId | 0): WriteResult {
    const row = this.#sql.find.get(write.itemId, mailbox);
    if (row === undefined || !this.#folders.has(mailbox, write.to)) return gone;
    const deleted = this.#counters.take(mailbox, 2);
    this.#bury(write.itemId, row, deleted, by);
    const item: NewItem = {
      folder: write.to,
      contentClass: row.class,
      by: write.known === true ? by : 0,
      sortDate: row.sort_date,
      filterDate: row.filter_date,
      message: row.message,
      properties: row.properties,
    };
    return { kind: 'done', itemId: this.insert(mailbox, item, deleted + 1) };
  }

  #bury(id: ItemId, row: Row, deleted: Counter, by: PartnershipId | 0): void {
    this.#sql.remove.run(id);
    const { folder, created, created_by, sort_date, filter_date } = row;
    this.#sql.bury.run(folder, deleted, id, created, created_by, by, sort_date, filter_date);
  }
}

function prepareStatements({ connection }: SqliteDatabase) {
  return {
    find: connection.prepare<[number, number], Row>(
      `SELECT i.folder, i.class, i.created, i.created_by, i.changed, i.sort_date, i.filter_date, i.message, i.properties
       FROM items i CROSS JOIN folders f ON f.id = i.folder WHERE i.id = ? AND f.mailbox = ?`,
    ),
    insert: connection.prepare<
      [number, number, string, number, number, number, number, number, number, number | null, string]
    >('INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    update: connection.prepare<[string, number, number, number]>(
      'UPDATE items SET properties = ?, changed = ?, changed_by = ? WHERE id = ?',
    ),
    refilter: connection.prepare<[number, number]>('UPDATE items SET filter_date = ? WHERE id = ?'),
    replaceMessage: connection.prepare<[number, number]>('UPDATE items SET message = ? WHERE id = ?'),
    remove: connection.prepare<[number]>('DELETE FROM items WHERE id = ?'),
    bury: connection.prepare<[number, number, number, number, number, number, number, number]>(
      'INSERT INTO item_tombstones VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  };
}
