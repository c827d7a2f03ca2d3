// FolderDelete: a folder deleted on the device, with all that is in it and for good (MS-ASCMD section 2.2.1.4, FolderDelete).
import { Element, FolderHierarchy as Page } from '../../wbxml/index.ts';
import { type FolderId, parseCollectionId } from '../protocol/ids.ts';
import { documentOf, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import {
  commitHierarchy,
  type HierarchyBase,
  type HierarchyState,
  stateOfLostDeletion,
  withoutOwnFolder,
} from '../sync/hierarchy.ts';
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

/** Deletes the folder and gives what the device knows then; also when the same request did so before and its answer was lost. */
async function deleteOrFind(context: CommandContext, base: HierarchyBase, id: FolderId): Promise<HierarchyState> {
  const { mailboxes } = context.services.store;
  const { state } = base;
  const folders = await mailboxes.folders(context.mailbox);
  const outcome = await mailboxes.deleteFolder(context.mailbox, id, context.device.id);
  if (outcome.kind === 'done') return withoutOwnFolder(state, folders, id);
  if (outcome.kind === 'special') throw new CommandError(Status.Special, 'a default folder cannot be deleted');
  const repeated = stateOfLostDeletion(base, id);
  if (repeated !== undefined) return repeated;
  const { tombstones } = await mailboxes.folderChanges(context.mailbox, state.reached);
  const mine = tombstones.some((tombstone) => tombstone.id === id && tombstone.deletedBy === context.device.id);
  if (!mine || state.gone.includes(id)) throw new CommandError(Status.NotFound, 'no such folder');
  return withoutOwnFolder(state, folders, id);
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
      const next = await deleteOrFind(context, base, id);
      const key = await commitHierarchy(context.services.store.mailboxes, owner, base, next);
      if (key === undefined) return undefined;
      return { kind: 'document' as const, value: { status: Status.Success, syncKey: String(key) } };
    });
  },
});
