// Where imported folders go in a mailbox: default folders under the names that other systems use, others made when missing.
import type { FolderId, MailboxId } from '../../protocol/ids.ts';
import { folderNameKey } from '../../store/folder-rules.ts';
import type { Folder } from '../../store/mailbox-store.ts';
import type { Store } from '../../store/store.ts';

/** Default folders, MS-ASCMD section 2.2.3.186.3, Type (FolderSync), by the names that they have elsewhere. */
const defaultNames: ReadonlyMap<string, number> = new Map([
  ['inbox', 2],
  ['drafts', 3],
  ['trash', 4],
  ['bin', 4],
  ['deleted', 4],
  ['deleted items', 4],
  ['deleted messages', 4],
  ['sent', 5],
  ['sent items', 5],
  ['sent messages', 5],
  ['sent mail', 5],
  ['outbox', 6],
]);

/** The type of a folder that a user made for mail. */
const userMailFolder = 12;
const maximumName = 256;

/** The folder cannot be had; the message says why. */
export class FolderUnavailable extends Error {
  override name = 'FolderUnavailable';
}

function cleanName(name: string): string {
  const clean = name
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, maximumName)
    .trim();
  return clean === '' ? 'Unnamed' : clean;
}

/** Finds and makes folders of one mailbox; remembers them. */
export class TargetFolders {
  readonly #store: Store;
  readonly #mailbox: MailboxId;
  readonly #known = new Map<string, FolderId>();
  #folders: readonly Folder[] | undefined;

  constructor(store: Store, mailbox: MailboxId) {
    this.#store = store;
    this.#mailbox = mailbox;
  }

  /**
   * The folder at a path; the Inbox for an empty one.
   * @throws FolderUnavailable when it can be neither found nor made.
   */
  async at(path: readonly string[]): Promise<FolderId> {
    const names = path.map(cleanName);
    const key = names.map(folderNameKey).join('\0');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let id: FolderId | 0 = 0;
    for (const [depth, name] of (names.length === 0 ? ['Inbox'] : names).entries()) {
      id = depth === 0 ? await this.#top(name) : await this.#child(id, name);
    }
    this.#known.set(key, id as FolderId);
    return id as FolderId;
  }

  /** The default folder of a type. */
  async ofType(type: number): Promise<FolderId> {
    const folder = (await this.#all()).find((one) => one.type === type);
    if (folder === undefined) throw new FolderUnavailable(`the mailbox has no default folder of type ${type}`);
    return folder.id;
  }

  async #all(): Promise<readonly Folder[]> {
    this.#folders ??= await this.#store.mailboxes.folders(this.#mailbox);
    return this.#folders;
  }

  async #top(name: string): Promise<FolderId> {
    const type = defaultNames.get(folderNameKey(name));
    return type === undefined ? this.#child(0, name) : this.ofType(type);
  }

  async #child(parentId: FolderId | 0, name: string): Promise<FolderId> {
    const key = folderNameKey(name);
    const existing = (await this.#all()).find((one) => one.parentId === parentId && folderNameKey(one.name) === key);
    if (existing !== undefined) return existing.id;
    const outcome = await this.#store.mailboxes.createFolder(
      this.#mailbox,
      { parentId, name, type: userMailFolder },
      0,
    );
    if (outcome.kind !== 'done') throw new FolderUnavailable(`folder ${name}: ${outcome.kind}`);
    this.#folders = undefined;
    return outcome.folder.id;
  }
}
