// Ping as a device sees it (MS-ASCMD section 2.2.1.13, Ping).
import { type Element, Ping } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { findAll, findNumber, leaf, maybe, node, textOf } from './tree.ts';

export interface PingRequest {
  /** Seconds. */
  readonly heartbeatInterval?: number;
  readonly folders?: readonly { readonly id: string; readonly class: string }[];
}

export interface PingAnswer {
  /** 1 the time ran out, 2 changes, 3 parameters missing, 5 heartbeat out of bounds, … */
  readonly status: number;
  /** Folders with changes. */
  readonly folders: readonly string[];
  /** The nearest heartbeat that the server allows, in seconds. */
  readonly heartbeatInterval?: number;
  readonly maxFolders?: number;
}

export function pingRequest({ heartbeatInterval, folders }: PingRequest): Element {
  return node(
    Ping.Ping,
    maybe(Ping.HeartbeatInterval, heartbeatInterval),
    folders &&
      node(
        Ping.Folders,
        folders.map((folder) => node(Ping.Folder, leaf(Ping.Id, folder.id), leaf(Ping.Class, folder.class))),
      ),
  );
}

export function readPing(root: Element): PingAnswer {
  const status = findNumber(root, 'Status');
  if (status === undefined) throw new MalformedAnswerError('Ping without a Status');
  const heartbeatInterval = findNumber(root, 'HeartbeatInterval');
  const maxFolders = findNumber(root, 'MaxFolders');
  return {
    status,
    folders: findAll(root, 'Folders/Folder').map((folder) => textOf(folder.content) ?? ''),
    ...(heartbeatInterval === undefined ? {} : { heartbeatInterval }),
    ...(maxFolders === undefined ? {} : { maxFolders }),
  };
}
