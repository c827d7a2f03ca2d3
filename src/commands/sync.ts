// Sync: items of collections in both directions (MS-ASCMD section 2.2.1.21, Sync).
import { AirSync, Element } from '../../wbxml/index.ts';
import { repeatsType } from '../content/body-options.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import type { Counter } from '../protocol/ids.ts';
import { type CommandContext, CommandError, type DocumentReply, documentCommand } from './command.ts';
import { type Cached, cachedRequest, mergeCached, rememberRequest } from './sync-cache.ts';
import { type CollectionResult, checkCollections, type PlannedCollection, syncPlanned } from './sync-collections.ts';
import { type SyncRequest, type SyncResponse, syncRequest, syncResponse } from './sync-schema.ts';

/** Status of the whole request (MS-ASCMD section 2.2.3.177.17, Status (Sync)). */
export const SyncStatus = {
  Success: 1,
  InvalidSyncKey: 3,
  ProtocolError: 4,
  ServerError: 5,
  FolderHierarchyChanged: 12,
  IncompleteRequest: 13,
  InvalidWait: 14,
  TooManyCollections: 15,
  Retry: 16,
} as const;

/** Add, Change, Delete and Fetch commands that one request may hold (MS-ASCMD section 3.1.5.10, Limiting Size of Command Requests). */
const maximumCommands = 200;

type Reply = DocumentReply<typeof syncResponse.type>;

function answer(value: SyncResponse): Reply {
  return { kind: 'document', value };
}

/** How long the request may be held, in milliseconds; 0 when it is not to be held; a Limit when it is out of bounds. */
function holdTime(
  { wait, heartbeatInterval }: SyncRequest,
  context: CommandContext,
): number | { readonly limit: number } {
  const { minimumHeartbeat, maximumHeartbeat } = context.services.settings;
  const within = (value: number, minimum: number, maximum: number, unit: number) => {
    if (value < minimum) return { limit: minimum };
    return value > maximum ? { limit: maximum } : value * unit;
  };
  if (wait !== undefined) {
    return within(wait, Math.max(1, Math.ceil(minimumHeartbeat / 60)), Math.floor(maximumHeartbeat / 60), 60_000);
  }
  return heartbeatInterval === undefined ? 0 : within(heartbeatInterval, minimumHeartbeat, maximumHeartbeat, 1000);
}

/** Whether the request breaks a rule that its schema cannot express. */
function isMalformed(request: SyncRequest): boolean {
  const { collections, partial, wait, heartbeatInterval, windowSize } = request;
  if (wait !== undefined && heartbeatInterval !== undefined) return true;
  // Partial alone asks for nothing (MS-ASCMD R3642, R3643).
  const others = [collections, wait, heartbeatInterval, windowSize].some((value) => value !== undefined);
  if (partial ? !others : collections === undefined || collections.collections.length === 0) return true;
  const list = collections?.collections ?? [];
  if (new Set(list.map(({ collectionId }) => collectionId)).size < list.length) return true;
  const commands = list.reduce((sum, { commands: each }) => sum + (each?.length ?? 0), 0);
  return commands > maximumCommands || list.some(({ options }) => options.some(repeatsType));
}

/** Message parts are HTML and nothing else (MS-ASCMD R5412). */
function asksForOtherPart({ collections }: SyncRequest): boolean {
  const options = (collections?.collections ?? []).flatMap((collection) => collection.options);
  return options.some(({ bodyPartPreferences }) => bodyPartPreferences.some(({ type }) => type !== 2));
}

/** The request with what it leaves to the one before: all of it when it is empty, other collections when it is partial. */
function completed(context: CommandContext, request: SyncRequest | undefined): SyncRequest | 'incomplete' {
  const cached: Cached | undefined = cachedRequest(context.device);
  if (request !== undefined && request.partial === undefined) return request;
  if (cached === undefined) return 'incomplete';
  return mergeCached(cached, request);
}

/** One look at all collections, in the order of the request, until the window of the answer is full. */
async function lookAt(context: CommandContext, planned: readonly PlannedCollection[], windowSize: number) {
  const results: CollectionResult[] = [];
  let room = windowSize;
  let weight = context.services.settings.maximumResponseSize;
  for (const collection of planned) {
    const result = await syncPlanned(context, collection, room, weight);
    results.push(result);
    room -= result.changes;
    weight = Math.max(0, weight - result.weight);
  }
  return results;
}

/** Whether somebody else changed folders after a counter. */
async function hierarchyChangedAfter({ services, mailbox, device }: CommandContext, after: Counter): Promise<boolean> {
  const { folders, tombstones } = await services.store.mailboxes.folderChanges(mailbox, after);
  return (
    folders.some(({ changedBy }) => changedBy !== device.id) ||
    tombstones.some(({ created, deletedBy }) => created <= after && deletedBy !== device.id)
  );
}

/** Looks until there is something to tell or the time is over. Listens before it looks, so that no change is missed between. */
async function lookOrWait(
  context: CommandContext,
  planned: readonly PlannedCollection[],
  windowSize: number,
  milliseconds: number,
): Promise<readonly CollectionResult[] | 'hierarchy-changed'> {
  const { held } = context.services;
  held.supersede(context.device.id, 'Sync');
  if (milliseconds === 0) return lookAt(context, planned, windowSize);
  const { device, mailbox, signal, services } = context;
  const request = held.open({ partnership: device.id, kind: 'Sync', mailbox, milliseconds, signal });
  try {
    const begun = await services.store.mailboxes.counter(mailbox);
    for (;;) {
      const results = await lookAt(context, planned, windowSize);
      const isQuiet = results.every(({ response, busy }) => response === undefined && busy !== true);
      if (!isQuiet || (await request.next()) !== 'change') return results;
      if (await hierarchyChangedAfter(context, begun)) return 'hierarchy-changed';
    }
  } finally {
    request.close();
  }
}

function windowOf(windowSize: number | undefined): number {
  return windowSize === undefined || windowSize === 0 ? 512 : Math.min(windowSize, 512);
}

async function handle(context: CommandContext, sent: SyncRequest | undefined): Promise<Reply> {
  if (sent !== undefined && isMalformed(sent)) return answer({ status: SyncStatus.ProtocolError });
  if (sent !== undefined && asksForOtherPart(sent)) {
    throw new CommandError(
      CommonStatus.BodyPartPreferenceTypeNotSupported,
      'BodyPartPreference of another Type than 2',
    );
  }
  const request = completed(context, sent);
  if (request === 'incomplete') return answer({ status: SyncStatus.IncompleteRequest });
  const milliseconds = holdTime(request, context);
  if (typeof milliseconds !== 'number') return answer({ status: SyncStatus.InvalidWait, limit: milliseconds.limit });
  const { maximumSyncCollections } = context.services.settings;
  const collections = request.collections?.collections ?? [];
  if (collections.length > maximumSyncCollections) {
    return answer({ status: SyncStatus.TooManyCollections, limit: maximumSyncCollections });
  }
  const planned = await checkCollections(context, collections);
  if (sent !== undefined) await rememberRequest(context, request);
  const results = await lookOrWait(context, planned, windowOf(request.windowSize), milliseconds);
  if (results === 'hierarchy-changed') return answer({ status: SyncStatus.FolderHierarchyChanged });
  if (results.some(({ busy }) => busy)) return answer({ status: SyncStatus.Retry });
  const responses = results.flatMap(({ response }) => (response === undefined ? [] : [response]));
  // Never an empty Collections: iOS is said to crash on it. Nothing to tell is an empty body (MS-ASCMD R679).
  return responses.length === 0 ? { kind: 'empty' } : answer({ collections: { collections: responses } });
}

export const sync = documentCommand({
  name: 'Sync',
  request: syncRequest,
  response: syncResponse,
  emptyRequest: true,
  invalid: () => SyncStatus.ProtocolError,
  handle,
  statusDocument: (status) => new Element(AirSync.Sync, [new Element(AirSync.Status, String(status))]),
});
