// ItemOperations as a device sees it, inline and multipart (MS-ASCMD section 2.2.1.11, ItemOperations).
import { AirSync, AirSyncBase, type Element, ItemOperations } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { type Properties, propertiesOf } from './properties.ts';
import { type BodyPreference, bodyPreference } from './sync-request.ts';
import { find, findAll, findNumber, findOctets, findText, leaf, maybe, node } from './tree.ts';

export interface ItemFetch {
  /** An item: both of these. */
  readonly collectionId?: string;
  readonly serverId?: string;
  /** An attachment. */
  readonly fileReference?: string;
  readonly bodyPreferences?: readonly BodyPreference[];
  readonly mimeSupport?: 0 | 1 | 2;
  /** First and last octet, both included. */
  readonly range?: readonly [first: number, last: number];
}

export interface FetchReply {
  readonly status: number;
  readonly collectionId?: string;
  readonly serverId?: string;
  readonly fileReference?: string;
  readonly properties: Properties;
  /** The range that was given, as `first-last`, and the size of the whole. */
  readonly range?: string;
  readonly total?: number;
  /** Body or attachment: base64 undone for attachments given inline, the part's octets in a multipart answer. */
  readonly octets?: Buffer;
}

export interface ItemOperationsAnswer {
  readonly status: number;
  readonly fetches: readonly FetchReply[];
  /** Statuses of EmptyFolderContents, in order. */
  readonly emptied: readonly number[];
}

function fetchElement(fetch: ItemFetch): Element {
  const options = [
    fetch.range && leaf(ItemOperations.Range, fetch.range.join('-')),
    fetch.bodyPreferences?.map((preference) => bodyPreference(AirSyncBase.BodyPreference, preference)),
    maybe(AirSync.MIMESupport, fetch.mimeSupport),
  ].flat();
  return node(
    ItemOperations.Fetch,
    leaf(ItemOperations.Store, 'Mailbox'),
    maybe(AirSync.CollectionId, fetch.collectionId),
    maybe(AirSync.ServerId, fetch.serverId),
    maybe(AirSyncBase.FileReference, fetch.fileReference),
    options.some((option) => option !== undefined) ? node(ItemOperations.Options, options) : undefined,
  );
}

export function itemOperationsRequest(fetches: readonly ItemFetch[]): Element {
  return node(ItemOperations.ItemOperations, fetches.map(fetchElement));
}

export function emptyFolderRequest(collectionId: string, deleteSubFolders: boolean): Element {
  return node(
    ItemOperations.ItemOperations,
    node(
      ItemOperations.EmptyFolderContents,
      leaf(AirSync.CollectionId, collectionId),
      deleteSubFolders ? node(ItemOperations.Options, node(ItemOperations.DeleteSubFolders)) : undefined,
    ),
  );
}

function octetsOf(fetch: Element, parts: readonly Buffer[]): Buffer | undefined {
  const properties = find(fetch, 'Properties');
  const part = findNumber(properties, 'ItemOperations:Part') ?? findNumber(properties, 'Body/ItemOperations:Part');
  if (part !== undefined) {
    const octets = parts[part];
    if (octets === undefined || part === 0) throw new MalformedAnswerError(`no part ${part} in the answer`);
    return octets;
  }
  const data = findText(properties, 'ItemOperations:Data');
  return data === undefined ? findOctets(properties, 'Body/AirSyncBase:Data') : Buffer.from(data, 'base64');
}

function readFetch(fetch: Element, parts: readonly Buffer[]): FetchReply {
  const texts = {
    collectionId: findText(fetch, 'CollectionId'),
    serverId: findText(fetch, 'ServerId'),
    fileReference: findText(fetch, 'FileReference'),
    range: findText(fetch, 'Properties/ItemOperations:Range'),
  };
  const total = findNumber(fetch, 'Properties/ItemOperations:Total');
  const octets = octetsOf(fetch, parts);
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
    ...(total === undefined ? {} : { total }),
    ...(octets === undefined ? {} : { octets }),
    status: findNumber(fetch, 'ItemOperations:Status') ?? 0,
    properties: propertiesOf(find(fetch, 'Properties')),
  };
}

/** `parts` are those of a multipart answer, the document itself at index 0. */
export function readItemOperations(root: Element, parts: readonly Buffer[]): ItemOperationsAnswer {
  const status = findNumber(root, 'ItemOperations:Status');
  if (status === undefined) throw new MalformedAnswerError('ItemOperations without a Status');
  return {
    status,
    fetches: findAll(root, 'Response/Fetch').map((fetch) => readFetch(fetch, parts)),
    emptied: findAll(root, 'Response/EmptyFolderContents').map(
      (each) => findNumber(each, 'ItemOperations:Status') ?? 0,
    ),
  };
}
