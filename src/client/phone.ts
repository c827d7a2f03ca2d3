// A phone: an EasClient with a local copy of folders and items that it keeps by synchronising (MS-ASCMD section 4, Protocol Examples).
import type { ClientOptions } from './connection.ts';
import { EasClient } from './eas-client.ts';
import { EasStatusError, MalformedAnswerError } from './errors.ts';
import type { FolderCommandAnswer, FolderProperties } from './folders.ts';
import type { MoveReply } from './items.ts';
import type { DeviceDescription } from './provisioning.ts';
import { type Absorbed, Replica, ReplicaError } from './replica.ts';
import type { SyncAnswer, SyncCollectionAnswer } from './sync-answer.ts';
import type { SyncCollectionRequest, SyncCommand, SyncOptions } from './sync-request.ts';

export interface PhoneOptions extends ClientOptions {
  readonly device?: DeviceDescription;
  /** Whether an answer that does not fit the local copy is an error; true unless given. */
  readonly strict?: boolean;
  /** 100 unless given. */
  readonly windowSize?: number;
  /** Options of every collection; plain text without a limit unless given. */
  readonly syncOptions?: SyncOptions;
  /**
   * Whether the phone renames its own copy of what it moves, as Outlook for Windows does. Others wait until the server tells them of a Delete in
   * one folder and an Add in the other (MS-ASCMD R289). False unless given.
   */
  readonly renamesMovedItems?: boolean;
}

/** What one collection's request may set besides its commands. */
export type CollectionSettings = Omit<SyncCollectionRequest, 'syncKey' | 'collectionId' | 'commands'>;

/** What a whole synchronisation did to a folder. */
export interface SyncReport extends Omit<Absorbed, 'moreAvailable'> {
  readonly rounds: number;
}

const success = 1;
/** MS-ASCMD section 2.2.3.177.10, Status (MoveItems). */
const moved = 3;
const userMailFolder = 12;
const invalidSyncKey = 3;
const folderKeyInvalid = 9;
/** More rounds than any mailbox takes: the server says MoreAvailable for ever. */
const maximumRounds = 10_000;

/**
 * A device with a memory. Each step of a synchronisation can be taken alone (`prepare`, `client.sync`, `absorb`), so that a test may lose an
 * answer in between.
 */
export class Phone {
  readonly client: EasClient;
  /** By ServerId. */
  readonly folders = new Map<string, FolderProperties>();
  readonly replicas = new Map<string, Replica>();
  readonly renamesMovedItems: boolean;
  folderSyncKey = '0';
  /** Options sent with each collection; a change takes effect with the next request. */
  syncOptions: SyncOptions;
  windowSize: number;
  readonly #strict: boolean;

  constructor(options: PhoneOptions) {
    this.client = new EasClient(options, options.device);
    this.#strict = options.strict ?? true;
    this.renamesMovedItems = options.renamesMovedItems ?? false;
    this.windowSize = options.windowSize ?? 100;
    this.syncOptions = options.syncOptions ?? { bodyPreferences: [{ type: 1 }] };
  }

  /** Closes the connections. */
  close(): void {
    this.client.close();
  }

  #complain(reason: string): void {
    if (this.#strict) throw new ReplicaError(`folders, key ${this.folderSyncKey}: ${reason}`);
  }

  /** Asks what the server offers, checks that it has the phone's version, and fetches the folders. */
  async setUp(): Promise<void> {
    const { versions } = await this.client.offer();
    if (!versions.includes(this.client.version)) {
      throw new MalformedAnswerError(`the server offers ${versions.join(', ')}, not ${this.client.version}`);
    }
    await this.syncFolders();
  }

  /** Brings the folders up to date; a refused key is given up for 0 once. Throws {@link EasStatusError}. */
  async syncFolders(): Promise<void> {
    let answer = await this.client.folderSync(this.folderSyncKey);
    if (answer.status === folderKeyInvalid && this.folderSyncKey !== '0') {
      this.folderSyncKey = '0';
      answer = await this.client.folderSync('0');
    }
    if (answer.status !== success) throw new EasStatusError('FolderSync', answer.status, 'the command');
    if (this.folderSyncKey === '0') this.folders.clear();
    // In the order of the schema: a folder may be deleted and added anew.
    for (const folder of answer.updates) {
      if (!this.folders.has(folder.serverId)) this.#complain(`Update of ${folder.serverId}, which is unknown`);
      this.folders.set(folder.serverId, folder);
    }
    for (const id of answer.deletes) {
      if (!this.folders.delete(id)) this.#complain(`Delete of ${id}, which is unknown`);
    }
    for (const folder of answer.adds) {
      if (this.folders.has(folder.serverId)) this.#complain(`Add of ${folder.serverId}, which is known`);
      this.folders.set(folder.serverId, folder);
    }
    for (const { serverId, parentId } of this.folders.values()) {
      if (parentId !== '0' && !this.folders.has(parentId))
        this.#complain(`${serverId} is in ${parentId}, which is unknown`);
    }
    for (const id of this.replicas.keys()) if (!this.folders.has(id)) this.replicas.delete(id);
    this.folderSyncKey = answer.syncKey;
  }

  /** Makes a folder; when that succeeds it is in the local list at once, under the new key. */
  async createFolder(displayName: string, parentId = '0', type = userMailFolder): Promise<FolderCommandAnswer> {
    const folder = { parentId, displayName, type };
    const answer = await this.client.folderCreate(this.folderSyncKey, folder);
    if (answer.status === success) this.absorbNewFolder(folder, answer);
    return answer;
  }

  /** Takes over the answer to a FolderCreate that succeeded. */
  absorbNewFolder(folder: Omit<FolderProperties, 'serverId'>, { serverId, syncKey }: FolderCommandAnswer): void {
    if (serverId === '' || this.folders.has(serverId)) this.#complain(`a new folder under the id "${serverId}"`);
    this.folders.set(serverId, { serverId, ...folder });
    this.folderSyncKey = syncKey;
  }

  /** Renames or moves a folder. */
  async updateFolder(serverId: string, displayName: string, parentId: string): Promise<FolderCommandAnswer> {
    const answer = await this.client.folderUpdate(this.folderSyncKey, { serverId, parentId, displayName });
    const folder = this.folders.get(serverId);
    if (answer.status !== success || folder === undefined) return answer;
    this.folders.set(serverId, { ...folder, parentId, displayName });
    this.folderSyncKey = answer.syncKey;
    return answer;
  }

  /** Deletes a folder with all below it. */
  async deleteFolder(serverId: string): Promise<FolderCommandAnswer> {
    const answer = await this.client.folderDelete(this.folderSyncKey, serverId);
    if (answer.status !== success) return answer;
    this.#dropFolder(serverId);
    this.folderSyncKey = answer.syncKey;
    return answer;
  }

  #dropFolder(serverId: string): void {
    this.folders.delete(serverId);
    this.replicas.delete(serverId);
    for (const folder of [...this.folders.values()])
      if (folder.parentId === serverId) this.#dropFolder(folder.serverId);
  }

  /** The folder of a type (2 is the Inbox) or of a name. Throws when there is none. */
  folder(which: number | string): FolderProperties {
    for (const folder of this.folders.values()) {
      if (which === (typeof which === 'number' ? folder.type : folder.displayName)) return folder;
    }
    throw new ReplicaError(`no folder ${which}`);
  }

  /** The local copy of a folder, empty before its first synchronisation. */
  replica(collectionId: string): Replica {
    let replica = this.replicas.get(collectionId);
    if (replica === undefined) {
      replica = new Replica(collectionId, this.#strict);
      this.replicas.set(collectionId, replica);
    }
    return replica;
  }

  /** The request for one folder as it would be sent now. */
  prepare(
    collectionId: string,
    commands: readonly SyncCommand[] = [],
    settings: CollectionSettings = {},
  ): SyncCollectionRequest {
    const { syncKey } = this.replica(collectionId);
    // Neither is allowed in the request that only fetches a first key (MS-ASCMD section 2.2.3.84, GetChanges).
    if (syncKey === '0') return { syncKey, collectionId, options: this.syncOptions, ...settings };
    const standing = { getChanges: true, windowSize: this.windowSize, options: this.syncOptions };
    return { syncKey, collectionId, ...standing, ...settings, ...(commands.length > 0 ? { commands } : {}) };
  }

  /** Takes over the answer to a request of one folder. Throws {@link EasStatusError}, {@link ReplicaError}. */
  absorb(request: SyncCollectionRequest, answer: SyncAnswer): Absorbed {
    const commands = request.commands ?? [];
    if (answer.kind === 'empty') {
      if (commands.length > 0 || request.syncKey === '0') {
        throw new MalformedAnswerError(`Sync of ${request.collectionId} answered without a body`);
      }
      return { added: [], changed: [], removed: [], replies: [], moreAvailable: false };
    }
    if (answer.status !== success) throw new EasStatusError('Sync', answer.status, 'the command');
    const collection = answer.collections.find(({ collectionId }) => collectionId === request.collectionId);
    if (collection === undefined) throw new MalformedAnswerError(`no answer for ${request.collectionId}`);
    return this.absorbCollection(collection, commands);
  }

  /** Takes over one collection of an answer. */
  absorbCollection(collection: SyncCollectionAnswer, commands: readonly SyncCommand[] = []): Absorbed {
    const replica = this.replica(collection.collectionId);
    if (collection.status === invalidSyncKey) replica.reset();
    if (collection.status !== success) {
      throw new EasStatusError('Sync', collection.status, `collection ${collection.collectionId}`);
    }
    return replica.absorb(collection, commands);
  }

  /**
   * Synchronises a folder to the end; `commands` go with the first request that can carry them. When the server refuses the key (Status 3) the
   * local copy is empty afterwards and the error is thrown: the next call starts anew.
   */
  async sync(
    collectionId: string,
    commands: readonly SyncCommand[] = [],
    settings: CollectionSettings = {},
  ): Promise<SyncReport> {
    const report = { added: [] as string[], changed: [] as string[], removed: [] as string[] };
    const replies: Absorbed['replies'][number][] = [];
    let pending = commands;
    for (let rounds = 1; rounds <= maximumRounds; rounds++) {
      const request = this.prepare(collectionId, pending, settings);
      const first = request.syncKey === '0';
      const absorbed = this.absorb(request, await this.client.sync({ collections: [request] }));
      report.added.push(...absorbed.added);
      report.changed.push(...absorbed.changed);
      report.removed.push(...absorbed.removed);
      replies.push(...absorbed.replies);
      if (!first) pending = [];
      if (!first && !absorbed.moreAvailable) return { ...report, replies, rounds };
    }
    throw new ReplicaError(`MoreAvailable after ${maximumRounds} requests for ${collectionId}`);
  }

  /** Synchronises every folder that holds mail, one after the other. */
  async syncMail(): Promise<void> {
    for (const { serverId, type } of this.folders.values()) if (isMailFolder(type)) await this.sync(serverId);
  }

  /** Moves items. The local copy follows when the server tells of it, or at once for a phone that renames what it moves. */
  async move(from: string, to: string, serverIds: readonly string[]): Promise<readonly MoveReply[]> {
    const replies = await this.client.moveItems(serverIds.map((serverId) => ({ serverId, from, to })));
    this.absorbMoves(from, to, replies);
    return replies;
  }

  /** Takes over the answer to a MoveItems. */
  absorbMoves(from: string, to: string, replies: readonly MoveReply[]): void {
    if (!this.renamesMovedItems) return;
    for (const { serverId, status, newServerId } of replies) {
      const properties = this.replica(from).items.get(serverId);
      if (status !== moved || newServerId === undefined || properties === undefined) continue;
      this.replica(from).items.delete(serverId);
      if (this.replica(to).syncKey !== '0') this.replica(to).items.set(newServerId, properties);
    }
  }
}

/** Whether folders of a type hold mail: the default mail folders, and those that a user made. */
export function isMailFolder(type: number): boolean {
  return (type >= 1 && type <= 6) || type === userMailFolder;
}
