// What FolderSync, FolderCreate, FolderUpdate and FolderDelete share: the sync key of the hierarchy, ids of folders, and beginning again
// when two requests of a device meet (MS-ASCMD section 2.2.3.181.1, SyncKey (FolderCreate, FolderDelete, and FolderUpdate)).
import { type FolderId, type MailboxId, type PartnershipId, parseCollectionId } from '../protocol/ids.ts';
import { type HierarchyBase, hierarchyBase } from '../sync/hierarchy.ts';
import { type CommandContext, CommandError } from './command.ts';

/** ServerId of the recipient information cache, which no command may change. */
export const recipientInformation = 'RI';

/** Times that a request begins again before it gives up: two requests of one device at once are rare, more are not. */
const attempts = 5;

export interface HierarchyOwner {
  readonly mailbox: MailboxId;
  readonly partnership: PartnershipId | 0;
}

/**
 * Runs `work` on the state that a sync key names, again while it gives undefined because another request of the device was faster.
 * Throws a CommandError when the key names nothing or the attempts are used up.
 */
export async function onHierarchy<Reply>(
  context: CommandContext,
  syncKey: string,
  status: { readonly InvalidSyncKey: number; readonly ServerError: number },
  work: (base: HierarchyBase, owner: HierarchyOwner) => Promise<Reply | undefined>,
): Promise<Reply> {
  const { mailboxes } = context.services.store;
  const owner = { mailbox: context.mailbox, partnership: context.device.id as PartnershipId | 0 };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const base = await hierarchyBase(mailboxes, owner.partnership, syncKey);
    if (base === undefined) throw new CommandError(status.InvalidSyncKey, 'unknown sync key of the hierarchy');
    const reply = await work(base, owner);
    if (reply !== undefined) return reply;
  }
  throw new CommandError(status.ServerError, 'too many requests of the device change the hierarchy at once');
}

/** Reads a ParentId: 0 is the root; undefined when it cannot be one of ours. */
export function parseParentId(text: string): FolderId | 0 | undefined {
  return text === '0' ? 0 : parseCollectionId(text);
}
