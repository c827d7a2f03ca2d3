// A sync position: all that is kept of what a device holds of a collection. Small however large the mailbox. Pure.
import type { Counter, PartnershipId } from '../protocol/ids.ts';
import type { BackfillCursor, Item, ItemTombstone } from '../store/mailbox-store.ts';

/** Items that left the filter and are still on the device: to be SoftDeleted, oldest first. */
export interface Fallen {
  /** Their filterDate is in [from, to). */
  readonly from: number;
  readonly to: number;
  /** The last one that was dealt with. */
  readonly cursor?: { readonly filterDate: number; readonly id: BackfillCursor['id'] };
  /** The `adds` of the position when they fell out: items created later never came to the device. */
  readonly adds: Counter;
}

export interface Position {
  /** Changes and deletions up to this counter are dealt with, of items that the device holds. */
  readonly changes: Counter;
  /**
   * Every change up to this was told; the same as `changes` when absent. It stays behind while windows cut the changes short: an item that changes
   * again moves on to its new counter, so that `changes` passes what was never told of it.
   */
  readonly told?: Counter;
  /**
   * Items created up to this counter are dealt with. Apart from `changes`, because an item's `changed` moves: of an item that changed again no
   * single counter could say whether an answer cut short by its window had given it. Its `created` stays.
   */
  readonly adds: Counter;
  /** Items with `created` up to this come by the backfill, later ones in the order of their creation. */
  readonly snapshot: Counter;
  /** The walk over the items of the snapshot; absent once it is done. Without a cursor nothing was given yet. */
  readonly backfill?: { readonly cursor?: BackfillCursor };
  /** Items with an earlier filterDate are not on the device, but for those in `fallen`. */
  readonly cutoff: number;
  readonly fallen?: Fallen;
}

/** Where a device begins: nothing of the collection has been given. */
export function initialPosition(counter: Counter, cutoff: number): Position {
  return { changes: counter, adds: counter, snapshot: counter, backfill: {}, cutoff };
}

type Dated = Pick<Item, 'id' | 'created' | 'createdBy' | 'sortDate' | 'filterDate'>;

function isPast(cursor: BackfillCursor, item: Dated): boolean {
  return item.sortDate > cursor.sortDate || (item.sortDate === cursor.sortDate && item.id >= cursor.id);
}

function wasGiven(position: Position, adds: Counter, item: Dated): boolean {
  if (item.created > position.snapshot) return item.created <= adds;
  const { backfill } = position;
  return backfill === undefined || (backfill.cursor !== undefined && isPast(backfill.cursor, item));
}

function isFallenAndThere(position: Position, item: Dated): boolean {
  const { fallen } = position;
  if (fallen === undefined || item.filterDate < fallen.from || item.filterDate >= fallen.to) return false;
  const { cursor } = fallen;
  const dealtWith =
    cursor !== undefined &&
    (item.filterDate < cursor.filterDate || (item.filterDate === cursor.filterDate && item.id <= cursor.id));
  return !dealtWith && wasGiven(position, fallen.adds, item);
}

/** Whether the device holds the item (or held what is now a tombstone) at a position. What it added itself it always holds. */
export function holds(position: Position, partnership: PartnershipId, item: Dated | ItemTombstone): boolean {
  if (item.createdBy === partnership && item.created > position.snapshot) return true;
  if (item.filterDate < position.cutoff) return isFallenAndThere(position, item);
  return wasGiven(position, position.adds, item);
}

/** No item with an earlier filterDate was given. Spares a look at a whole mailbox of which nothing was given yet. */
function oldestGiven({ backfill, adds, snapshot, cutoff }: Position): number {
  if (backfill === undefined || adds !== snapshot) return cutoff;
  return backfill.cursor === undefined ? Number.POSITIVE_INFINITY : Math.max(cutoff, backfill.cursor.sortDate);
}

/** A window of time that moved on by less is left where it was: an item may stay so much longer, and most requests need not look for fallen ones. */
const patience = 60 * 60 * 1000;

/**
 * The position under another cut-off. A later one makes the items between fall out. An earlier one is taken up by a new walk over what was
 * left out, which supposes that sortDate and filterDate of the class are the same. What is under way is finished first, so that each item is
 * given once.
 */
export function withCutoff(position: Position, cutoff: number): Position {
  if (cutoff === position.cutoff || position.fallen !== undefined) return position;
  if (cutoff > position.cutoff) {
    if (cutoff - position.cutoff < patience) return position;
    const from = oldestGiven(position);
    if (from >= cutoff) return { ...position, cutoff };
    return { ...position, cutoff, fallen: { from, to: cutoff, adds: position.adds } };
  }
  if (position.backfill !== undefined) return position;
  return {
    ...position,
    snapshot: position.adds,
    backfill: { cursor: { sortDate: position.cutoff, id: 0 as BackfillCursor['id'] } },
    cutoff,
  };
}

/** Whether a position has more to do than to follow changes. */
export function isUnderWay(position: Position): boolean {
  return position.backfill !== undefined || position.fallen !== undefined;
}
