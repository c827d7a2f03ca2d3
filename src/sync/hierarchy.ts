// The folder hierarchy as a device knows it: which folders it lacks, and the sync keys that name what it has been told
// (MS-ASCMD section 2.2.3.181.3, SyncKey (FolderSync); 2.2.3.181.1, SyncKey (FolderCreate, FolderDelete, and FolderUpdate)).
import { randomInt } from 'node:crypto';
import type { Counter, FolderId, MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { Folder, FolderTombstone, MailboxStore, SyncGenerations, SyncState } from '../store/mailbox-store.ts';

/** What a device has been told of the hierarchy. */
export interface HierarchyState {
  /** Changes of folders up to this counter have been told. */
  readonly reached: Counter;
  /** Folders that the device made or changed itself after `reached`, and the `changed` of each that it knows of. */
  readonly known: readonly (readonly [id: FolderId, changed: Counter])[];
  /** Folders that the device deleted itself after `reached`: each that it named, followed by what was below. */
  readonly gone: readonly FolderId[];
  /**
   * Folders that somebody else moved while the device deleted one: it may have taken them away with that one. They are deleted and added anew
   * at the next answer, which is right in either case.
   */
  readonly doubtful: readonly FolderId[];
}

export const emptyHierarchy: HierarchyState = { reached: 0, known: [], gone: [], doubtful: [] };

/** What a device lacks. Parents come before their children. */
export interface HierarchyChanges {
  readonly adds: readonly Folder[];
  readonly updates: readonly Folder[];
  readonly deletes: readonly FolderId[];
  /** What the device has been told once it has these. */
  readonly next: HierarchyState;
}

/** The folders in an order in which none comes before its parent. */
function parentsFirst(folders: readonly Folder[]): Folder[] {
  const waiting = new Map(folders.map((folder) => [folder.id, folder]));
  const ordered: Folder[] = [];
  for (const folder of folders) {
    const line: Folder[] = [];
    for (let at: Folder | undefined = folder; at !== undefined && waiting.delete(at.id); ) {
      line.push(at);
      at = at.parentId === 0 ? undefined : waiting.get(at.parentId);
    }
    ordered.push(...line.reverse());
  }
  return ordered;
}

/** Works out what a device lacks. Cost is that of the changes since `state.reached`. */
export async function hierarchyChanges(
  store: MailboxStore,
  mailbox: MailboxId,
  state: HierarchyState,
): Promise<HierarchyChanges> {
  const { folders, tombstones } = await store.folderChanges(mailbox, state.reached);
  if (folders.length === 0 && tombstones.length === 0) return { adds: [], updates: [], deletes: [], next: state };
  const known = new Map(state.known);
  const gone = new Set(state.gone);
  const renewed = await doubtfulFolders(store, mailbox, state);
  const renewedIds = new Set(renewed.map(({ id }) => id));
  const news = folders.filter((folder) => (known.get(folder.id) ?? 0) < folder.changed && !renewedIds.has(folder.id));
  const lost = tombstones.filter((tombstone) => has(state, tombstone) && !gone.has(tombstone.id));
  return {
    adds: parentsFirst([...news.filter((folder) => !has(state, folder)), ...renewed]),
    updates: news.filter((folder) => has(state, folder)),
    deletes: [...lost, ...renewed].map(({ id }) => id),
    next: { ...emptyHierarchy, reached: lastOf(state.reached, folders, tombstones) },
  };
}

/** The doubtful folders that there are, with what is below them now: to delete them takes that away too. */
async function doubtfulFolders(store: MailboxStore, mailbox: MailboxId, state: HierarchyState): Promise<Folder[]> {
  if (state.doubtful.length === 0) return [];
  const folders = await store.folders(mailbox);
  const ids = withDescendants(folders, state.doubtful);
  return folders.filter((folder) => ids.has(folder.id) && has(state, folder));
}

/** Whether the device has a folder, as far as it was told and did not take it away itself. */
function has(state: HierarchyState, folder: { readonly id: FolderId; readonly created: Counter }): boolean {
  return folder.created <= state.reached || state.known.some(([id]) => id === folder.id);
}

// Not the mailbox's counter: mail that arrives must not make a repeated answer look like another one.
function lastOf(reached: Counter, folders: readonly Folder[], tombstones: readonly FolderTombstone[]): Counter {
  let last = reached;
  for (const { changed } of folders) last = Math.max(last, changed);
  for (const { deleted } of tombstones) last = Math.max(last, deleted);
  return last;
}

/** Whether the device knows a folder as it stands. */
function knowsAsItIs(state: HierarchyState, folder: Folder): boolean {
  return (
    folder.changed <= state.reached ||
    state.known.some(([id, changed]) => id === folder.id && changed === folder.changed)
  );
}

/** The state after the device made or changed a folder and was told so. */
export function withOwnFolder(state: HierarchyState, folder: Folder): HierarchyState {
  const known = state.known.filter(([id]) => id !== folder.id);
  return {
    ...state,
    known: [...known, [folder.id, folder.changed] as const].sort(([a], [b]) => a - b),
    doubtful: state.doubtful.filter((id) => id !== folder.id),
  };
}

/** The folders and all that is below them. Parents stand before children in `folders`, so that one pass finds all. */
function withDescendants(folders: readonly Folder[], roots: Iterable<FolderId>): Set<FolderId> {
  const ids = new Set(roots);
  for (const { id, parentId } of folders) if (parentId !== 0 && ids.has(parentId)) ids.add(id);
  return ids;
}

/**
 * The state after the device deleted a folder and was told so; `folders` as they stood before. The device takes away what is below the folder as far
 * as it knows. What somebody else moved there it has elsewhere, and must be told of; what somebody else moved away it may have lost.
 */
export function withoutOwnFolder(state: HierarchyState, folders: readonly Folder[], root: FolderId): HierarchyState {
  const knownAsTheyAre = folders.filter((folder) => knowsAsItIs(state, folder));
  const taken = withDescendants(knownAsTheyAre, [root]);
  const deleted = withDescendants(folders, [root]);
  const moved = folders.filter((folder) => has(state, folder) && !knowsAsItIs(state, folder));
  const mayBeLost = withDescendants(folders, [...state.doubtful, ...moved.map(({ id }) => id)]);
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const doubtful = [...mayBeLost].filter((id) => {
    const folder = byId.get(id);
    return folder !== undefined && !deleted.has(id) && has(state, folder);
  });
  return {
    ...state,
    known: state.known.filter(([id]) => !taken.has(id)),
    gone: [...state.gone, ...taken],
    doubtful: doubtful.sort((a, b) => a - b),
  };
}

function encode(state: HierarchyState): string {
  const { reached, known, gone, doubtful } = state;
  return JSON.stringify({ reached, known, gone, doubtful });
}

/** Where a request stands: the generations as read, and the one that its sync key names. */
export interface HierarchyBase {
  /** 0 for a device that begins. */
  readonly key: number;
  readonly state: HierarchyState;
  readonly generations: SyncGenerations;
}

function baseOf(generations: SyncGenerations, generation: SyncState | undefined): HierarchyBase | undefined {
  if (generation === undefined) return undefined;
  return { key: generation.key, state: JSON.parse(generation.data) as HierarchyState, generations };
}

/** Finds what a sync key names: 0 the beginning, else one of the two generations kept; undefined for any other. */
export async function hierarchyBase(
  store: MailboxStore,
  partnership: PartnershipId | 0,
  syncKey: string,
): Promise<HierarchyBase | undefined> {
  const generations = partnership === 0 ? {} : await store.syncGenerations(partnership, 0);
  if (syncKey === '0') return { key: 0, state: emptyHierarchy, generations };
  const { current, previous } = generations;
  return baseOf(
    generations,
    [current, previous].find((generation) => generation !== undefined && String(generation.key) === syncKey),
  );
}

/** The state that the lost answer to the deletion of this folder led to, when the same request came before; undefined when it did not. */
export function stateOfLostDeletion(
  { key, state, generations }: HierarchyBase,
  id: FolderId,
): HierarchyState | undefined {
  const { current } = generations;
  const lost = key === current?.key ? undefined : baseOf(generations, current)?.state;
  return lost?.gone[state.gone.length] === id ? lost : undefined;
}

/** The state that the last answer led to; undefined when the device has never synchronized its hierarchy. */
export async function currentHierarchy(
  store: MailboxStore,
  partnership: PartnershipId | 0,
): Promise<HierarchyState | undefined> {
  if (partnership === 0) return undefined;
  const generations = await store.syncGenerations(partnership, 0);
  return baseOf(generations, generations.current)?.state;
}

interface Owner {
  readonly mailbox: MailboxId;
  /** 0 for a device of which nothing is kept. */
  readonly partnership: PartnershipId | 0;
}

async function commit(store: MailboxStore, owner: Owner, before: SyncGenerations, after: SyncGenerations) {
  const { mailbox, partnership } = owner;
  if (partnership === 0) return true;
  const expectedKey = before.current?.key;
  const unit = { mailbox, partnership, collection: 0, expectedKey, writes: [], generations: () => after } as const;
  return (await store.commitSync(unit)).kind === 'done';
}

/**
 * Keeps what an answer leads to and gives the key to answer with; undefined when another request was faster and the caller must begin again.
 * A repeated request whose outcome is that of the lost answer gets the key of that answer, and nothing is written; a key is never given a
 * second meaning.
 */
export async function commitHierarchy(
  store: MailboxStore,
  owner: Owner,
  base: HierarchyBase,
  next: HierarchyState,
): Promise<number | undefined> {
  const { current, previous } = base.generations;
  const data = encode(next);
  if (current?.data === data) return current.key;
  // The first key is drawn, so that those of a partnership that was removed mean nothing.
  const key = current === undefined ? randomInt(1, 2 ** 30) : Math.max(current.key, previous?.key ?? 0) + 1;
  const kept = base.key === previous?.key ? previous : current;
  const after = { current: { key, data }, ...(kept === undefined ? {} : { previous: kept }) };
  return (await commit(store, owner, base.generations, after)) ? key : undefined;
}

/** Keeps a state under the key that it has: there was nothing to tell the device, but changes of its own need not be read again. */
export async function advanceHierarchy(
  store: MailboxStore,
  owner: Owner,
  base: HierarchyBase,
  next: HierarchyState,
): Promise<boolean> {
  const data = encode(next);
  if (data === encode(base.state)) return true;
  const renew = (generation: SyncState) => (generation.key === base.key ? { key: base.key, data } : generation);
  const { current, previous } = base.generations;
  return commit(store, owner, base.generations, {
    ...(current === undefined ? {} : { current: renew(current) }),
    ...(previous === undefined ? {} : { previous: renew(previous) }),
  });
}
