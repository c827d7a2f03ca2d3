// Empties a folder (MS-ASCMD section 2.2.3.59, EmptyFolderContents).
import type { FolderId, MailboxId } from '../protocol/ids.ts';
import type { BackfillCursor, Folder, MailboxStore } from '../store/mailbox-store.ts';
import { noCutoff } from '../sync/filter.ts';

/** Items deleted in one unit of work, so that other requests get their turn. */
const itemsAtOnce = 200;

async function deleteItems(store: MailboxStore, mailbox: MailboxId, folder: FolderId): Promise<void> {
  const snapshot = await store.counter(mailbox);
  let cursor: BackfillCursor | undefined;
  for (;;) {
    const items = await store.backfill(mailbox, folder, { snapshot, cursor, floor: noCutoff, limit: itemsAtOnce });
    const last = items.at(-1);
    if (last === undefined) return;
    // By nobody: every device is told at its next Sync, the one that asked as well.
    await store.write(
      mailbox,
      items.map(({ id }) => ({ kind: 'delete', itemId: id }) as const),
      0,
    );
    cursor = { sortDate: last.sortDate, id: last.id };
  }
}

/**
 * Deletes the items that a folder holds now for good, and its subfolders when asked to. `partly` when a subfolder may not be deleted.
 */
export async function emptyFolder(
  store: MailboxStore,
  mailbox: MailboxId,
  folder: Folder,
  withSubfolders: boolean,
): Promise<'done' | 'partly'> {
  await deleteItems(store, mailbox, folder.id);
  if (!withSubfolders) return 'done';
  const children = (await store.folders(mailbox)).filter(({ parentId }) => parentId === folder.id);
  let outcome: 'done' | 'partly' = 'done';
  for (const child of children) {
    const { kind } = await store.deleteFolder(mailbox, child.id, 0);
    if (kind !== 'done' && kind !== 'not-found') outcome = 'partly';
  }
  return outcome;
}
