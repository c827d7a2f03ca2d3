// FolderDelete: a folder deleted on the device, with all that is in it and for good (MS-ASCMD section 2.2.1.4, FolderDelete).
import { Element, FolderHierarchy as Page } from '../../wbxml/index.ts';
import { type FolderId, parseCollectionId } from '../protocol/ids.ts';
import { documentOf, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { Folder } from '../store/mailbox-store.ts';
import { commitHierarchy, type HierarchyState, withoutOwnFolders } from '../sync/hierarchy.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';
import { onHierarchy, recipientInformation } from './hierarchy-request.ts';

/** MS-ASCMD section 2.2.3.177.4, Status (FolderDelete). */
const Status = {
  Success: 1,
  Special: 3,
  NotFound: 4,
  ServerError: 6,
  InvalidSyncKey: 9,
  IncorrectRequest: 10,
} as const;

const request = documentOf(
  Page.FolderDelete,
  struct({ syncKey: one(Page.SyncKey, text({ max: 64 })), serverId: one(Page.ServerId, text({ max: 64 })) }),
);

const response = documentOf(
  Page.FolderDelete,
  struct({ status: one(Page.Status, integer()), syncKey: optional(Page.SyncKey, text()) }),
);

/** The folder and what is below it, which the device takes away with it. */
function withDescendants(folders: readonly Folder[], root: FolderId): FolderId[] {
  const ids = new Set([root]);
  // Parents stand before children, so that one pass finds all.
  for (const folder of folders) if (folder.parentId !== 0 && ids.has(folder.parentId)) ids.add(folder.id);
  return [...ids];
}

/** Deletes the folder; gives what went, or what the same request deleted already when its answer was lost. */
async function deleteOrFind(context: CommandContext, state: HierarchyState, id: FolderId): Promise<FolderId[]> {
  const { mailboxes } = context.services.store;
  const folders = await mailboxes.folders(context.mailbox);
  const outcome = await mailboxes.deleteFolder(context.mailbox, id, context.device.id);
  if (outcome.kind === 'done') return withDescendants(folders, id);
  if (outcome.kind === 'special') throw new CommandError(Status.Special, 'a default folder cannot be deleted');
  const { tombstones } = await mailboxes.folderChanges(context.mailbox, state.reached);
  const mine = tombstones.filter(({ deletedBy }) => deletedBy === context.device.id).map((tombstone) => tombstone.id);
  if (!mine.includes(id) || state.gone.includes(id)) throw new CommandError(Status.NotFound, 'no such folder');
  return mine;
}

export const folderDelete = documentCommand({
  name: 'FolderDelete',
  request,
  response,
  invalid: () => Status.IncorrectRequest,
  statusDocument: (status) => new Element(Page.FolderDelete, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    if (value === undefined) throw new CommandError(Status.IncorrectRequest, 'no request');
    return onHierarchy(context, value.syncKey, Status, async (base, owner) => {
      if (base.key === 0) throw new CommandError(Status.InvalidSyncKey, 'the hierarchy was never synchronized');
      if (value.serverId === recipientInformation) {
        throw new CommandError(Status.Special, 'the recipient information cache cannot be deleted');
      }
      const id = parseCollectionId(value.serverId);
      if (id === undefined) throw new CommandError(Status.NotFound, 'no such folder');
      const next = withoutOwnFolders(base.state, await deleteOrFind(context, base.state, id));
      const key = await commitHierarchy(context.services.store.mailboxes, owner, base, next);
      if (key === undefined) return undefined;
      return { kind: 'document' as const, value: { status: Status.Success, syncKey: String(key) } };
    });
  },
});
