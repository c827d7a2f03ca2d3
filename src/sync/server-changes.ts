// What a device lacks of a collection: the changes to send it next and the position that they lead to. Cost is that of the changes.
import type { Counter, FolderId, ItemId, MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { Item, ItemChange, MailboxStore } from '../store/mailbox-store.ts';
import { holds, type Position, withCutoff } from './position.ts';

/** A change for the device. */
export type ServerChange =
  | { readonly kind: 'Add'; readonly item: Item }
  /** `knownUpTo`: the device holds the item as it was at that counter; undefined when it must get the whole item. */
  | { readonly kind: 'Change'; readonly item: Item; readonly knownUpTo: Counter | undefined }
  | { readonly kind: 'Delete'; readonly itemId: ItemId }
  /** The item left the filter; it still exists. */
  | { readonly kind: 'SoftDelete'; readonly itemId: ItemId };

export interface Wanted {
  readonly mailbox: MailboxId;
  readonly folder: FolderId;
  readonly partnership: PartnershipId;
  readonly cutoff: number;
  /** At most so many changes. */
  readonly windowSize: number;
  /** Stop adding when the changes so far weigh more than this; one change is always given. */
  readonly maximumWeight: number;
  readonly weigh: (change: Extract<ServerChange, { item: Item }>) => number;
  /** Items that the request itself changes or deletes: what the device sent stands, so that it is not told of the state before. */
  readonly settled: ReadonlySet<ItemId>;
  /** Those of them that it deletes. */
  readonly gone: ReadonlySet<ItemId>;
  /** Items that the device changed without learning of the outcome: its own changes to them are told as well. */
  readonly unanswered: ReadonlySet<ItemId>;
  /** Items that the device changed in vain: they are told whole, or its own change would stay where the server has none. */
  readonly refused: ReadonlySet<ItemId>;
}

export interface ServerChanges {
  readonly changes: readonly ServerChange[];
  readonly position: Position;
  /** True when at least one more change waits. */
  readonly more: boolean;
  /** Rows that were read: a reason to keep the position even when there is nothing to send. */
  readonly scanned: number;
}

/**
 * Rows read at once: what the window still takes, and some more because some of them may be the device's own. A look for the first change (Ping) reads few.
 */
function batchFor(window: Window): number {
  const room = Math.max(window.room, 0);
  return room + Math.min(room + 2, 32);
}

/** Collects changes up to the window; knows when one more would have come. */
class Window {
  readonly changes: ServerChange[] = [];
  more = false;
  scanned = 0;
  private weight = 0;
  private readonly wanted: Wanted;
  private readonly items = new Set<ItemId>();

  constructor(wanted: Wanted) {
    this.wanted = wanted;
  }

  get room(): number {
    return this.wanted.windowSize - this.changes.length;
  }

  /**
   * False, and `more`, when there is no room for it. An item that changed again while this answer was put together has no room either: its new
   * state comes with the next one.
   */
  add(change: ServerChange): boolean {
    const id = 'item' in change ? change.item.id : change.itemId;
    const weight = 'item' in change ? this.wanted.weigh(change) : 0;
    const tooHeavy = this.changes.length > 0 && this.weight + weight > this.wanted.maximumWeight;
    if (this.room <= 0 || tooHeavy || this.items.has(id)) {
      this.more = true;
      return false;
    }
    this.changes.push(change);
    this.items.add(id);
    this.weight += weight;
    return true;
  }
}

/** What a change of the folder means to the device; undefined for nothing. */
function meaningOf(change: ItemChange, position: Position, wanted: Wanted): ServerChange | undefined {
  const { partnership, unanswered } = wanted;
  if (change.kind === 'tombstone') {
    const { tombstone } = change;
    const toldAlready = tombstone.deletedBy === partnership && !unanswered.has(tombstone.id);
    return !toldAlready && holds(position, partnership, tombstone)
      ? { kind: 'Delete', itemId: tombstone.id }
      : undefined;
  }
  const { item } = change;
  // An item that left the filter is about to be SoftDeleted; one that the device lacks comes by another way, as it is then.
  const isOwn = item.changedBy === partnership && !unanswered.has(item.id);
  const matters = !isOwn && item.filterDate >= position.cutoff && !wanted.settled.has(item.id);
  // What the device moved here may have changed before without its knowing.
  const isKnown = item.createdBy !== partnership && !wanted.refused.has(item.id) && !unanswered.has(item.id);
  const knownUpTo = isKnown ? (position.told ?? position.changes) : undefined;
  return matters && holds(position, partnership, item) ? { kind: 'Change', item, knownUpTo } : undefined;
}

async function followChanges(store: MailboxStore, start: Position, wanted: Wanted, window: Window): Promise<Position> {
  let { changes } = start;
  for (;;) {
    const limit = batchFor(window);
    const batch = await store.changesAfter(wanted.mailbox, wanted.folder, changes, limit, start.adds);
    for (const change of batch.changes) {
      window.scanned++;
      const meaning = meaningOf(change, start, wanted);
      if (meaning !== undefined && !window.add(meaning))
        return { ...start, changes, told: start.told ?? start.changes };
      changes = change.at;
    }
    const { told: _, ...complete } = start;
    if (!batch.more) return { ...complete, changes: batch.reached };
  }
}

/**
 * What an item created since means. What the device brought here itself (by a move; mail is not added by Sync) it holds, but somebody else may have
 * changed it, or the device itself without learning of it.
 */
function meaningOfNew(item: Item, { partnership, settled, gone, unanswered }: Wanted): ServerChange | undefined {
  if (item.createdBy !== partnership) return gone.has(item.id) ? undefined : { kind: 'Add', item };
  const isOwn = item.changedBy === partnership && !unanswered.has(item.id);
  return isOwn || settled.has(item.id) ? undefined : { kind: 'Change', item, knownUpTo: undefined };
}

/** Gives items created since, in the order of their creation, once all changes are given. */
async function followAdds(store: MailboxStore, start: Position, wanted: Wanted, window: Window): Promise<Position> {
  let { adds } = start;
  // Nothing can have been created since.
  if (adds >= start.changes) return start;
  for (;;) {
    const limit = batchFor(window);
    const range = { after: adds, floor: start.cutoff, limit };
    const items = await store.createdAfter(wanted.mailbox, wanted.folder, range);
    for (const item of items) {
      window.scanned++;
      const meaning = meaningOfNew(item, wanted);
      if (meaning !== undefined && !window.add(meaning)) return { ...start, adds };
      adds = item.created;
    }
    // Everything created until the changes were read was there to be read now.
    if (items.length < limit) return { ...start, adds: Math.max(adds, start.changes) };
  }
}

async function softDeleteFallen(
  store: MailboxStore,
  start: Position,
  wanted: Wanted,
  window: Window,
): Promise<Position> {
  let position = start;
  while (position.fallen !== undefined) {
    const { fallen } = position;
    const limit = batchFor(window);
    const items = await store.fallen(wanted.mailbox, wanted.folder, { ...fallen, cursor: fallen.cursor, limit });
    for (const item of items) {
      window.scanned++;
      const there = holds(position, wanted.partnership, item) && !wanted.gone.has(item.id);
      if (there && !window.add({ kind: 'SoftDelete', itemId: item.id })) return position;
      const cursor = { filterDate: item.filterDate, id: item.id };
      position = { ...position, fallen: { ...fallen, cursor } };
    }
    if (items.length < limit) {
      // One that was deleted since the changes were read is in neither list: its deletion is told next time, by what is kept of the fall.
      if ((await store.counter(wanted.mailbox)) !== start.changes) return position;
      const { fallen: _, ...settled } = position;
      return settled;
    }
  }
  return position;
}

async function walkBack(store: MailboxStore, start: Position, wanted: Wanted, window: Window): Promise<Position> {
  if (start.backfill === undefined) return start;
  const limit = Math.max(window.room, 0) + 1;
  let { cursor } = start.backfill;
  const range = { snapshot: start.snapshot, cursor, floor: start.cutoff, limit };
  const items = await store.backfill(wanted.mailbox, wanted.folder, range);
  for (const item of items) {
    window.scanned++;
    const isGone = wanted.gone.has(item.id);
    if (!isGone && !window.add({ kind: 'Add', item }))
      return { ...start, backfill: cursor === undefined ? {} : { cursor } };
    cursor = { sortDate: item.sortDate, id: item.id };
  }
  const { backfill: _, ...rest } = start;
  return items.length < limit ? rest : { ...start, backfill: cursor === undefined ? {} : { cursor } };
}

/**
 * The next changes for a device at a position: of what it holds first, then what left its filter, then what is new, then what is left of the first walk, so
 * that new mail does not wait for the end of a long first sync.
 */
export async function serverChanges(store: MailboxStore, position: Position, wanted: Wanted): Promise<ServerChanges> {
  const window = new Window(wanted);
  let next = withCutoff(position, wanted.cutoff);
  for (const step of [followChanges, softDeleteFallen, followAdds, walkBack]) {
    if (!window.more) next = await step(store, next, wanted, window);
  }
  // A filter that changed while something was under way had to wait for its end.
  next = withCutoff(next, wanted.cutoff);
  for (const step of [softDeleteFallen, walkBack]) {
    if (!window.more) next = await step(store, next, wanted, window);
  }
  return { changes: window.changes, position: next, more: window.more, scanned: window.scanned };
}
