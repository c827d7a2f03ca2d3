// Folder commands as a device sees them (MS-ASCMD section 2.2.1.8, FolderSync; 2.2.1.5, FolderCreate; 2.2.1.6, FolderDelete; 2.2.1.9, FolderUpdate).
import { type Element, FolderHierarchy } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { findAll, findNumber, findText, leaf, node } from './tree.ts';

export interface FolderProperties {
  readonly serverId: string;
  /** `0` at the root. */
  readonly parentId: string;
  readonly displayName: string;
  /** 2 Inbox, 3 Drafts, 4 Deleted Items, 5 Sent Items, … (MS-ASCMD section 2.2.3.186.3, Type (FolderSync)). */
  readonly type: number;
}

export interface FolderSyncAnswer {
  readonly status: number;
  /** Empty when the status is none of success. */
  readonly syncKey: string;
  readonly count: number;
  readonly adds: readonly FolderProperties[];
  readonly updates: readonly FolderProperties[];
  readonly deletes: readonly string[];
}

/** What FolderCreate, FolderDelete and FolderUpdate answer. */
export interface FolderCommandAnswer {
  readonly status: number;
  readonly syncKey: string;
  /** The new folder's id, from FolderCreate. */
  readonly serverId: string;
}

export function folderSyncRequest(syncKey: string): Element {
  return node(FolderHierarchy.FolderSync, leaf(FolderHierarchy.SyncKey, syncKey));
}

export function folderCreateRequest(
  syncKey: string,
  folder: { readonly parentId: string; readonly displayName: string; readonly type: number },
): Element {
  return node(
    FolderHierarchy.FolderCreate,
    leaf(FolderHierarchy.SyncKey, syncKey),
    leaf(FolderHierarchy.ParentId, folder.parentId),
    leaf(FolderHierarchy.DisplayName, folder.displayName),
    leaf(FolderHierarchy.Type, folder.type),
  );
}

export function folderUpdateRequest(
  syncKey: string,
  folder: { readonly serverId: string; readonly parentId: string; readonly displayName: string },
): Element {
  return node(
    FolderHierarchy.FolderUpdate,
    leaf(FolderHierarchy.SyncKey, syncKey),
    leaf(FolderHierarchy.ServerId, folder.serverId),
    leaf(FolderHierarchy.ParentId, folder.parentId),
    leaf(FolderHierarchy.DisplayName, folder.displayName),
  );
}

export function folderDeleteRequest(syncKey: string, serverId: string): Element {
  return node(
    FolderHierarchy.FolderDelete,
    leaf(FolderHierarchy.SyncKey, syncKey),
    leaf(FolderHierarchy.ServerId, serverId),
  );
}

function required(element: Element, name: string): string {
  const text = findText(element, name);
  if (text === undefined) throw new MalformedAnswerError(`a folder ${element.tag.name} without ${name}`);
  return text;
}

function readFolder(element: Element): FolderProperties {
  return {
    serverId: required(element, 'ServerId'),
    parentId: required(element, 'ParentId'),
    displayName: required(element, 'DisplayName'),
    type: Number(required(element, 'Type')),
  };
}

export function readFolderSync(root: Element): FolderSyncAnswer {
  const adds = findAll(root, 'Changes/Add').map(readFolder);
  const updates = findAll(root, 'Changes/Update').map(readFolder);
  const deletes = findAll(root, 'Changes/Delete').map((element) => required(element, 'ServerId'));
  const count = findNumber(root, 'Changes/Count') ?? 0;
  if (count !== adds.length + updates.length + deletes.length) {
    throw new MalformedAnswerError(`FolderSync counts ${count} changes`);
  }
  return { ...readFolderCommand(root), count, adds, updates, deletes };
}

export function readFolderCommand(root: Element): FolderCommandAnswer {
  const status = findNumber(root, 'Status');
  if (status === undefined) throw new MalformedAnswerError(`${root.tag.name} without a Status`);
  return { status, syncKey: findText(root, 'SyncKey') ?? '', serverId: findText(root, 'ServerId') ?? '' };
}
