// Ranges of a folder's items: what changed, what a first sync walks, what a filter let fall. The cost is that of the answer, not
// of the folder.
import type { Counter, FolderId, MailboxId } from '../../protocol/ids.ts';
import type { Item, ItemChange, MailboxStore } from '../mailbox-store.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import type { Folders } from './folders.ts';
import { type ItemRow, itemOf, type TombstoneRow } from './item-rows.ts';
import { prepareRangeStatements, type RangeBinding, type Walk } from './range-statements.ts';

type RangeMethod = 'backfill' | 'countBackfill' | 'fallen' | 'createdAfter' | 'countCreatedAfter';
type Range<Name extends RangeMethod> = Parameters<MailboxStore[Name]>[2];

/** Later than any date. */
const endOfTime = Number.MAX_SAFE_INTEGER;

export class ItemRanges {
  readonly #counters: Counters;
  readonly #folders: Folders;
  readonly #sql;

  constructor({ connection }: SqliteDatabase, counters: Counters, folders: Folders) {
    this.#counters = counters;
    this.#folders = folders;
    this.#sql = prepareRangeStatements(connection);
  }

  changesAfter(
    mailbox: MailboxId,
    folder: FolderId,
    after: Counter,
    limit: number,
    createdUpTo: Counter = Number.MAX_SAFE_INTEGER,
  ): { changes: readonly ItemChange[]; reached: Counter; more: boolean } {
    const reached = this.#counters.read(mailbox);
    if (reached <= after || !this.#folders.has(mailbox, folder)) return { changes: [], reached, more: false };
    // Bounded by the counter: another process may change the mailbox between these statements.
    const binding = { folder, after, reached, createdUpTo, limit: limit + 1 };
    const items = this.#sql.changed.all(binding);
    const tombstones = this.#sql.deleted.all(binding);
    const more = items.length + tombstones.length > limit;
    const changes = interleave(items, tombstones, limit);
    return { changes, reached: more ? (changes.at(-1)?.at ?? after) : reached, more };
  }

  createdAfter(mailbox: MailboxId, folder: FolderId, range: Range<'createdAfter'>): readonly Item[] {
    if (!this.#folders.has(mailbox, folder)) return [];
    return this.#sql.created.all({ folder, ...range }).map(itemOf);
  }

  countCreatedAfter(mailbox: MailboxId, folder: FolderId, range: Range<'countCreatedAfter'>): number {
    if (!this.#folders.has(mailbox, folder)) return 0;
    return this.#sql.countCreated.get({ folder, ...range }) ?? 0;
  }

  backfill(mailbox: MailboxId, folder: FolderId, range: Range<'backfill'>): readonly Item[] {
    if (!this.#folders.has(mailbox, folder)) return [];
    const { cursor, limit, floor, snapshot } = range;
    const binding = { folder, floor, snapshot, sortDate: cursor?.sortDate ?? endOfTime, id: cursor?.id ?? 0 };
    const same = rowsOf(this.#sql.newest, binding, limit, cursor !== undefined);
    const apart = rowsOf(this.#sql.newestApart, binding, limit, cursor !== undefined);
    return merge(same, apart, limit, (a, b) => b[7] - a[7] || b[0] - a[0]).map(itemOf);
  }

  countBackfill(mailbox: MailboxId, folder: FolderId, range: Range<'countBackfill'>): number {
    if (!this.#folders.has(mailbox, folder)) return 0;
    const { cursor, floor, snapshot } = range;
    const binding = { folder, floor, snapshot, sortDate: cursor?.sortDate ?? endOfTime, id: cursor?.id ?? 0 };
    let count = 0;
    for (const statement of this.#sql.countsBeyond) count += statement.get(binding) ?? 0;
    if (cursor !== undefined) for (const statement of this.#sql.countsTied) count += statement.get(binding) ?? 0;
    return count;
  }

  fallen(mailbox: MailboxId, folder: FolderId, range: Range<'fallen'>): readonly Item[] {
    if (!this.#folders.has(mailbox, folder)) return [];
    const { from, to, cursor, limit } = range;
    // Ids begin at 1: id 0 is before all items of its date.
    const start = cursor !== undefined && cursor.filterDate >= from ? cursor : { filterDate: from, id: 0 };
    const binding = { folder, to, filterDate: start.filterDate, id: start.id };
    const same = rowsOf(this.#sql.fallen, binding, limit, true);
    const apart = rowsOf(this.#sql.fallenApart, binding, limit, true);
    return merge(same, apart, limit, (a, b) => a[8] - b[8] || a[0] - b[0]).map(itemOf);
  }
}

/** At most `limit` rows: those at the date of the cursor, if there is a cursor, then those beyond. */
function rowsOf({ tied, beyond }: Walk, binding: RangeBinding, limit: number, cursor: boolean): ItemRow[] {
  const rows = cursor ? tied.all({ ...binding, limit }) : [];
  if (rows.length >= limit) return rows;
  const rest = beyond.all({ ...binding, limit: limit - rows.length });
  return rows.length === 0 ? rest : rows.concat(rest);
}

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
