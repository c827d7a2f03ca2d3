// A Sync answer as a device reads it (MS-ASCMD section 2.2.1.21, Sync).
import type { Element } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { type Properties, propertiesOf } from './properties.ts';
import { children, find, findAll, findNumber, findText } from './tree.ts';

/** What the server says happened to items. */
export type ServerCommand =
  | { readonly kind: 'Add' | 'Change'; readonly serverId: string; readonly properties: Properties }
  | { readonly kind: 'Delete' | 'SoftDelete'; readonly serverId: string };

/** What became of a command that the device sent. */
export interface CommandReply {
  readonly kind: 'Add' | 'Change' | 'Delete' | 'Fetch';
  readonly clientId?: string;
  readonly serverId?: string;
  readonly status: number;
  readonly properties: Properties;
}

export interface SyncCollectionAnswer {
  readonly collectionId: string;
  /** Undefined where the server gives none because of the status. */
  readonly syncKey?: string;
  readonly status: number;
  readonly moreAvailable: boolean;
  readonly commands: readonly ServerCommand[];
  readonly replies: readonly CommandReply[];
}

export type SyncAnswer =
  /** No body: nothing changed, every key stays. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'answer';
      /** Of the whole request; 1 unless the answer names another. */
      readonly status: number;
      /** The bound that Wait, HeartbeatInterval or the number of collections broke. */
      readonly limit?: number;
      readonly collections: readonly SyncCollectionAnswer[];
    };

function requiredText(element: Element, name: string): string {
  const text = findText(element, name);
  if (text === undefined || text === '') throw new MalformedAnswerError(`a ${element.tag.name} without ${name}`);
  return text;
}

function readCommand(element: Element): ServerCommand {
  const serverId = requiredText(element, 'ServerId');
  const kind = element.tag.name;
  if (kind === 'Delete' || kind === 'SoftDelete') return { kind, serverId };
  if (kind !== 'Add' && kind !== 'Change') throw new MalformedAnswerError(`a ${kind} among Commands`);
  return { kind, serverId, properties: propertiesOf(find(element, 'ApplicationData')) };
}

function readReply(element: Element): CommandReply {
  const kind = element.tag.name;
  if (kind !== 'Add' && kind !== 'Change' && kind !== 'Delete' && kind !== 'Fetch') {
    throw new MalformedAnswerError(`a ${kind} among Responses`);
  }
  const clientId = findText(element, 'ClientId');
  const serverId = findText(element, 'ServerId');
  return {
    kind,
    ...(clientId === undefined ? {} : { clientId }),
    ...(serverId === undefined ? {} : { serverId }),
    status: Number(requiredText(element, 'AirSync:Status')),
    properties: propertiesOf(find(element, 'ApplicationData')),
  };
}

function readCollection(element: Element): SyncCollectionAnswer {
  const syncKey = findText(element, 'SyncKey');
  return {
    collectionId: requiredText(element, 'CollectionId'),
    ...(syncKey === undefined ? {} : { syncKey }),
    status: Number(requiredText(element, 'AirSync:Status')),
    moreAvailable: find(element, 'MoreAvailable') !== undefined,
    commands: children(find(element, 'Commands')).map(readCommand),
    replies: children(find(element, 'Responses')).map(readReply),
  };
}

/** Reads the document; undefined stands for an answer without a body. Throws {@link MalformedAnswerError}. */
export function readSync(root: Element | undefined): SyncAnswer {
  if (root === undefined) return { kind: 'empty' };
  const limit = findNumber(root, 'Limit');
  const collections = findAll(root, 'Collections/Collection').map(readCollection);
  const status = findNumber(root, 'AirSync:Status');
  if (status === undefined && collections.length === 0) {
    throw new MalformedAnswerError('Sync with neither a Status nor a Collection');
  }
  return { kind: 'answer', status: status ?? 1, ...(limit === undefined ? {} : { limit }), collections };
}
