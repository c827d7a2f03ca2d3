// MoveItems: items moved to another folder on the device (MS-ASCMD section 2.2.1.12, MoveItems).
import { Element, Move as Page } from '../../wbxml/index.ts';
import { contentClassOf, FolderType } from '../content/folder-class.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { parseCollectionId, parseServerId, serverIdOf } from '../protocol/ids.ts';
import { documentOf, type Infer, many, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { Partnership } from '../store/device-store.ts';
import { ContentClass, type Folder, type Item, type MailboxStore } from '../store/mailbox-store.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';

/** MS-ASCMD section 2.2.3.177.10, Status (MoveItems). */
const Status = {
  InvalidSource: 1,
  InvalidDestination: 2,
  Success: 3,
  SameFolder: 4,
  MoreThanOneDestination: 5,
  Locked: 7,
} as const;

/** Moves in one request (MS-ASCMD section 3.1.5.10, Limiting Size of Command Requests). */
const maximumMoves = 1000;

const id = text({ min: 1, max: 64 });
const move = struct({
  sourceId: one(Page.SrcMsgId, id),
  sourceFolder: one(Page.SrcFldId, id),
  // More than one is an error of this move alone (MS-ASCMD R4222).
  destinations: many(Page.DstFldId, id, { max: 100 }),
});
type MoveRequest = Infer<typeof move>;

const request = documentOf(Page.MoveItems, struct({ moves: many(Page.Move, move, { max: maximumMoves }) }));

const outcome = struct({
  sourceId: one(Page.SrcMsgId, text()),
  status: one(Page.Status, integer()),
  destinationId: optional(Page.DstMsgId, text()),
});
const response = documentOf(
  Page.MoveItems,
  struct({ status: optional(Page.Status, integer()), responses: many(Page.Response, outcome) }),
);

/**
 * Whether the device must not be told of what it moved. The specification has it told of a Delete and an Add at the next Sync (MS-ASCMD R289),
 * which also serves a device whose answer was lost. Outlook for Windows keeps both its renamed item and the added one.
 */
function keepsOwnCopy(device: Partnership): boolean {
  return /^WindowsOutlook/i.test(device.deviceType);
}

/** Deleted Items takes everything; other folders what is of their class. */
function takes(folder: Folder, item: Item): boolean {
  if (folder.type === FolderType.DeletedItems) return true;
  const { contentClass } = item;
  return contentClassOf(folder.type) === (contentClass === ContentClass.Sms ? ContentClass.Email : contentClass);
}

/** What one request looks up: folders are read once. */
class Mover {
  private readonly context: CommandContext;
  private readonly store: MailboxStore;
  private readonly folders = new Map<string, Promise<Folder | undefined>>();

  constructor(context: CommandContext) {
    this.context = context;
    this.store = context.services.store.mailboxes;
  }

  private folder(collectionId: string): Promise<Folder | undefined> {
    let folder = this.folders.get(collectionId);
    if (folder === undefined) {
      const parsed = parseCollectionId(collectionId);
      folder = parsed === undefined ? Promise.resolve(undefined) : this.store.folder(this.context.mailbox, parsed);
      this.folders.set(collectionId, folder);
    }
    return folder;
  }

  private async item(serverId: string, source: Folder): Promise<Item | undefined> {
    const parsed = parseServerId(serverId);
    const item = parsed && (await this.store.item(this.context.mailbox, parsed.item));
    return item?.folderId === source.id && parsed?.folder === source.id ? item : undefined;
  }

  async move({ sourceId, sourceFolder, destinations }: MoveRequest): Promise<Infer<typeof outcome>> {
    const [destinationId] = destinations;
    if (destinations.length > 1) return { sourceId, status: Status.MoreThanOneDestination };
    if (destinationId === sourceFolder) return { sourceId, status: Status.SameFolder };
    const source = await this.folder(sourceFolder);
    if (source === undefined) return { sourceId, status: Status.InvalidSource };
    const destination = destinationId === undefined ? undefined : await this.folder(destinationId);
    if (destination === undefined) return { sourceId, status: Status.InvalidDestination };
    const item = await this.item(sourceId, source);
    if (item === undefined) return { sourceId, status: Status.InvalidSource };
    if (!takes(destination, item)) return { sourceId, status: Status.InvalidDestination };
    return this.write(sourceId, item, destination);
  }

  private async write(sourceId: string, item: Item, destination: Folder): Promise<Infer<typeof outcome>> {
    const { device, mailbox } = this.context;
    const known = keepsOwnCopy(device);
    const moved = { kind: 'move', itemId: item.id, to: destination.id, known } as const;
    const written = await this.store.write(mailbox, [moved], known ? device.id : 0);
    if (written.kind === 'stale') return { sourceId, status: Status.Locked };
    const [result] = written.results;
    if (result?.kind !== 'done') return { sourceId, status: Status.InvalidSource };
    return { sourceId, status: Status.Success, destinationId: serverIdOf(destination.id, result.itemId) };
  }
}

export const moveItems = documentCommand({
  name: 'MoveItems',
  request,
  response,
  invalid: () => CommonStatus.InvalidXML,
  statusDocument: (status) => new Element(Page.MoveItems, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    if (value === undefined || value.moves.length === 0) throw new CommandError(CommonStatus.InvalidXML, 'no Move');
    const mover = new Mover(context);
    const responses: Infer<typeof outcome>[] = [];
    // One after another: each move is one unit of work, and an item may be moved twice in one request.
    for (const each of value.moves) responses.push(await mover.move(each));
    return { kind: 'document', value: { responses } };
  },
});
