// FolderSync: what the device lacks of the folder hierarchy (MS-ASCMD section 2.2.1.5, FolderSync).
import { Element, FolderHierarchy as Page } from '../../wbxml/index.ts';
import { collectionIdOf } from '../protocol/ids.ts';
import { documentOf, many, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { Folder } from '../store/mailbox-store.ts';
import { advanceHierarchy, commitHierarchy, hierarchyChanges } from '../sync/hierarchy.ts';
import { CommandError, documentCommand } from './command.ts';
import { onHierarchy } from './hierarchy-request.ts';

/** MS-ASCMD section 2.2.3.177.5, Status (FolderSync). */
const Status = { Success: 1, ServerError: 6, InvalidSyncKey: 9, IncorrectRequest: 10 } as const;

const folderFields = {
  serverId: one(Page.ServerId, text()),
  parentId: one(Page.ParentId, text()),
  displayName: one(Page.DisplayName, text()),
  type: one(Page.Type, integer()),
};

const request = documentOf(Page.FolderSync, struct({ syncKey: one(Page.SyncKey, text({ max: 64 })) }));

const response = documentOf(
  Page.FolderSync,
  struct({
    status: one(Page.Status, integer()),
    syncKey: optional(Page.SyncKey, text()),
    changes: optional(
      Page.Changes,
      struct({
        count: one(Page.Count, integer()),
        updates: many(Page.Update, struct(folderFields)),
        deletes: many(Page.Delete, struct({ serverId: one(Page.ServerId, text()) })),
        adds: many(Page.Add, struct(folderFields)),
      }),
    ),
  }),
);

function folderValue(folder: Folder) {
  return {
    serverId: collectionIdOf(folder.id),
    parentId: folder.parentId === 0 ? '0' : collectionIdOf(folder.parentId),
    displayName: folder.name,
    type: folder.type,
  };
}

export const folderSync = documentCommand({
  name: 'FolderSync',
  request,
  response,
  invalid: () => Status.IncorrectRequest,
  statusDocument: (status) => new Element(Page.FolderSync, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    const { mailboxes } = context.services.store;
    if (value === undefined) throw new CommandError(Status.IncorrectRequest, 'no request');
    return onHierarchy(context, value.syncKey, Status, async (base, owner) => {
      const { adds, updates, deletes, next } = await hierarchyChanges(mailboxes, owner.mailbox, base.state);
      const count = adds.length + updates.length + deletes.length;
      // Without a change the key stays, as with Exchange: a phone that asks often writes nothing.
      const unchanged = count === 0 && base.key !== 0;
      const key = unchanged
        ? (await advanceHierarchy(mailboxes, owner, base, next)) && base.key
        : await commitHierarchy(mailboxes, owner, base, next);
      if (!key) return undefined;
      return {
        kind: 'document' as const,
        value: {
          status: Status.Success,
          syncKey: String(key),
          changes: {
            count,
            updates: updates.map(folderValue),
            deletes: deletes.map((id) => ({ serverId: collectionIdOf(id) })),
            adds: adds.map(folderValue),
          },
        },
      };
    });
  },
});
