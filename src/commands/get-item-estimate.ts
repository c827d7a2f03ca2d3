// GetItemEstimate: how much the next Sync of collections would give (MS-ASCMD section 2.2.1.9, GetItemEstimate).
import { AirSync, Element, GetItemEstimate as Page } from '../../wbxml/index.ts';
import { contentClassOf } from '../content/folder-class.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { parseCollectionId } from '../protocol/ids.ts';
import { documentOf, type Infer, many, one, optional, struct } from '../protocol/schema.ts';
import { flag, integer, text } from '../protocol/values.ts';
import { ContentClass } from '../store/mailbox-store.ts';
import { cutoffOf, isKnownFilter } from '../sync/filter.ts';
import { countedChanges, estimateChanges } from '../sync/pending-changes.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';

/** MS-ASCMD section 2.2.3.177.7, Status (GetItemEstimate). */
const Status = { Success: 1, InvalidCollection: 2, NotPrimed: 3, InvalidSyncKey: 4 } as const;

/** Collections in one request (MS-ASCMD section 3.1.5.10, Limiting Size of Command Requests). */
const maximumCollections = 1000;

/** The values of FilterType that mean anything; others are no value of the element (MS-ASCMD R2984). */
const filterType = integer({ max: 8 });

const options = struct({
  filterType: optional(AirSync.FilterType, filterType),
  contentClass: optional(AirSync.Class, text({ max: 64 })),
  maxItems: optional(AirSync.MaxItems, integer()),
});

const collection = struct({
  contentClass: optional(Page.Class, text({ max: 64 }), { until: 12.1 }),
  syncKey: one(AirSync.SyncKey, text({ max: 64 })),
  collectionId: one(Page.CollectionId, text({ min: 1, max: 64 })),
  filterType: optional(AirSync.FilterType, filterType, { until: 12.1 }),
  conversationMode: optional(AirSync.ConversationMode, flag, { since: 14 }),
  options: many(AirSync.Options, options, { max: 2 }),
});
type CollectionRequest = Infer<typeof collection>;

const request = documentOf(
  Page.GetItemEstimate,
  struct({
    collections: one(
      Page.Collections,
      struct({ collections: many(Page.Collection, collection, { max: maximumCollections }) }),
    ),
  }),
);

const estimate = struct({
  status: one(Page.Status, integer()),
  collection: optional(
    Page.Collection,
    struct({ collectionId: one(Page.CollectionId, text()), estimate: optional(Page.Estimate, integer()) }),
  ),
});
const response = documentOf(
  Page.GetItemEstimate,
  struct({ status: optional(Page.Status, integer()), responses: many(Page.Response, estimate) }),
);

/** Whether these classes may be asked for together: one that the folder holds, or e-mail with SMS (MS-ASCMD R907, R908). */
function classesFit(sent: CollectionRequest, ofFolder: ContentClass): boolean {
  const classes = sent.options.map((each) => each.contentClass ?? ofFolder);
  const fitting = (name: string) => name === ofFolder || (ofFolder === ContentClass.Email && name === ContentClass.Sms);
  return new Set(classes).size === classes.length && classes.every(fitting);
}

/** The options that count for the items that the folder holds. */
function filterOf(sent: CollectionRequest, ofFolder: ContentClass): number {
  const own = sent.options.find((each) => (each.contentClass ?? ofFolder) === ofFolder);
  return own?.filterType ?? sent.filterType ?? 0;
}

async function answer(context: CommandContext, sent: CollectionRequest): Promise<Infer<typeof estimate>> {
  const { collectionId } = sent;
  const failed = (status: number) => ({ status, collection: { collectionId } });
  const { mailbox, device, services } = context;
  const { mailboxes } = services.store;
  const id = parseCollectionId(collectionId);
  const folder = id === undefined ? undefined : await mailboxes.folder(mailbox, id);
  // Only the recipient information cache has a MaxItems (MS-ASCMD R3265), and there is none.
  if (folder === undefined || sent.options.some(({ maxItems }) => maxItems !== undefined)) {
    return failed(Status.InvalidCollection);
  }
  const ofFolder = contentClassOf(folder.type);
  if (sent.conversationMode !== undefined && ofFolder !== ContentClass.Email) {
    throw new CommandError(CommonStatus.InvalidXML, 'only mail has conversations');
  }
  if (!classesFit(sent, ofFolder)) return failed(Status.InvalidSyncKey);
  const filter = filterOf(sent, ofFolder);
  if (!isKnownFilter(ofFolder, filter)) {
    throw new CommandError(CommonStatus.ServerError, `FilterType ${filter} is none of class ${ofFolder}`);
  }
  const cutoff = cutoffOf(ofFolder, filter, services.now());
  const place = { mailbox, partnership: device.id, folder: folder.id };
  const outcome = device.id === 0 ? undefined : await estimateChanges(mailboxes, place, sent.syncKey, cutoff);
  if (outcome === undefined || outcome.kind === 'not-primed') return failed(Status.NotPrimed);
  if (outcome.kind === 'invalid-key') return failed(Status.InvalidSyncKey);
  // Without Options no more than 512 items count (MS-ASCMD R3543).
  const counted = sent.options.length === 0 ? Math.min(outcome.changes, countedChanges) : outcome.changes;
  return { status: Status.Success, collection: { collectionId, estimate: counted } };
}

export const getItemEstimate = documentCommand({
  name: 'GetItemEstimate',
  request,
  response,
  invalid: () => CommonStatus.InvalidXML,
  statusDocument: (status) => new Element(Page.GetItemEstimate, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    const collections = value?.collections.collections ?? [];
    if (collections.length === 0) throw new CommandError(CommonStatus.InvalidXML, 'no Collection');
    const responses: Infer<typeof estimate>[] = [];
    for (const each of collections) responses.push(await answer(context, each));
    return { kind: 'document', value: { responses } };
  },
});
