// Folders of a mailbox and their tombstones (MS-ASCMD section 2.2.1.5, FolderSync, and its kin FolderCreate, FolderUpdate, FolderDelete).
import type { Counter, FolderId, MailboxId, PartnershipId } from '../../protocol/ids.ts';
import { defaultFolders, folderNameKey, isSpecialFolder, maximumFolders } from '../folder-rules.ts';
import type { Folder, FolderOutcome, FolderTombstone } from '../mailbox-store.ts';
import type { Counters } from './counters.ts';
import type { SqliteDatabase } from './database.ts';
import { prepareFolderStatements } from './folder-statements.ts';
import type { Purges } from './purges.ts';
import { RowCache } from './row-cache.ts';

type NewFolder = { readonly parentId: FolderId | 0; readonly name: string; readonly type: number };

export class Folders {
  readonly #database: SqliteDatabase;
  readonly #counters: Counters;
  readonly #purges: Purges;
  readonly #cache: RowCache<Folder>;
  readonly #sql;

  constructor(database: SqliteDatabase, counters: Counters, purges: Purges) {
    this.#database = database;
    this.#counters = counters;
    this.#purges = purges;
    this.#cache = new RowCache(database);
    this.#sql = prepareFolderStatements(database.connection);
  }

  list(mailbox: MailboxId): readonly Folder[] {
    const all = this.#sql.ofMailbox.all(mailbox);
    const children = groupByParent(all);
    const ordered: Folder[] = [...(children.get(0) ?? [])];
    // The list grows while it is walked: each folder's children come after it.
    for (const folder of ordered) ordered.push(...(children.get(folder.id) ?? []));
    return ordered;
  }

  find(mailbox: MailboxId, id: FolderId | 0): Folder | undefined {
    return this.#cache.get(`${mailbox}:${id}`, () => this.#sql.byId.get(id, mailbox));
  }

  /** True when the folder is there and of this mailbox. */
  has(mailbox: MailboxId, id: FolderId): boolean {
    return this.find(mailbox, id) !== undefined;
  }

  ofType(mailbox: MailboxId, type: number): Folder | undefined {
    return this.#cache.get(`${mailbox} of type ${type}`, () => this.#sql.ofType.get(mailbox, type));
  }

  changes(
    mailbox: MailboxId,
    after: Counter,
  ): { folders: readonly Folder[]; tombstones: readonly FolderTombstone[]; reached: Counter } {
    const reached = this.#counters.read(mailbox);
    if (reached <= after) return { folders: [], tombstones: [], reached };
    // Bounded by the counter: another process may change the mailbox between these statements.
    const folders = this.#sql.changedBetween.all(mailbox, after, reached);
    const tombstones = this.#sql.deletedBetween.all(mailbox, after, reached);
    return { folders, tombstones, reached };
  }

  create(mailbox: MailboxId, folder: NewFolder, by: PartnershipId | 0): FolderOutcome {
    this.#database.identifiers.reserve(1);
    return this.#database.unit(() => {
      const { parentId, name } = folder;
      if (parentId !== 0 && !this.has(mailbox, parentId)) return { kind: 'parent-not-found' };
      if (this.#sql.named.get(mailbox, parentId, folderNameKey(name)) !== undefined) return { kind: 'name-exists' };
      if ((this.#sql.count.get(mailbox) ?? 0) >= maximumFolders) return { kind: 'too-many' };
      return { kind: 'done', folder: this.#insert(mailbox, folder, by) };
    });
  }

  /** Within a unit, with their ids reserved: the default folders of a new mailbox. */
  createDefaults(mailbox: MailboxId): void {
    for (const { name, type } of defaultFolders) this.#insert(mailbox, { parentId: 0, name, type }, 0);
  }

  update(
    mailbox: MailboxId,
    id: FolderId,
    change: { readonly parentId: FolderId | 0; readonly name: string },
    by: PartnershipId | 0,
  ): FolderOutcome {
    return this.#database.unit(() => {
      const { parentId, name } = change;
      const folder = this.find(mailbox, id);
      if (folder === undefined) return { kind: 'not-found' };
      if (isSpecialFolder(folder.type)) return { kind: 'special' };
      if (parentId !== 0 && !this.has(mailbox, parentId)) return { kind: 'parent-not-found' };
      if (this.#isWithin(mailbox, parentId, id)) return { kind: 'cycle' };
      const named = this.#sql.named.get(mailbox, parentId, folderNameKey(name));
      if (named !== undefined && named !== id) return { kind: 'name-exists' };
      if (folder.parentId === parentId && folder.name === name) return { kind: 'done', folder };
      const changed = this.#counters.take(mailbox, 1);
      this.#cache.clear();
      this.#sql.update.run(parentId, name, folderNameKey(name), changed, by, id);
      return { kind: 'done', folder: { ...folder, parentId, name, changed, changedBy: by } };
    });
  }

  delete(mailbox: MailboxId, id: FolderId, by: PartnershipId | 0): FolderOutcome {
    const outcome = this.#database.unit((): FolderOutcome => {
      const folder = this.find(mailbox, id);
      if (folder === undefined) return { kind: 'not-found' };
      if (isSpecialFolder(folder.type)) return { kind: 'special' };
      for (const each of this.#subtree(mailbox, folder)) {
        const deleted = this.#counters.take(mailbox, 1);
        this.#sql.bury.run(mailbox, deleted, each.id, each.created, by);
        this.#remove(mailbox, each.id);
      }
      return { kind: 'done', folder };
    });
    if (outcome.kind === 'done') this.#purges.start();
    return outcome;
  }

  /** Within a unit: removes all folders of a mailbox that is going, without tombstones. */
  deleteAll(mailbox: MailboxId): void {
    for (const folder of this.#sql.ofMailbox.all(mailbox)) this.#remove(mailbox, folder.id);
    this.#sql.forgetTombstones.run(mailbox);
  }

  #remove(mailbox: MailboxId, id: FolderId): void {
    this.#cache.clear();
    this.#sql.dropSyncStates.run(id, mailbox);
    this.#sql.remove.run(id);
    this.#purges.add(id);
  }

  #insert(mailbox: MailboxId, folder: NewFolder, by: PartnershipId | 0): Folder {
    const id = this.#database.identifiers.next() as FolderId;
    const created = this.#counters.take(mailbox, 1);
    const { parentId, name, type } = folder;
    this.#sql.insert.run(id, mailbox, parentId, name, folderNameKey(name), type, created, created, by);
    return { id, parentId, name, type, created, changed: created, changedBy: by };
  }

  #subtree(mailbox: MailboxId, root: Folder): readonly Folder[] {
    const found: Folder[] = [root];
    for (const folder of found) found.push(...this.#sql.children.all(mailbox, folder.id));
    return found;
  }

  /** True when `id` is `ancestor` or lies under it. */
  #isWithin(mailbox: MailboxId, id: FolderId | 0, ancestor: FolderId): boolean {
    for (let at: FolderId | 0 = id, steps = 0; at !== 0; steps++) {
      if (at === ancestor) return true;
      if (steps > maximumFolders) throw new Error('the folders form a cycle');
      at = this.find(mailbox, at)?.parentId ?? 0;
    }
    return false;
  }
}

function groupByParent(folders: readonly Folder[]): Map<FolderId | 0, Folder[]> {
  const groups = new Map<FolderId | 0, Folder[]>();
  for (const folder of folders) {
    const siblings = groups.get(folder.parentId);
    if (siblings === undefined) groups.set(folder.parentId, [folder]);
    else siblings.push(folder);
  }
  return groups;
}
