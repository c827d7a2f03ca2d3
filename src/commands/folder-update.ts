// FolderUpdate: a folder renamed or moved on the device (MS-ASCMD section 2.2.1.6, FolderUpdate).
import { Element, FolderHierarchy as Page } from '../../wbxml/index.ts';
import { type FolderId, parseCollectionId } from '../protocol/ids.ts';
import { documentOf, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { FolderOutcome } from '../store/mailbox-store.ts';
import { commitHierarchy, withOwnFolder } from '../sync/hierarchy.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';
import { onHierarchy, parseParentId, recipientInformation } from './hierarchy-request.ts';

/** MS-ASCMD section 2.2.3.177.6, Status (FolderUpdate). */
const Status = {
  Success: 1,
  NameExistsOrSpecial: 2,
  RecipientInformation: 3,
  NotFound: 4,
  ParentNotFound: 5,
  ServerError: 6,
  InvalidSyncKey: 9,
  IncorrectRequest: 10,
} as const;

const request = documentOf(
  Page.FolderUpdate,
  struct({
    syncKey: one(Page.SyncKey, text({ max: 64 })),
    serverId: one(Page.ServerId, text({ max: 64 })),
    parentId: one(Page.ParentId, text({ max: 64 })),
    displayName: one(Page.DisplayName, text({ min: 1, max: 256 })),
  }),
);

const response = documentOf(
  Page.FolderUpdate,
  struct({ status: one(Page.Status, integer()), syncKey: optional(Page.SyncKey, text()) }),
);

const refusals: Readonly<Record<Exclude<FolderOutcome['kind'], 'done'>, number>> = {
  'not-found': Status.NotFound,
  'parent-not-found': Status.ParentNotFound,
  'name-exists': Status.NameExistsOrSpecial,
  special: Status.NameExistsOrSpecial,
  cycle: Status.IncorrectRequest,
  'too-many': Status.ServerError,
};

/** Changes the folder; one that is as wanted already (a repeated request) stays untouched. */
async function update(
  context: CommandContext,
  id: FolderId,
  change: { readonly parentId: FolderId | 0; readonly name: string },
): Promise<FolderOutcome> {
  const { mailboxes } = context.services.store;
  const folder = await mailboxes.folder(context.mailbox, id);
  const asWanted = folder?.name === change.name && folder.parentId === change.parentId;
  if (asWanted && folder.changedBy === context.device.id) return { kind: 'done', folder };
  return mailboxes.updateFolder(context.mailbox, id, change, context.device.id);
}

export const folderUpdate = documentCommand({
  name: 'FolderUpdate',
  request,
  response,
  invalid: () => Status.IncorrectRequest,
  statusDocument: (status) => new Element(Page.FolderUpdate, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    if (value === undefined) throw new CommandError(Status.IncorrectRequest, 'no request');
    return onHierarchy(context, value.syncKey, Status, async (base, owner) => {
      if (base.key === 0) throw new CommandError(Status.InvalidSyncKey, 'the hierarchy was never synchronized');
      if (value.serverId === recipientInformation || value.parentId === recipientInformation) {
        throw new CommandError(Status.RecipientInformation, 'the recipient information cache cannot be changed');
      }
      const id = parseCollectionId(value.serverId);
      const parentId = parseParentId(value.parentId);
      if (id === undefined) throw new CommandError(Status.NotFound, 'no such folder');
      if (parentId === undefined) throw new CommandError(Status.ParentNotFound, 'no such parent');
      const outcome = await update(context, id, { parentId, name: value.displayName });
      if (outcome.kind !== 'done') throw new CommandError(refusals[outcome.kind], outcome.kind);
      const next = withOwnFolder(base.state, outcome.folder);
      const key = await commitHierarchy(context.services.store.mailboxes, owner, base, next);
      if (key === undefined) return undefined;
      return { kind: 'document' as const, value: { status: Status.Success, syncKey: String(key) } };
    });
  },
});
