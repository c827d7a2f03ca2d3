// What a Sync request and its response hold (MS-ASCMD section 2.2.1.21, Sync).
import { AirSync, AirSyncBase, RightsManagement } from '../../wbxml/index.ts';
import { bodyOptionFields } from '../content/body-options.ts';
import {
  documentOf,
  elementItself,
  type Infer,
  many,
  one,
  optional,
  raw,
  sequence,
  struct,
} from '../protocol/schema.ts';
import { flag, integer, present, text } from '../protocol/values.ts';

const key = text({ min: 1, max: 64 });
const id = text({ max: 64 });
const className = optional(AirSync.Class, text({ max: 32 }));

const options = struct({
  filterType: optional(AirSync.FilterType, integer({ max: 8 }), { repeated: 'last' }),
  // Twice is no error (MS-ASCMD R938).
  class: optional(AirSync.Class, text({ max: 32 }), { repeated: 'last' }),
  ...bodyOptionFields,
  conflict: optional(AirSync.Conflict, integer({ max: 1 }), { repeated: 'last' }),
  maxItems: optional(AirSync.MaxItems, integer({ min: 1 }), { repeated: 'last' }),
  rightsManagementSupport: optional(RightsManagement.RightsManagementSupport, flag, { since: 14.1 }),
});
export type SyncOptions = Infer<typeof options>;

const requestCommands = sequence({
  Add: one(
    AirSync.Add,
    struct({
      class: className,
      clientId: one(AirSync.ClientId, text({ min: 1, max: 64 })),
      data: one(AirSync.ApplicationData, elementItself),
    }),
  ),
  Change: one(
    AirSync.Change,
    struct({
      class: className,
      serverId: one(AirSync.ServerId, id),
      instanceId: optional(AirSyncBase.InstanceId, text({ max: 64 }), { since: 16 }),
      data: one(AirSync.ApplicationData, elementItself),
    }),
  ),
  Delete: one(
    AirSync.Delete,
    struct({
      class: className,
      serverId: one(AirSync.ServerId, id),
      instanceId: optional(AirSyncBase.InstanceId, text({ max: 64 }), { since: 16 }),
    }),
  ),
  Fetch: one(AirSync.Fetch, struct({ serverId: one(AirSync.ServerId, id) })),
});

const requestCollection = struct({
  class: className,
  syncKey: one(AirSync.SyncKey, key),
  collectionId: one(AirSync.CollectionId, text({ min: 1, max: 64 })),
  supported: optional(AirSync.Supported, raw),
  deletesAsMoves: optional(AirSync.DeletesAsMoves, flag),
  getChanges: optional(AirSync.GetChanges, flag),
  windowSize: optional(AirSync.WindowSize, integer()),
  conversationMode: optional(AirSync.ConversationMode, flag, { since: 14 }),
  options: many(AirSync.Options, options, { max: 2 }),
  commands: optional(AirSync.Commands, requestCommands),
});
export type SyncCollection = Infer<typeof requestCollection>;

export const syncRequest = documentOf(
  AirSync.Sync,
  struct({
    collections: optional(AirSync.Collections, struct({ collections: many(AirSync.Collection, requestCollection) })),
    wait: optional(AirSync.Wait, integer({ min: -99999 })),
    heartbeatInterval: optional(AirSync.HeartbeatInterval, integer({ min: -99999 }), { since: 14 }),
    windowSize: optional(AirSync.WindowSize, integer()),
    partial: optional(AirSync.Partial, present),
  }),
);
export type SyncRequest = Infer<typeof syncRequest.type>;

const status = one(AirSync.Status, integer({ max: 255 }));
const serverId = one(AirSync.ServerId, id);
const data = one(AirSync.ApplicationData, raw);

const serverCommands = sequence({
  Add: one(AirSync.Add, struct({ serverId, data })),
  Change: one(AirSync.Change, struct({ serverId, data })),
  Delete: one(AirSync.Delete, struct({ serverId })),
  SoftDelete: one(AirSync.SoftDelete, struct({ serverId })),
});
export type ServerCommands = Infer<typeof serverCommands>;

const responses = sequence({
  Add: one(
    AirSync.Add,
    struct({ clientId: one(AirSync.ClientId, id), serverId: optional(AirSync.ServerId, id), status }),
  ),
  Change: one(AirSync.Change, struct({ serverId, status })),
  Delete: one(AirSync.Delete, struct({ serverId, status })),
  Fetch: one(AirSync.Fetch, struct({ serverId, status, data: optional(AirSync.ApplicationData, raw) })),
});
export type Responses = Infer<typeof responses>;

const responseCollection = struct({
  syncKey: one(AirSync.SyncKey, key),
  collectionId: one(AirSync.CollectionId, id),
  status,
  moreAvailable: optional(AirSync.MoreAvailable, present),
  responses: optional(AirSync.Responses, responses),
  commands: optional(AirSync.Commands, serverCommands),
});
export type CollectionResponse = Infer<typeof responseCollection>;

export const syncResponse = documentOf(
  AirSync.Sync,
  struct({
    status: optional(AirSync.Status, integer({ max: 255 })),
    limit: optional(AirSync.Limit, integer()),
    collections: optional(AirSync.Collections, struct({ collections: many(AirSync.Collection, responseCollection) })),
  }),
);
export type SyncResponse = Infer<typeof syncResponse.type>;
