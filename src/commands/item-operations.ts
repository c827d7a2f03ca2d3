// ItemOperations: fetches items and attachments, empties folders (MS-ASCMD section 2.2.1.10, ItemOperations).
import { Element, ItemOperations as Page } from '../../wbxml/index.ts';
import { contentClassOf } from '../content/folder-class.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { parseCollectionId } from '../protocol/ids.ts';
import { ContentClass } from '../store/mailbox-store.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';
import { emptyFolder } from './empty-folder.ts';
import { Fetcher } from './item-operations-fetch.ts';
import {
  type EmptyAnswer,
  type EmptyRequest,
  type FetchAnswer,
  itemOperationsRequest,
  itemOperationsResponse,
  type MoveAnswer,
  type MoveRequest,
  Status,
} from './item-operations-schema.ts';

/** Operations in one request (MS-ASCMD R7490). */
const maximumOperations = 100;

/** Statuses of an operation that the specification gives the whole request; they stand in both places. */
const globalStatuses: ReadonlySet<number> = new Set([
  Status.UnknownStore,
  CommonStatus.MoveCommandDisallowedForNonPersistentMoveAction,
  CommonStatus.MoveCommandInvalidDestinationFolder,
]);

async function folderOf(context: CommandContext, collectionId: string) {
  const id = parseCollectionId(collectionId);
  return id === undefined ? undefined : context.services.store.mailboxes.folder(context.mailbox, id);
}

async function empty(context: CommandContext, { collectionId, options }: EmptyRequest): Promise<EmptyAnswer> {
  const folder = await folderOf(context, collectionId);
  if (folder === undefined) return { status: Status.NotFound, collectionId };
  const { mailboxes } = context.services.store;
  const withSubfolders = options?.deleteSubFolders === true;
  const outcome = await emptyFolder(mailboxes, context.mailbox, folder, withSubfolders);
  return { status: outcome === 'done' ? Status.Success : Status.PartialSuccess, collectionId };
}

/** Conversations cannot be looked up: a correct request is told that there is none (MS-ASCMD section 2.2.3.117.1, Move (ItemOperations)). */
async function move(
  context: CommandContext,
  { conversationId, destination, options }: MoveRequest,
): Promise<MoveAnswer> {
  if (options?.moveAlways === undefined) {
    return { status: CommonStatus.MoveCommandDisallowedForNonPersistentMoveAction, conversationId };
  }
  const folder = await folderOf(context, destination);
  if (folder === undefined || contentClassOf(folder.type) !== ContentClass.Email) {
    return { status: CommonStatus.MoveCommandInvalidDestinationFolder, conversationId };
  }
  return { status: Status.NotFound, conversationId };
}

export const itemOperations = documentCommand({
  name: 'ItemOperations',
  request: itemOperationsRequest,
  response: itemOperationsResponse,
  invalid: () => Status.ProtocolError,
  statusDocument: (status) => new Element(Page.ItemOperations, [new Element(Page.Status, String(status))]),
  async handle(context, operations) {
    if (operations === undefined || operations.length === 0) {
      throw new CommandError(Status.ProtocolError, 'no operation');
    }
    if (operations.length > maximumOperations) throw new CommandError(Status.TooLarge, 'too many operations');
    const fetcher = new Fetcher(context);
    const moves: MoveAnswer[] = [];
    const empties: EmptyAnswer[] = [];
    const fetches: FetchAnswer[] = [];
    for (const operation of operations) {
      if (operation.kind === 'fetch') fetches.push(await fetcher.fetch(operation.value));
      else if (operation.kind === 'move') moves.push(await move(context, operation.value));
      else empties.push(await empty(context, operation.value));
    }
    const global = [...moves, ...empties, ...fetches].find(({ status }) => globalStatuses.has(status));
    return {
      kind: 'document',
      value: { status: global?.status ?? Status.Success, response: { moves, empties, fetches } },
      ...(context.query.acceptMultiPart ? { parts: fetcher.parts } : {}),
    };
  },
});
