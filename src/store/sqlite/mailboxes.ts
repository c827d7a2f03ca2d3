// Mailboxes on SQLite: the interface on top of folders, items, ranges, writes and sync states.
import type { FolderId, MailboxId, PartnershipId } from '../../protocol/ids.ts';
import type { ItemWrite, MailboxStore, SyncUnit, SyncUnitOutcome, WriteResult } from '../mailbox-store.ts';
import { StoreError } from '../store-error.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import type { Folders } from './folders.ts';
import { ItemRanges } from './item-ranges.ts';
import { type ItemWrites, type PreparedWrites, prepareWrites, staleUnit } from './item-writes.ts';
import { Items } from './items.ts';
import type { Messages } from './messages.ts';
import type { SyncStates } from './sync-states.ts';

/** The parts that mailboxes share with the other stores of the engine. */
export interface MailboxParts {
  readonly database: SqliteDatabase;
  readonly counters: Counters;
  readonly folders: Folders;
  readonly messages: Messages;
  readonly writes: ItemWrites;
  readonly states: SyncStates;
}

export function sqliteMailboxes(parts: MailboxParts): MailboxStore {
  const { database, counters, folders, messages, states } = parts;
  const items = new Items(database, messages);
  const ranges = new ItemRanges(database, counters, folders);
  return {
    counter: async (mailbox) => counters.read(mailbox),
    folders: async (mailbox) => folders.list(mailbox),
    folder: async (mailbox, id) => folders.find(mailbox, id),
    folderOfType: async (mailbox, type) => folders.ofType(mailbox, type),
    folderChanges: async (mailbox, after) => folders.changes(mailbox, after),
    createFolder: async (mailbox, folder, by) => folders.create(mailbox, folder, by),
    updateFolder: async (mailbox, id, change, by) => folders.update(mailbox, id, change, by),
    deleteFolder: async (mailbox, id, by) => folders.delete(mailbox, id, by),
    item: async (mailbox, id) => items.find(mailbox, id),
    items: async (mailbox, ids) => items.list(mailbox, ids),
    bodies: async (mailbox, wanted) => wanted.map(({ itemId, kind }) => items.body(mailbox, itemId, kind)),
    partOctets: async (mailbox, id, { start, end }) => items.octets(mailbox, id, start, end),
    changesAfter: async (mailbox, folder, after, limit, createdUpTo) =>
      ranges.changesAfter(mailbox, folder, after, limit, createdUpTo),
    createdAfter: async (mailbox, folder, range) => ranges.createdAfter(mailbox, folder, range),
    countCreatedAfter: async (mailbox, folder, range) => ranges.countCreatedAfter(mailbox, folder, range),
    backfill: async (mailbox, folder, range) => ranges.backfill(mailbox, folder, range),
    countBackfill: async (mailbox, folder, range) => ranges.countBackfill(mailbox, folder, range),
    fallen: async (mailbox, folder, range) => ranges.fallen(mailbox, folder, range),
    write: (mailbox, writes, by) => write(parts, mailbox, writes, by),
    syncGenerations: async (partnership, collection) => states.read(partnership, collection),
    commitSync: (unit) => commitSync(parts, unit),
  };
}

async function write(
  { database, writes }: MailboxParts,
  mailbox: MailboxId,
  wanted: readonly ItemWrite[],
  by: PartnershipId | 0,
): Promise<{ kind: 'done'; results: readonly WriteResult[] } | { kind: 'stale' }> {
  const prepared = await prepareWrites(wanted);
  database.identifiers.reserve(wanted.length);
  return unlessStale(() =>
    database.unit(() => ({ kind: 'done', results: writes.apply(mailbox, prepared, by) }), prepared.octets),
  );
}

async function commitSync(parts: MailboxParts, unit: SyncUnit): Promise<SyncUnitOutcome> {
  const prepared = await prepareWrites(unit.writes);
  parts.database.identifiers.reserve(unit.writes.length);
  return unlessStale(() => parts.database.unit(() => applySync(parts, unit, prepared), prepared.octets));
}

function applySync({ folders, states, writes }: MailboxParts, unit: SyncUnit, prepared: PreparedWrites) {
  const { mailbox, partnership, collection } = unit;
  const { key, kept } = states.currentKey(partnership, collection);
  if (key !== unit.expectedKey) throw staleUnit;
  if (!kept) mustExist({ folders, states }, mailbox, partnership, collection);
  const results = writes.apply(mailbox, prepared, partnership);
  const generations = unit.generations(results);
  states.replace(partnership, collection, generations, kept);
  return { kind: 'done' as const, results, generations };
}

/** Whatever is deleted takes its sync states along: only a first one can come too late. */
function mustExist(
  { folders, states }: Pick<MailboxParts, 'folders' | 'states'>,
  mailbox: MailboxId,
  partnership: PartnershipId,
  collection: FolderId | 0,
): void {
  if (collection !== 0 && !folders.has(mailbox, collection)) throw staleUnit;
  if (!states.hasPartnership(partnership)) throw new StoreError('gone', 'The partnership was removed.');
}

function unlessStale<T>(work: () => T): T | { readonly kind: 'stale' } {
  try {
    return work();
  } catch (error) {
    if (error === staleUnit) return { kind: 'stale' };
    throw error;
  }
}
