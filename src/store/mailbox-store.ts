// Mailboxes: folders, items, messages, and the change counter that sync stands on. Plain data in and out; no WBXML.
import type { AttachmentPart, DerivedBodies, DerivedMessage } from '../mime/message.ts';
import type { Counter, FolderId, ItemId, MailboxId, PartnershipId } from '../protocol/ids.ts';

/** Content classes (MS-ASCMD section 2.2.3.27, Class). */
export const ContentClass = {
  Email: 'Email',
  Calendar: 'Calendar',
  Contacts: 'Contacts',
  Tasks: 'Tasks',
  Notes: 'Notes',
  Sms: 'SMS',
} as const;
export type ContentClass = (typeof ContentClass)[keyof typeof ContentClass];

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

/** A folder as it stands. `type` is the number of MS-ASCMD section 2.2.3.186.3, Type (FolderSync). */
export interface Folder {
  readonly id: FolderId;
  /** 0 for a folder at the root. */
  readonly parentId: FolderId | 0;
  readonly name: string;
  readonly type: number;
  readonly created: Counter;
  readonly changed: Counter;
  /** Who made the last change; 0 when it was not a device. */
  readonly changedBy: PartnershipId | 0;
}

export interface FolderTombstone {
  readonly id: FolderId;
  readonly created: Counter;
  readonly deleted: Counter;
  readonly deletedBy: PartnershipId | 0;
}

/** A stored message, without its octets and bodies. */
export interface StoredMessage {
  readonly sha256: string;
  /** Octets. */
  readonly size: number;
  readonly derived: DerivedMessage;
}

/** An item as it stands. */
export interface Item {
  readonly id: ItemId;
  readonly folderId: FolderId;
  readonly contentClass: ContentClass;
  readonly created: Counter;
  readonly createdBy: PartnershipId | 0;
  readonly changed: Counter;
  /** The device that made the last change and needs no echo of it; 0 when none, or when the server altered what it got. */
  readonly changedBy: PartnershipId | 0;
  /** Milliseconds since 1970; never changes; a first sync walks newest first by (sortDate, id). */
  readonly sortDate: number;
  /** Milliseconds since 1970; what FilterType looks at. */
  readonly filterDate: number;
  /** What the class keeps and may change: flags of a mail, all of a contact. */
  readonly properties: JsonObject;
  readonly message?: StoredMessage;
}

export interface ItemTombstone {
  readonly id: ItemId;
  readonly folderId: FolderId;
  readonly created: Counter;
  readonly createdBy: PartnershipId | 0;
  readonly deleted: Counter;
  readonly deletedBy: PartnershipId | 0;
  readonly sortDate: number;
  readonly filterDate: number;
}

export type ItemChange =
  | { readonly kind: 'item'; readonly at: Counter; readonly item: Item }
  | { readonly kind: 'tombstone'; readonly at: Counter; readonly tombstone: ItemTombstone };

/** Place in a walk newest first: the last item that was given. */
export interface BackfillCursor {
  readonly sortDate: number;
  readonly id: ItemId;
}

/** A message about to be stored. The octets are kept exactly as given. */
export interface NewMessage {
  readonly octets: Buffer;
  readonly derived: DerivedMessage;
  readonly bodies: DerivedBodies;
}

/** One change to an item within a unit of work. */
export type ItemWrite =
  | {
      readonly kind: 'create';
      readonly folderId: FolderId;
      readonly contentClass: ContentClass;
      readonly properties: JsonObject;
      readonly sortDate: number;
      readonly filterDate: number;
      readonly message?: NewMessage;
    }
  | {
      readonly kind: 'update';
      readonly itemId: ItemId;
      readonly properties: JsonObject;
      readonly filterDate?: number;
      /** Replaces the message of the item (a changed draft). */
      readonly message?: NewMessage;
      /** The unit fails with `stale` when the item's `changed` is no longer this. */
      readonly expected: Counter;
      /** True when the device must be told of the result, because the server altered or merged what it got. */
      readonly echo?: boolean;
    }
  | { readonly kind: 'delete'; readonly itemId: ItemId }
  | {
      /** A tombstone in the old folder, a created item with a new id in the new one. */
      readonly kind: 'move';
      readonly itemId: ItemId;
      readonly to: FolderId;
      /** True when the device learns the new id by the answer (MoveItems), so that it is not told of an Add. */
      readonly known?: boolean;
    };

/** What became of a write: the item's id afterwards (new for create and move), or that it was not there. */
export type WriteResult = { readonly kind: 'done'; readonly itemId: ItemId } | { readonly kind: 'gone' };

/** One generation of a collection's sync state: the key that names it and what the sync engine keeps under it, as JSON text. */
export interface SyncState {
  /** At least 1; unique among the generations of a partnership's collection. */
  readonly key: number;
  readonly data: string;
}

/** The generations kept: what the last answer said, and what it was computed from. */
export interface SyncGenerations {
  readonly current?: SyncState;
  readonly previous?: SyncState;
}

/** What a device says of a collection is kept under this id; `0` is the folder hierarchy. */
export type SyncCollection = FolderId | 0;

/** Changes of one collection and the sync state that answers them, together or not at all. */
export interface SyncUnit {
  readonly mailbox: MailboxId;
  readonly partnership: PartnershipId;
  readonly collection: SyncCollection;
  /** The current key when the caller read the state, undefined when there was none; another one now means `stale`. */
  readonly expectedKey: number | undefined;
  readonly writes: readonly ItemWrite[];
  /** Makes the generations to keep from what became of the writes. Must be pure and quick: it runs within the transaction. */
  readonly generations: (results: readonly WriteResult[]) => SyncGenerations;
}

export type SyncUnitOutcome =
  | { readonly kind: 'done'; readonly results: readonly WriteResult[]; readonly generations: SyncGenerations }
  /** Another request changed the state or an item in between: read again and decide again. Nothing was changed. */
  | { readonly kind: 'stale' };

export type BodyKind = 'plain' | 'html' | 'octets';

export type FolderOutcome =
  | { readonly kind: 'done'; readonly folder: Folder }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'parent-not-found' }
  | { readonly kind: 'name-exists' }
  /** A default folder, which may not be renamed, moved or deleted. */
  | { readonly kind: 'special' }
  /** The folder would become its own descendant. */
  | { readonly kind: 'cycle' }
  /** The mailbox holds as many folders as it may. */
  | { readonly kind: 'too-many' };

export interface MailboxStore {
  /** The mailbox's change counter as it stands. */
  counter(mailbox: MailboxId): Promise<Counter>;

  /** All folders, parents before children. */
  folders(mailbox: MailboxId): Promise<readonly Folder[]>;
  folder(mailbox: MailboxId, id: FolderId): Promise<Folder | undefined>;
  /** The default folder of a type (2 Inbox, 3 Drafts, 4 Deleted Items, 5 Sent Items, 6 Outbox, 7 Tasks, 8 Calendar, 9 Contacts, 10 Notes, 11 Journal). */
  folderOfType(mailbox: MailboxId, type: number): Promise<Folder | undefined>;
  /** Folders changed and deleted after `after`, each at most once, in order of their counters, and the counter they reach. */
  folderChanges(
    mailbox: MailboxId,
    after: Counter,
  ): Promise<{
    readonly folders: readonly Folder[];
    readonly tombstones: readonly FolderTombstone[];
    readonly reached: Counter;
  }>;
  createFolder(
    mailbox: MailboxId,
    folder: { readonly parentId: FolderId | 0; readonly name: string; readonly type: number },
    by: PartnershipId | 0,
  ): Promise<FolderOutcome>;
  updateFolder(
    mailbox: MailboxId,
    id: FolderId,
    change: { readonly parentId: FolderId | 0; readonly name: string },
    by: PartnershipId | 0,
  ): Promise<FolderOutcome>;
  /** Deletes the folder, its subfolders and all their items. */
  deleteFolder(mailbox: MailboxId, id: FolderId, by: PartnershipId | 0): Promise<FolderOutcome>;

  item(mailbox: MailboxId, id: ItemId): Promise<Item | undefined>;
  /** The items that exist, in the order asked for; those that do not are left out. */
  items(mailbox: MailboxId, ids: readonly ItemId[]): Promise<readonly Item[]>;
  /** Bodies or octets of items, in the order asked for; undefined where the item has no such body. A string for plain and html. */
  bodies(
    mailbox: MailboxId,
    wanted: readonly { readonly itemId: ItemId; readonly kind: BodyKind }[],
  ): Promise<readonly (string | Buffer | undefined)[]>;
  /** The encoded octets of one part: `start` to `end` of the message. Only that range is read. */
  partOctets(mailbox: MailboxId, id: ItemId, part: Pick<AttachmentPart, 'start' | 'end'>): Promise<Buffer | undefined>;

  /**
   * What happened in a folder after `after`, in order of the counter, at most `limit`: items by their `changed`, tombstones by their `deleted`.
   * Items created after `createdUpTo` are left out (they come by `createdAfter`); their tombstones are not.
   * `reached` is the counter up to which the answer is complete: the last entry's when there are more, else the mailbox's. Cost is O(limit).
   */
  changesAfter(
    mailbox: MailboxId,
    folder: FolderId,
    after: Counter,
    limit: number,
    createdUpTo?: Counter,
  ): Promise<{ readonly changes: readonly ItemChange[]; readonly reached: Counter; readonly more: boolean }>;
  /** Items with `created > after` and `filterDate >= floor`, in order of their creation, at most `limit`. */
  createdAfter(
    mailbox: MailboxId,
    folder: FolderId,
    range: { readonly after: Counter; readonly floor: number; readonly limit: number },
  ): Promise<readonly Item[]>;
  /** How many items `createdAfter` would give without a limit. Index only. */
  countCreatedAfter(
    mailbox: MailboxId,
    folder: FolderId,
    range: { readonly after: Counter; readonly floor: number },
  ): Promise<number>;
  /** Items with `created <= snapshot` and `filterDate >= floor`, newest first by (sortDate, id), beyond the cursor; at most `limit`. */
  backfill(
    mailbox: MailboxId,
    folder: FolderId,
    range: {
      readonly snapshot: Counter;
      readonly cursor: BackfillCursor | undefined;
      readonly floor: number;
      readonly limit: number;
    },
  ): Promise<readonly Item[]>;
  /** How many items `backfill` would give without a limit. Index only. */
  countBackfill(
    mailbox: MailboxId,
    folder: FolderId,
    range: { readonly snapshot: Counter; readonly cursor: BackfillCursor | undefined; readonly floor: number },
  ): Promise<number>;
  /** Items with `from <= filterDate < to`, oldest first after the cursor, at most `limit`: what fell out when a filter moved. */
  fallen(
    mailbox: MailboxId,
    folder: FolderId,
    range: {
      readonly from: number;
      readonly to: number;
      readonly cursor: { readonly filterDate: number; readonly id: ItemId } | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Item[]>;

  /** Applies writes that belong to no sync state (MoveItems, SmartReply's flags, administration), all or none. */
  write(
    mailbox: MailboxId,
    writes: readonly ItemWrite[],
    by: PartnershipId | 0,
  ): Promise<{ readonly kind: 'done'; readonly results: readonly WriteResult[] } | { readonly kind: 'stale' }>;

  syncGenerations(partnership: PartnershipId, collection: SyncCollection): Promise<SyncGenerations>;
  commitSync(unit: SyncUnit): Promise<SyncUnitOutcome>;
}
