// Ranges of a folder's items: what changed, what a first sync walks, what a filter let fall. Each statement follows one index
// and stops at its limit, so that the cost is that of the answer and not of the folder (docs of the migration name the indexes).
import type { Counter, FolderId, ItemId, MailboxId } from '../../protocol/ids.ts';
import type { BackfillCursor, Item, ItemChange, MailboxStore } from '../mailbox-store.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import type { Folders } from './folders.ts';
import { type ItemRow, itemColumns, itemOf, type TombstoneRow, tombstoneColumns } from './item-rows.ts';

const fromItems = 'FROM items i LEFT JOIN messages m ON m.id = i.message WHERE i.folder = ?';
const before = '(i.sort_date, i.id) < (?, ?)';

/** The SQL of the ranges; a test looks at the plan of each. */
export const rangeSql = {
  changed: `SELECT ${itemColumns} ${fromItems} AND i.changed > ? AND i.changed <= ? ORDER BY i.changed LIMIT ?`,
  deleted: `SELECT ${tombstoneColumns} FROM item_tombstones WHERE folder = ? AND deleted > ? AND deleted <= ? ORDER BY deleted LIMIT ?`,
  /** Mail: one date. */
  newest: `SELECT ${itemColumns} ${fromItems} AND i.filter_date = i.sort_date AND ${before} AND i.sort_date >= ? AND i.created <= ?
    ORDER BY i.sort_date DESC, i.id DESC LIMIT ?`,
  /** Items whose filter date is not their sort date. */
  newestApart: `SELECT ${itemColumns} ${fromItems} AND i.filter_date <> i.sort_date AND ${before} AND i.filter_date >= ? AND i.created <= ?
    ORDER BY i.sort_date DESC, i.id DESC LIMIT ?`,
  count: `SELECT count(*) FROM items i WHERE i.folder = ? AND i.filter_date = i.sort_date AND ${before} AND i.sort_date >= ? AND i.created <= ?`,
  countApart: `SELECT count(*) FROM items i WHERE i.folder = ? AND i.filter_date <> i.sort_date AND ${before} AND i.filter_date >= ?
    AND i.created <= ?`,
  fallen: `SELECT ${itemColumns} ${fromItems} AND i.filter_date = i.sort_date AND (i.sort_date, i.id) > (?, ?) AND i.sort_date < ?
    ORDER BY i.sort_date, i.id LIMIT ?`,
  fallenApart: `SELECT ${itemColumns} ${fromItems} AND i.filter_date <> i.sort_date AND (i.filter_date, i.id) > (?, ?) AND i.filter_date < ?
    ORDER BY i.filter_date, i.id LIMIT ?`,
} as const;

type ChangedBinding = [folder: number, after: number, reached: number, limit: number];
type CountBinding = [folder: number, sortDate: number, id: number, floor: number, snapshot: number];
type FallenBinding = [folder: number, filterDate: number, id: number, to: number, limit: number];
type Range<Name extends keyof MailboxStore> = MailboxStore[Name] extends (
  m: MailboxId,
  f: FolderId,
  range: infer R,
) => unknown
  ? R
  : never;

export class ItemRanges {
  readonly #counters: Counters;
  readonly #folders: Folders;
  readonly #sql;

  constructor({ connection }: SqliteDatabase, counters: Counters, folders: Folders) {
    this.#counters = counters;
    this.#folders = folders;
    this.#sql = {
      changed: connection.prepare<ChangedBinding, ItemRow>(rangeSql.changed).raw(),
      deleted: connection.prepare<ChangedBinding, TombstoneRow>(rangeSql.deleted),
      newest: connection.prepare<[...CountBinding, limit: number], ItemRow>(rangeSql.newest).raw(),
      newestApart: connection.prepare<[...CountBinding, limit: number], ItemRow>(rangeSql.newestApart).raw(),
      count: connection.prepare<CountBinding, number>(rangeSql.count).pluck(),
      countApart: connection.prepare<CountBinding, number>(rangeSql.countApart).pluck(),
      fallen: connection.prepare<FallenBinding, ItemRow>(rangeSql.fallen).raw(),
      fallenApart: connection.prepare<FallenBinding, ItemRow>(rangeSql.fallenApart).raw(),
    };
  }

  changesAfter(
    mailbox: MailboxId,
    folder: FolderId,
    after: Counter,
    limit: number,
  ): { changes: readonly ItemChange[]; reached: Counter; more: boolean } {
    const reached = this.#counters.read(mailbox);
    if (reached <= after || !this.#folders.has(mailbox, folder)) return { changes: [], reached, more: false };
    // Bounded by the counter: another process may change the mailbox between these statements.
    const items = this.#sql.changed.all(folder, after, reached, limit + 1);
    const tombstones = this.#sql.deleted.all(folder, after, reached, limit + 1);
    const more = items.length + tombstones.length > limit;
    const changes = interleave(items, tombstones, limit);
    return { changes, reached: more ? (changes.at(-1)?.at ?? after) : reached, more };
  }

  backfill(mailbox: MailboxId, folder: FolderId, range: Range<'backfill'>): readonly Item[] {
    if (!this.#folders.has(mailbox, folder)) return [];
    const { snapshot, floor, limit } = range;
    const { sortDate, id } = range.cursor ?? beyondAll;
    const plain = this.#sql.newest.all(folder, sortDate, id, floor, snapshot, limit);
    const apart = this.#sql.newestApart.all(folder, sortDate, id, floor, snapshot, limit);
    return merge(plain, apart, limit, (a, b) => b[7] - a[7] || b[0] - a[0]).map(itemOf);
  }

  countBackfill(mailbox: MailboxId, folder: FolderId, range: Range<'countBackfill'>): number {
    if (!this.#folders.has(mailbox, folder)) return 0;
    const { snapshot, floor } = range;
    const { sortDate, id } = range.cursor ?? beyondAll;
    const plain = this.#sql.count.get(folder, sortDate, id, floor, snapshot) ?? 0;
    return plain + (this.#sql.countApart.get(folder, sortDate, id, floor, snapshot) ?? 0);
  }

  fallen(mailbox: MailboxId, folder: FolderId, range: Range<'fallen'>): readonly Item[] {
    if (!this.#folders.has(mailbox, folder)) return [];
    const { from, to, cursor, limit } = range;
    // Ids begin at 1: nothing lies at `from` before id 0.
    const start = cursor !== undefined && cursor.filterDate >= from ? cursor : { filterDate: from, id: 0 };
    const plain = this.#sql.fallen.all(folder, start.filterDate, start.id, to, limit);
    const apart = this.#sql.fallenApart.all(folder, start.filterDate, start.id, to, limit);
    return merge(plain, apart, limit, (a, b) => a[8] - b[8] || a[0] - b[0]).map(itemOf);
  }
}

/** Where a walk newest first begins. */
const beyondAll: BackfillCursor = { sortDate: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER as ItemId };

function interleave(items: readonly ItemRow[], tombstones: readonly TombstoneRow[], limit: number): ItemChange[] {
  const changes: ItemChange[] = [];
  let i = 0;
  let t = 0;
  while (changes.length < limit) {
    const row = items[i];
    const tombstone = tombstones[t];
    if (row !== undefined && (tombstone === undefined || row[5] < tombstone.deleted)) {
      changes.push({ kind: 'item', at: row[5], item: itemOf(row) });
      i++;
    } else if (tombstone !== undefined) {
      changes.push({ kind: 'tombstone', at: tombstone.deleted, tombstone });
      t++;
    } else break;
  }
  return changes;
}

/** The first `limit` rows of two ordered lists together. */
function merge(
  left: ItemRow[],
  right: readonly ItemRow[],
  limit: number,
  compare: (a: ItemRow, b: ItemRow) => number,
): ItemRow[] {
  return right.length === 0 ? left : [...left, ...right].sort(compare).slice(0, limit);
}
