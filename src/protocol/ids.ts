// Identifiers. Branded so that one cannot stand for another; wire forms are strings (MS-ASCMD section 2.2.3.30, CollectionId; 2.2.3.166, ServerId).

type Brand<Base, Name extends string> = Base & { readonly __brand: Name };

/** A mailbox; one a user. Means nothing outside the server. */
export type MailboxId = Brand<number, 'MailboxId'>;
/** A user of the directory. */
export type UserId = Brand<number, 'UserId'>;
/** A folder, unique within its mailbox, never used again. On the wire: its decimal digits. */
export type FolderId = Brand<number, 'FolderId'>;
/** An item, unique within its mailbox, never used again. A moved item gets a new one. */
export type ItemId = Brand<number, 'ItemId'>;
/** A user's partnership with one device. */
export type PartnershipId = Brand<number, 'PartnershipId'>;
/** A value of a mailbox's change counter; every change takes the next one. */
export type Counter = number;

/** The CollectionId or folder ServerId of a folder. */
export function collectionIdOf(folder: FolderId): string {
  return String(folder);
}

/** The ServerId of an item: `<folder>:<item>`, at most 33 characters (the limit is 64). */
export function serverIdOf(folder: FolderId, item: ItemId): string {
  return `${folder}:${item}`;
}

const decimal = /^[1-9][0-9]{0,14}$/;

/** Reads a CollectionId; undefined when it cannot be one of ours. */
export function parseCollectionId(text: string): FolderId | undefined {
  return decimal.test(text) ? (Number(text) as FolderId) : undefined;
}

/** Reads an item's ServerId; undefined when it cannot be one of ours. */
export function parseServerId(text: string): { folder: FolderId; item: ItemId } | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const folder = text.slice(0, colon);
  const item = text.slice(colon + 1);
  if (!decimal.test(folder) || !decimal.test(item)) return undefined;
  return { folder: Number(folder) as FolderId, item: Number(item) as ItemId };
}
