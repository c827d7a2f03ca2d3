// One collection of a Sync request, from the key that the device sent to the answer and the state that is kept for it.
import { weightOf } from '../content/item-elements.ts';
import { type Counter, type FolderId, type MailboxId, type PartnershipId, serverIdOf } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import type { ContentClass, Folder, MailboxStore, SyncGenerations } from '../store/mailbox-store.ts';
import { type ClientCommand, clientChanges, ItemStatus } from './client-changes.ts';
import {
  type AppliedCommand,
  advance,
  type CollectionOptions,
  type CollectionState,
  defaultOptions,
  itemsOf,
  type LoadedState,
  stateOfKey,
} from './collection-state.ts';
import { cutoffOf } from './filter.ts';
import { initialPosition, isUnderWay } from './position.ts';
import { type ServerChange, type ServerChanges, serverChanges } from './server-changes.ts';

export interface CollectionRequest {
  readonly mailbox: MailboxId;
  readonly partnership: PartnershipId;
  readonly version: ProtocolVersion;
  readonly folder: Folder;
  readonly contentClass: ContentClass;
  readonly syncKey: string;
  /** New options; undefined keeps those of before. */
  readonly options: CollectionOptions | undefined;
  readonly commands: readonly ClientCommand[];
  readonly getChanges: boolean;
  /** Where deleted items go; undefined when they are deleted for good. */
  readonly deletedItems: FolderId | undefined;
  readonly windowSize: number;
  /** Octets that the answer may still take, about. */
  readonly maximumWeight: number;
  readonly now: number;
}

export type CollectionAnswer =
  /** Unknown or outdated key: Status 3. Nothing was changed. */
  | { readonly kind: 'invalid-key' }
  /** Other requests kept coming in between: Status 16. Nothing was changed. */
  | { readonly kind: 'retry' }
  /** Nothing to tell; the key stays. */
  | { readonly kind: 'unchanged'; readonly syncKey: string; readonly options: CollectionOptions }
  | {
      readonly kind: 'changed';
      readonly syncKey: string;
      readonly options: CollectionOptions;
      readonly applied: readonly AppliedCommand[];
      readonly changes: readonly ServerChange[];
      readonly more: boolean;
    };

/** Rows passed over without anything to tell before the position is kept all the same, so that they are not read again and again. */
const scannedBeforeKeeping = 64;

async function firstSync(
  store: MailboxStore,
  request: CollectionRequest,
  generations: SyncGenerations,
): Promise<CollectionAnswer | undefined> {
  const options = request.options ?? defaultOptions;
  const counter: Counter = await store.counter(request.mailbox);
  const cutoff = cutoffOf(request.contentClass, options.filterType ?? 0, request.now);
  const state: CollectionState = { position: initialPosition(counter, cutoff), options, applied: [] };
  const advanced = advance(generations, undefined, state);
  const outcome = await store.commitSync({
    mailbox: request.mailbox,
    partnership: request.partnership,
    collection: request.folder.id,
    expectedKey: generations.current?.key,
    writes: [],
    generations: () => ({ current: advanced.current }),
  });
  if (outcome.kind === 'stale') return undefined;
  return { kind: 'changed', syncKey: String(advanced.current.key), options, applied: [], changes: [], more: false };
}

function decide(store: MailboxStore, request: CollectionRequest, state: LoadedState, options: CollectionOptions) {
  const { mailbox, partnership, folder, version, deletedItems, commands } = request;
  const { position, recognised, unanswered = [] } = state;
  const conflict = options.conflict ?? 1;
  const scope = { mailbox, partnership, folder, version, position, conflict, deletedItems, recognised, unanswered };
  return clientChanges(store, scope, commands);
}

async function gather(store: MailboxStore, request: CollectionRequest, state: LoadedState, options: CollectionOptions) {
  const { position } = state;
  const own = await decide(store, request, state, options);
  const applied = [...own.applied, ...own.notRepeated];
  const { unanswered } = own;
  const refused = [...(state.refused ?? []), ...itemsOf(applied, ItemStatus.Conflict)];
  const carried = {
    ...(unanswered.length === 0 ? {} : { unanswered }),
    ...(refused.length === 0 ? {} : { refused }),
  };
  if (!request.getChanges) {
    const none: ServerChanges = { changes: [], position, more: false, scanned: 0 };
    return { own, applied, server: none, carried };
  }
  const server = await serverChanges(store, position, {
    mailbox: request.mailbox,
    folder: request.folder.id,
    partnership: request.partnership,
    cutoff: cutoffOf(request.contentClass, options.filterType ?? 0, request.now),
    windowSize: request.windowSize,
    maximumWeight: request.maximumWeight,
    weigh: (change) => weightOf(change, options),
    settled: own.settled,
    gone: own.gone,
    unanswered: new Set(unanswered),
    refused: new Set(refused),
  });
  return { own, applied, server, carried: server.more ? carried : {} };
}

/** Keeps a position that moved without anything to tell, under the key that the device has. Losing it costs only time. */
async function keepQuietly(
  store: MailboxStore,
  request: CollectionRequest,
  state: LoadedState,
  next: CollectionState,
  generations: SyncGenerations,
) {
  await store.commitSync({
    mailbox: request.mailbox,
    partnership: request.partnership,
    collection: request.folder.id,
    expectedKey: state.key,
    writes: [],
    generations: () => ({ ...generations, current: { key: state.key, data: JSON.stringify(next) } }),
  });
}

async function attempt(store: MailboxStore, request: CollectionRequest): Promise<CollectionAnswer | undefined> {
  const { mailbox, partnership, folder } = request;
  const generations = await store.syncGenerations(partnership, folder.id);
  if (request.syncKey === '0') return firstSync(store, request, generations);
  const state = stateOfKey(generations, request.syncKey);
  if (state === undefined) return { kind: 'invalid-key' };
  const options = request.options ?? state.options;
  const { own, applied, server, carried } = await gather(store, request, state, options);
  const next: CollectionState = { position: server.position, options, applied, ...carried };
  const optionsChanged = JSON.stringify(options) !== JSON.stringify(state.options);
  if (own.applied.length === 0 && server.changes.length === 0 && !server.more) {
    const cameToAnEnd = isUnderWay(state.position) && !isUnderWay(server.position);
    if (state.isCurrent && (optionsChanged || cameToAnEnd || server.scanned >= scannedBeforeKeeping)) {
      await keepQuietly(store, request, state, { ...next, applied: state.applied }, generations);
    }
    return { kind: 'unchanged', syncKey: request.syncKey, options };
  }
  const advanced = advance(generations, state.key, next);
  const outcome = await store.commitSync({
    mailbox,
    partnership,
    collection: folder.id,
    expectedKey: generations.current?.key,
    writes: own.writes,
    generations: () => advanced,
  });
  if (outcome.kind === 'stale') return undefined;
  const syncKey = String(advanced.current.key);
  return { kind: 'changed', syncKey, options, applied: own.applied, changes: server.changes, more: server.more };
}

/** Syncs one collection. The caller holds the collection's lock. */
export async function syncCollection(store: MailboxStore, request: CollectionRequest): Promise<CollectionAnswer> {
  for (let tries = 0; tries < 4; tries++) {
    const answer = await attempt(store, request);
    if (answer !== undefined) return answer;
  }
  return { kind: 'retry' };
}

/** The ServerId of an item that a change names. */
export function serverIdOfChange(folder: FolderId, change: ServerChange): string {
  return serverIdOf(folder, 'item' in change ? change.item.id : change.itemId);
}
