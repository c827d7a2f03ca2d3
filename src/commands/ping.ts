// Ping: held until something happens in the folders that the device watches (MS-ASCMD section 2.2.1.13, Ping; 3.1.5.8, Monitoring Folders
// for New Items).
import { Element, Ping as Page } from '../../wbxml/index.ts';
import {
  collectionIdOf,
  type FolderId,
  type MailboxId,
  type PartnershipId,
  parseCollectionId,
} from '../protocol/ids.ts';
import { documentOf, type Infer, many, one, optional, struct } from '../protocol/schema.ts';
import { integer, text } from '../protocol/values.ts';
import type { MailboxStore } from '../store/mailbox-store.ts';
import type { HeldRequest } from '../sync/held-requests.ts';
import { currentHierarchy, hierarchyChanges } from '../sync/hierarchy.ts';
import { lacksChanges } from '../sync/pending-changes.ts';
import { type CommandContext, documentCommand } from './command.ts';

/** MS-ASCMD section 2.2.3.177.11, Status (Ping). */
const Status = {
  NoChanges: 1,
  Changes: 2,
  MissingParameters: 3,
  SyntaxError: 4,
  InvalidHeartbeat: 5,
  TooManyFolders: 6,
  FolderHierarchyChanged: 7,
} as const;

const requestFolder = struct({
  id: one(Page.Id, text({ min: 1, max: 64 })),
  contentClass: one(Page.Class, text({ min: 1, max: 64 })),
});

const request = documentOf(
  Page.Ping,
  struct({
    heartbeatInterval: optional(Page.HeartbeatInterval, integer({ min: -(2 ** 31) })),
    folders: optional(Page.Folders, struct({ folders: many(Page.Folder, requestFolder) })),
  }),
);

const response = documentOf(
  Page.Ping,
  struct({
    status: one(Page.Status, integer()),
    folders: optional(Page.Folders, struct({ folders: many(Page.Folder, text()) })),
    maxFolders: optional(Page.MaxFolders, integer()),
    heartbeatInterval: optional(Page.HeartbeatInterval, integer()),
  }),
);

type Request = Infer<(typeof request)['type']>;
type Answer = Infer<(typeof response)['type']>;

/** What a Ping asks for; what it leaves out is that of the one before (MS-ASCMD R5831, R5832). */
interface Parameters {
  /** Seconds. */
  readonly heartbeat?: number;
  readonly folders?: readonly string[];
}

/** What is watched: all that a held request keeps. */
interface Watch {
  readonly store: MailboxStore;
  readonly mailbox: MailboxId;
  readonly partnership: PartnershipId;
  readonly folders: readonly FolderId[];
}

function merged(cached: Parameters, sent: Request | undefined): Parameters {
  const folders = sent?.folders?.folders ?? [];
  return {
    ...cached,
    ...(sent?.heartbeatInterval === undefined ? {} : { heartbeat: sent.heartbeatInterval }),
    ...(folders.length === 0 ? {} : { folders: folders.map(({ id }) => id) }),
  };
}

/** What is wrong with the parameters, as an answer; undefined when nothing is. */
function refusal({ heartbeat, folders }: Parameters, context: CommandContext): Answer | undefined {
  const { minimumHeartbeat, maximumHeartbeat, maximumPingFolders } = context.services.settings;
  if (folders !== undefined && new Set(folders).size < folders.length) return { status: Status.SyntaxError };
  if (heartbeat !== undefined && (heartbeat < minimumHeartbeat || heartbeat > maximumHeartbeat)) {
    const heartbeatInterval = heartbeat < minimumHeartbeat ? minimumHeartbeat : maximumHeartbeat;
    return { status: Status.InvalidHeartbeat, heartbeatInterval };
  }
  if (folders !== undefined && folders.length > maximumPingFolders) {
    return { status: Status.TooManyFolders, maxFolders: maximumPingFolders };
  }
  return heartbeat === undefined || folders === undefined ? { status: Status.MissingParameters } : undefined;
}

async function keep(context: CommandContext, parameters: Parameters) {
  const pingParameters = JSON.stringify(parameters);
  const { device, services } = context;
  if (device.id === 0 || device.pingParameters === pingParameters) return;
  await services.store.devices.update(device.id, { pingParameters });
}

/** The folders to watch; undefined when one does not exist (Status 7). */
async function watched(context: CommandContext, ids: readonly string[]): Promise<FolderId[] | undefined> {
  const folders: FolderId[] = [];
  for (const id of ids) {
    const folder = parseCollectionId(id);
    if (folder === undefined) return undefined;
    if ((await context.services.store.mailboxes.folder(context.mailbox, folder)) === undefined) return undefined;
    folders.push(folder);
  }
  return folders;
}

/** What there is to tell the device now; undefined when there is nothing. */
async function look({ store, mailbox, partnership, folders }: Watch): Promise<Answer | undefined> {
  const hierarchy = await currentHierarchy(store, partnership);
  if (hierarchy === undefined) return { status: Status.FolderHierarchyChanged };
  const { adds, updates, deletes } = await hierarchyChanges(store, mailbox, hierarchy);
  if (adds.length + updates.length + deletes.length > 0) return { status: Status.FolderHierarchyChanged };
  const changed: string[] = [];
  for (const folder of folders) {
    if (await lacksChanges(store, { mailbox, partnership, folder })) changed.push(collectionIdOf(folder));
  }
  return changed.length === 0 ? undefined : { status: Status.Changes, folders: { folders: changed } };
}

async function hold(held: HeldRequest, watch: Watch): Promise<Answer> {
  try {
    for (;;) {
      const found = await look(watch);
      if (found !== undefined) return found;
      if ((await held.next()) !== 'change') return { status: Status.NoChanges };
    }
  } finally {
    held.close();
  }
}

/** Settles the parameters; gives what to answer at once, or the answer to come. Nothing of the request is kept meanwhile but the watch. */
async function begin(context: CommandContext, sent: Request | undefined): Promise<Answer> {
  const { device, mailbox, services, signal } = context;
  services.held.supersede(device.id, 'Ping');
  const cached = device.pingParameters === '' ? {} : (JSON.parse(device.pingParameters) as Parameters);
  const parameters = merged(cached, sent);
  const refused = refusal(parameters, context);
  if (refused !== undefined) return refused;
  await keep(context, parameters);
  const { heartbeat = 0, folders: ids = [] } = parameters;
  const folders = await watched(context, ids);
  if (folders === undefined) return { status: Status.FolderHierarchyChanged };
  const milliseconds = heartbeat * 1000;
  const held = services.held.open({ partnership: device.id, kind: 'Ping', mailbox, milliseconds, signal });
  return hold(held, { store: services.store.mailboxes, mailbox, partnership: device.id, folders });
}

export const ping = documentCommand({
  name: 'Ping',
  request,
  response,
  emptyRequest: true,
  invalid: () => Status.SyntaxError,
  statusDocument: (status) => new Element(Page.Ping, [new Element(Page.Status, String(status))]),
  handle: (context, sent) => begin(context, sent).then((value) => ({ kind: 'document', value })),
});
