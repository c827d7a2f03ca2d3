// A Sync request as a device writes it (MS-ASCMD section 2.2.1.21, Sync).
import { AirSync, AirSyncBase, Element } from '../../wbxml/index.ts';
import { leaf, maybe, node } from './tree.ts';

/** MS-ASAIRS section 2.2.2.12, BodyPreference. */
export interface BodyPreference {
  /** 1 plain text, 2 HTML, 3 RTF, 4 MIME. */
  readonly type: 1 | 2 | 3 | 4;
  /** Octets. */
  readonly truncationSize?: number;
  readonly allOrNone?: boolean;
  /** Characters, at most 255. */
  readonly preview?: number;
}

export interface SyncOptions {
  readonly class?: string;
  /** 0 all, 1 a day, 2 three days, 3 a week, 4 two weeks, 5 a month, … (MS-ASCMD section 2.2.3.68.2, FilterType (Sync)). */
  readonly filterType?: number;
  readonly mimeTruncation?: number;
  readonly mimeSupport?: 0 | 1 | 2;
  readonly bodyPreferences?: readonly BodyPreference[];
  readonly bodyPartPreference?: BodyPreference;
  /** 0 the client wins, 1 the server wins. */
  readonly conflict?: 0 | 1;
  readonly maxItems?: number;
}

/** What the device does to items. `data` are the children of ApplicationData. */
export type SyncCommand =
  | { readonly kind: 'Add'; readonly clientId: string; readonly class?: string; readonly data: readonly Element[] }
  | { readonly kind: 'Change'; readonly serverId: string; readonly data: readonly Element[] }
  | { readonly kind: 'Delete'; readonly serverId: string }
  | { readonly kind: 'Fetch'; readonly serverId: string };

export interface SyncCollectionRequest {
  readonly syncKey: string;
  readonly collectionId: string;
  /** Supported elements, for classes that ghost. */
  readonly supported?: readonly Element[];
  readonly deletesAsMoves?: boolean;
  readonly getChanges?: boolean;
  readonly windowSize?: number;
  readonly conversationMode?: boolean;
  /** One, or one for Email and one for SMS. */
  readonly options?: SyncOptions | readonly SyncOptions[];
  readonly commands?: readonly SyncCommand[];
}

export interface SyncRequest {
  readonly collections?: readonly SyncCollectionRequest[];
  /** Minutes. */
  readonly wait?: number;
  /** Seconds. */
  readonly heartbeatInterval?: number;
  readonly windowSize?: number;
  /** The collections not given here are as in the request before. */
  readonly partial?: boolean;
}

export function bodyPreference(tag: Element['tag'], preference: BodyPreference): Element {
  return node(
    tag,
    leaf(AirSyncBase.Type, preference.type),
    maybe(AirSyncBase.TruncationSize, preference.truncationSize),
    maybe(AirSyncBase.AllOrNone, preference.allOrNone),
    maybe(AirSyncBase.Preview, preference.preview),
  );
}

function optionsElement(options: SyncOptions): Element {
  return node(
    AirSync.Options,
    maybe(AirSync.FilterType, options.filterType),
    maybe(AirSync.Class, options.class),
    options.bodyPreferences?.map((preference) => bodyPreference(AirSyncBase.BodyPreference, preference)),
    options.bodyPartPreference && bodyPreference(AirSyncBase.BodyPartPreference, options.bodyPartPreference),
    maybe(AirSync.Conflict, options.conflict),
    maybe(AirSync.MIMESupport, options.mimeSupport),
    maybe(AirSync.MIMETruncation, options.mimeTruncation),
    maybe(AirSync.MaxItems, options.maxItems),
  );
}

function commandElement(command: SyncCommand): Element {
  switch (command.kind) {
    case 'Add':
      return node(
        AirSync.Add,
        maybe(AirSync.Class, command.class),
        leaf(AirSync.ClientId, command.clientId),
        node(AirSync.ApplicationData, command.data),
      );
    case 'Change':
      return node(
        AirSync.Change,
        leaf(AirSync.ServerId, command.serverId),
        node(AirSync.ApplicationData, command.data),
      );
    default:
      return node(AirSync[command.kind], leaf(AirSync.ServerId, command.serverId));
  }
}

function collectionElement(collection: SyncCollectionRequest): Element {
  const options = collection.options === undefined ? [] : [collection.options].flat();
  return node(
    AirSync.Collection,
    leaf(AirSync.SyncKey, collection.syncKey),
    leaf(AirSync.CollectionId, collection.collectionId),
    collection.supported && node(AirSync.Supported, collection.supported),
    maybe(AirSync.DeletesAsMoves, collection.deletesAsMoves),
    maybe(AirSync.GetChanges, collection.getChanges),
    maybe(AirSync.WindowSize, collection.windowSize),
    maybe(AirSync.ConversationMode, collection.conversationMode),
    options.map(optionsElement),
    collection.commands?.length ? node(AirSync.Commands, collection.commands.map(commandElement)) : undefined,
  );
}

/** The document. To repeat the request before, send no body instead. */
export function syncRequest(request: SyncRequest): Element {
  return node(
    AirSync.Sync,
    request.collections?.length ? node(AirSync.Collections, request.collections.map(collectionElement)) : undefined,
    maybe(AirSync.Wait, request.wait),
    maybe(AirSync.HeartbeatInterval, request.heartbeatInterval),
    maybe(AirSync.WindowSize, request.windowSize),
    request.partial ? new Element(AirSync.Partial) : undefined,
  );
}
