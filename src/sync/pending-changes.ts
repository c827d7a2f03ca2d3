// What a device lacks of a collection without giving it: whether there is anything (Ping), and how much (GetItemEstimate).
import type { FolderId, MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { MailboxStore } from '../store/mailbox-store.ts';
import { stateOfKey } from './collection-state.ts';
import type { Position } from './position.ts';
import { serverChanges } from './server-changes.ts';

interface Place {
  readonly mailbox: MailboxId;
  readonly partnership: PartnershipId;
  readonly folder: FolderId;
}

function lookAhead(store: MailboxStore, place: Place, position: Position, cutoff: number, windowSize: number) {
  return serverChanges(store, position, {
    ...place,
    cutoff,
    windowSize,
    maximumWeight: Number.POSITIVE_INFINITY,
    weigh: () => 0,
    settled: new Set(),
    gone: new Set(),
    unanswered: new Set(),
    refused: new Set(),
  });
}

/**
 * Whether the next Sync of a collection has anything for the device. False for a collection that it never synchronized: it expects nothing of it,
 * and would be woken for ever. The cut-off stays where the last Sync left it, so that no device is woken because a day went by.
 */
export async function lacksChanges(store: MailboxStore, place: Place): Promise<boolean> {
  const generations = await store.syncGenerations(place.partnership, place.folder);
  const state = generations.current && stateOfKey(generations, String(generations.current.key));
  if (state === undefined) return false;
  const { changes } = await lookAhead(store, place, state.position, state.position.cutoff, 1);
  return changes.length > 0;
}

/** Changes that are counted one by one; a first sync's further items are counted by index. */
export const countedChanges = 512;

export type Estimate =
  | { readonly kind: 'estimate'; readonly changes: number }
  /** The device never began to synchronize the collection. */
  | { readonly kind: 'not-primed' }
  /** The key is not one that the next Sync may send. */
  | { readonly kind: 'invalid-key' };

/** How many changes the device lacks that is at `syncKey`, of items dated from `cutoff` on. */
export async function estimateChanges(
  store: MailboxStore,
  place: Place,
  syncKey: string,
  cutoff: number,
): Promise<Estimate> {
  const generations = await store.syncGenerations(place.partnership, place.folder);
  if (generations.current === undefined || syncKey === '0') return { kind: 'not-primed' };
  const state = stateOfKey(generations, syncKey);
  if (state === undefined) return { kind: 'invalid-key' };
  const { changes, more, position } = await lookAhead(store, place, state.position, cutoff, countedChanges);
  const range = { snapshot: position.snapshot, cursor: position.backfill?.cursor, floor: position.cutoff };
  const further =
    more && position.backfill !== undefined ? await store.countBackfill(place.mailbox, place.folder, range) : 0;
  return { kind: 'estimate', changes: changes.length + further };
}
