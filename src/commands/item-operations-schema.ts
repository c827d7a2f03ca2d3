// What ItemOperations requests and answers hold (MS-ASCMD section 2.2.1.10, ItemOperations).
import {
  AirSync,
  AirSyncBase,
  DocumentLibrary,
  ItemOperations as Page,
  RightsManagement,
  Search,
} from '../../wbxml/index.ts';
import { bodyOptionFields } from '../content/body-options.ts';
import { documentOf, type Infer, many, one, optional, raw, sequence, struct } from '../protocol/schema.ts';
import { flag, integer, octets, present, text } from '../protocol/values.ts';

/** MS-ASCMD section 2.2.3.177.8, Status (ItemOperations); 155 and 156 are common ones. */
export const Status = {
  Success: 1,
  ProtocolError: 2,
  NotFound: 6,
  InvalidRange: 8,
  UnknownStore: 9,
  EmptyFile: 10,
  TooLarge: 11,
  InvalidAttachment: 15,
  PartialSuccess: 17,
} as const;

const id = text({ min: 1, max: 64 });
const collectionId = AirSync.CollectionId;

const fetchOptions = struct({
  schemas: many(Page.Schema, raw, { max: 100 }),
  range: optional(Page.Range, text({ max: 32 })),
  userName: optional(Page.UserName, text({ max: 100 })),
  password: optional(Page.Password, text({ max: 256 })),
  rightsManagementSupport: optional(RightsManagement.RightsManagementSupport, flag, { since: 14.1 }),
  ...bodyOptionFields,
});

const fetch = struct({
  store: one(Page.Store, text({ min: 1, max: 256 })),
  serverId: optional(AirSync.ServerId, id),
  collectionId: optional(collectionId, id),
  linkId: optional(DocumentLibrary.LinkId, text({ max: 4096 })),
  longId: optional(Search.LongId, text({ min: 1, max: 256 })),
  fileReference: optional(AirSyncBase.FileReference, text({ max: 4096 })),
  options: optional(Page.Options, fetchOptions),
});
export type FetchRequest = Infer<typeof fetch>;

const emptyFolderContents = struct({
  collectionId: one(collectionId, id),
  options: optional(Page.Options, struct({ deleteSubFolders: optional(Page.DeleteSubFolders, present) })),
});
export type EmptyRequest = Infer<typeof emptyFolderContents>;

const move = struct({
  conversationId: one(Page.ConversationId, octets),
  destination: one(Page.DstFldId, id),
  options: optional(Page.Options, struct({ moveAlways: optional(Page.MoveAlways, present) })),
});
export type MoveRequest = Infer<typeof move>;

/** Operations are done in the order in which they stand (MS-ASCMD R193). */
export const itemOperationsRequest = documentOf(
  Page.ItemOperations,
  sequence({
    fetch: one(Page.Fetch, fetch),
    emptyFolderContents: one(Page.EmptyFolderContents, emptyFolderContents),
    move: one(Page.Move, move, { since: 14 }),
  }),
);
export type Operation = Infer<(typeof itemOperationsRequest)['type']>[number];

const status = one(Page.Status, integer());

const moveAnswer = struct({ status, conversationId: one(Page.ConversationId, octets) });
const emptyAnswer = struct({ status, collectionId: one(collectionId, text()) });
const fetchAnswer = struct({
  status,
  collectionId: optional(collectionId, text()),
  serverId: optional(AirSync.ServerId, text()),
  longId: optional(Search.LongId, text()),
  contentClass: optional(AirSync.Class, text()),
  linkId: optional(DocumentLibrary.LinkId, text()),
  fileReference: optional(AirSyncBase.FileReference, text()),
  properties: optional(Page.Properties, raw),
});
export type FetchAnswer = Infer<typeof fetchAnswer>;
export type EmptyAnswer = Infer<typeof emptyAnswer>;
export type MoveAnswer = Infer<typeof moveAnswer>;

/** Grouped by operation, because the schema of the answer has them so. */
export const itemOperationsResponse = documentOf(
  Page.ItemOperations,
  struct({
    status,
    response: optional(
      Page.Response,
      struct({
        moves: many(Page.Move, moveAnswer),
        empties: many(Page.EmptyFolderContents, emptyAnswer),
        fetches: many(Page.Fetch, fetchAnswer),
      }),
    ),
  }),
);
