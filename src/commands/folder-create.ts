// FolderCreate: a new folder that the user made on the device (MS-ASCMD section 2.2.1.3, FolderCreate).
import { Element, FolderHierarchy as Page } from '../../wbxml/index.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { collectionIdOf, type FolderId } from '../protocol/ids.ts';
import { documentOf, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { Folder, FolderOutcome } from '../store/mailbox-store.ts';
import { commitHierarchy, type HierarchyState, withOwnFolder } from '../sync/hierarchy.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';
import { onHierarchy, parseParentId, recipientInformation } from './hierarchy-request.ts';

/** MS-ASCMD section 2.2.3.177.3, Status (FolderCreate). */
const Status = {
  Success: 1,
  NameExists: 2,
  SpecialParent: 3,
  ParentNotFound: 5,
  ServerError: 6,
  InvalidSyncKey: 9,
  IncorrectRequest: 10,
} as const;

/** Types that a user may create (MS-ASCMD section 2.2.3.186.2, Type (FolderCreate)); a generic folder becomes one of mail. */
const creatable = new Map([[1, 12], ...[12, 13, 14, 15, 16, 17].map((type) => [type, type] as const)]);

const request = documentOf(
  Page.FolderCreate,
  struct({
    syncKey: one(Page.SyncKey, text({ max: 64 })),
    parentId: one(Page.ParentId, text({ max: 64 })),
    displayName: one(Page.DisplayName, text({ min: 1, max: 256 })),
    type: one(Page.Type, integer()),
    // BlackBerry sends an empty one.
    serverId: optional(Page.ServerId, text({ max: 0 })),
  }),
);

const response = documentOf(
  Page.FolderCreate,
  struct({
    status: one(Page.Status, integer()),
    syncKey: optional(Page.SyncKey, text()),
    serverId: optional(Page.ServerId, text()),
  }),
);

interface NewFolder {
  readonly parentId: FolderId | 0;
  readonly name: string;
  readonly type: number;
}

/** Creates the folder, or finds the one that this request created already when its answer was lost. */
async function createOrFind(
  context: CommandContext,
  state: HierarchyState,
  wanted: NewFolder,
): Promise<Exclude<FolderOutcome, { kind: 'done' }>['kind'] | Folder> {
  const { mailboxes } = context.services.store;
  const outcome = await mailboxes.createFolder(context.mailbox, wanted, context.device.id);
  if (outcome.kind === 'done') return outcome.folder;
  if (outcome.kind !== 'name-exists') return outcome.kind;
  const { folders } = await mailboxes.folderChanges(context.mailbox, state.reached);
  const mine = folders.find(
    (folder) =>
      folder.changedBy === context.device.id &&
      folder.created > state.reached &&
      folder.parentId === wanted.parentId &&
      folder.name === wanted.name &&
      folder.type === wanted.type &&
      !state.known.some(([id]) => id === folder.id),
  );
  return mine ?? outcome.kind;
}

function refuse(context: CommandContext, kind: Exclude<FolderOutcome, { kind: 'done' }>['kind']): CommandError {
  switch (kind) {
    case 'name-exists':
      return new CommandError(Status.NameExists, 'the parent has a folder of this name');
    case 'parent-not-found':
    case 'not-found':
    case 'cycle':
      return new CommandError(Status.ParentNotFound, 'no such parent');
    case 'special':
      return new CommandError(Status.SpecialParent, 'the parent takes no folders');
    case 'too-many':
      return new CommandError(
        context.version >= 14 ? CommonStatus.TooManyFolders : Status.ServerError,
        'the mailbox holds as many folders as it may',
      );
  }
}

export const folderCreate = documentCommand({
  name: 'FolderCreate',
  request,
  response,
  invalid: () => Status.IncorrectRequest,
  statusDocument: (status) => new Element(Page.FolderCreate, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    const type = creatable.get(value?.type ?? -1);
    if (value === undefined || type === undefined) {
      throw new CommandError(Status.IncorrectRequest, 'no folder of this type may be created');
    }
    return onHierarchy(context, value.syncKey, Status, async (base, owner) => {
      if (base.key === 0) throw new CommandError(Status.InvalidSyncKey, 'the hierarchy was never synchronized');
      if (value.parentId === recipientInformation) throw refuse(context, 'special');
      const parentId = parseParentId(value.parentId);
      if (parentId === undefined) throw refuse(context, 'parent-not-found');
      const created = await createOrFind(context, base.state, { parentId, name: value.displayName, type });
      if (typeof created === 'string') throw refuse(context, created);
      const next = withOwnFolder(base.state, created);
      const key = await commitHierarchy(context.services.store.mailboxes, owner, base, next);
      if (key === undefined) return undefined;
      const answer = { status: Status.Success, syncKey: String(key), serverId: collectionIdOf(created.id) };
      return { kind: 'document' as const, value: answer };
    });
  },
});
