// The collections of a Sync request: what is asked of each, checked, done under its lock, and put into words.

import { contentClassOf, FolderType } from '../content/folder-class.ts';
import { itemElements, toldElements, weightOf } from '../content/item-elements.ts';
import { type FolderId, parseCollectionId, parseServerId } from '../protocol/ids.ts';
import { ContentClass, type Folder } from '../store/mailbox-store.ts';
import type { ClientCommand } from '../sync/client-changes.ts';
import type { CollectionOptions, CommandOutcome } from '../sync/collection-state.ts';
import {
  type CollectionAnswer,
  type CollectionRequest,
  serverIdOfChange,
  syncCollection,
} from '../sync/collection-sync.ts';
import { isKnownFilter } from '../sync/filter.ts';
import type { ServerChange } from '../sync/server-changes.ts';
import type { CommandContext } from './command.ts';
import type { CollectionResponse, Responses, ServerCommands, SyncCollection, SyncOptions } from './sync-schema.ts';

/** A collection as it will be done, or the status that it is refused with. */
export interface PlannedCollection {
  readonly sent: SyncCollection;
  readonly plan:
    | { readonly kind: 'refused'; readonly status: number }
    | {
        readonly kind: 'accepted';
        readonly folder: Folder;
        readonly deletedItems: FolderId | undefined;
        readonly options: CollectionOptions | undefined;
      };
}

export interface CollectionResult {
  /** Undefined when there is nothing to tell of the collection. */
  readonly response: CollectionResponse | undefined;
  /** How much of the answer's window and size it takes. */
  readonly changes: number;
  readonly weight: number;
  /** True when another request held the collection for too long. */
  readonly busy?: boolean;
}

const nothingToTell: CollectionResult = { response: undefined, changes: 0, weight: 0 };

const protocolError = 4;
const hierarchyChanged = 12;

/** The options for the class of the folder; those for SMS messages may stand beside them in a mail folder (MS-ASCMD R934). */
function optionsFor(contentClass: ContentClass, sent: readonly SyncOptions[]): SyncOptions | undefined | 'invalid' {
  const classes = sent.map(({ class: named }) => named ?? contentClass);
  if (new Set(classes).size < classes.length) return 'invalid';
  const allowed = contentClass === ContentClass.Email ? [ContentClass.Email, ContentClass.Sms] : [contentClass];
  if (classes.some((named) => !(allowed as string[]).includes(named))) return 'invalid';
  const chosen = sent.find(({ class: named }) => (named ?? contentClass) === contentClass);
  const filterIsKnown = sent.every(({ filterType }) => isKnownFilter(contentClass, filterType ?? 0));
  return filterIsKnown ? chosen : 'invalid';
}

async function planOf(context: CommandContext, sent: SyncCollection): Promise<PlannedCollection['plan']> {
  const { store } = context.services;
  const id = parseCollectionId(sent.collectionId);
  const folder = id === undefined ? undefined : await store.mailboxes.folder(context.mailbox, id);
  if (folder === undefined) return { kind: 'refused', status: hierarchyChanged };
  const options = optionsFor(contentClassOf(folder.type), sent.options);
  const asksTooEarly = sent.syncKey === '0' && (sent.getChanges === true || (sent.commands?.length ?? 0) > 0);
  // Only mail has conversations (MS-ASCMD R2117).
  const hasConversations = contentClassOf(folder.type) === ContentClass.Email;
  const isMisplaced = sent.conversationMode !== undefined && !hasConversations;
  if (options === 'invalid' || asksTooEarly || isMisplaced) return { kind: 'refused', status: protocolError };
  const asMoves = (sent.deletesAsMoves ?? true) && folder.type !== FolderType.DeletedItems;
  const deletes = sent.commands?.some(({ kind }) => kind === 'Delete') ?? false;
  const target =
    asMoves && deletes ? await store.mailboxes.folderOfType(context.mailbox, FolderType.DeletedItems) : undefined;
  return { kind: 'accepted', folder, deletedItems: target?.id, options };
}

/** Checks each collection before any is done. */
export function checkCollections(
  context: CommandContext,
  collections: readonly SyncCollection[],
): Promise<readonly PlannedCollection[]> {
  return Promise.all(collections.map(async (sent) => ({ sent, plan: await planOf(context, sent) })));
}

function refusal(sent: SyncCollection, status: number): CollectionResult {
  const syncKey = status === 3 ? '0' : sent.syncKey;
  return { response: { syncKey, collectionId: sent.collectionId, status }, changes: 0, weight: 0 };
}

function clientCommands(sent: SyncCollection): ClientCommand[] {
  return (sent.commands ?? []).flatMap(({ kind, value }): ClientCommand[] => {
    if (kind === 'Add') return [{ kind, clientId: value.clientId, data: value.data }];
    if (kind === 'Change') return [{ kind, serverId: value.serverId, data: value.data }];
    return kind === 'Delete' ? [{ kind, serverId: value.serverId }] : [];
  });
}

/** Changes and Deletes are told of only when they failed (MS-ASCMD R5256), Adds always. */
function responseOf(outcome: CommandOutcome): Responses {
  if (outcome.kind === 'Add') return [{ kind: 'Add', value: outcome }];
  return outcome.status === 1 ? [] : [{ kind: outcome.kind, value: outcome }];
}

async function fetchResponses(
  context: CommandContext,
  folder: Folder,
  sent: SyncCollection,
  options: CollectionOptions,
): Promise<Responses> {
  const responses: Responses[number][] = [];
  for (const command of sent.commands ?? []) {
    if (command.kind !== 'Fetch') continue;
    const { serverId } = command.value;
    const id = parseServerId(serverId);
    const item =
      id?.folder === folder.id ? await context.services.store.mailboxes.item(context.mailbox, id.item) : undefined;
    if (item?.folderId !== folder.id) {
      responses.push({ kind: 'Fetch', value: { serverId, status: 8 } });
      continue;
    }
    // The schema of a Fetch response has no BodyPart.
    const whole = { ...options, bodyPartPreferences: [] };
    const [data] = await itemElements(
      context.services.store.mailboxes,
      context.mailbox,
      [item],
      whole,
      context.version,
    );
    responses.push({ kind: 'Fetch', value: { serverId, status: 1, data } });
  }
  return responses;
}

async function serverCommands(
  context: CommandContext,
  folder: FolderId,
  changes: readonly ServerChange[],
  options: CollectionOptions,
): Promise<ServerCommands> {
  const told = changes.flatMap((change) => ('item' in change ? [change] : []));
  const elements = await toldElements(
    context.services.store.mailboxes,
    context.mailbox,
    told,
    options,
    context.version,
  );
  let next = 0;
  return changes.flatMap((change): ServerCommands => {
    const serverId = serverIdOfChange(folder, change);
    if (change.kind === 'Delete' || change.kind === 'SoftDelete') return [{ kind: change.kind, value: { serverId } }];
    const data = elements[next++] ?? [];
    // Categories alone are nothing to a device at 12.1, which has none.
    return data.length === 0 ? [] : [{ kind: change.kind, value: { serverId, data } }];
  });
}

type Accepted = Extract<PlannedCollection['plan'], { kind: 'accepted' }>;

async function wordsOf(
  context: CommandContext,
  sent: SyncCollection,
  plan: Accepted,
  answer: CollectionAnswer,
): Promise<CollectionResult> {
  if (answer.kind === 'invalid-key') return refusal(sent, 3);
  if (answer.kind === 'retry') return { ...nothingToTell, busy: true };
  const changed = answer.kind === 'changed' ? answer : undefined;
  const changes = changed?.changes ?? [];
  const fetched = await fetchResponses(context, plan.folder, sent, answer.options);
  if (changed === undefined && fetched.length === 0) return nothingToTell;
  const responses = [...(changed?.applied ?? []).flatMap(({ outcome }) => responseOf(outcome)), ...fetched];
  const commands = await serverCommands(context, plan.folder.id, changes, answer.options);
  const weight = changes.reduce((sum, change) => sum + ('item' in change ? weightOf(change, answer.options) : 0), 0);
  return {
    response: {
      syncKey: answer.syncKey,
      collectionId: sent.collectionId,
      status: 1,
      moreAvailable: changed?.more === true ? true : undefined,
      responses: responses.length === 0 ? undefined : responses,
      commands: commands.length === 0 ? undefined : commands,
    },
    changes: changes.length,
    weight,
  };
}

/** The window of one collection: 100 when none is given, 512 at most (MS-ASCMD R4767, R4768). */
function windowOf(windowSize: number | undefined, room: number): number {
  const wanted = windowSize === undefined ? 100 : windowSize === 0 ? 512 : windowSize;
  return Math.max(0, Math.min(wanted, 512, room));
}

/** Does one collection under its lock and puts the outcome into words. `room` and `maximumWeight` are what the answer still takes. */
export async function syncPlanned(
  context: CommandContext,
  { sent, plan }: PlannedCollection,
  room: number,
  maximumWeight: number,
): Promise<CollectionResult> {
  if (plan.kind === 'refused') return refusal(sent, plan.status);
  // Once the window is full, other collections wait for the next request (MS-ASCMD R4782), but what the device sent is done.
  if (room <= 0 && sent.syncKey !== '0' && (sent.commands?.length ?? 0) === 0) return nothingToTell;
  const { device, mailbox, version, services } = context;
  const request: CollectionRequest = {
    mailbox,
    partnership: device.id,
    version,
    folder: plan.folder,
    contentClass: contentClassOf(plan.folder.type),
    syncKey: sent.syncKey,
    options: plan.options,
    commands: clientCommands(sent),
    getChanges: sent.getChanges ?? true,
    deletedItems: plan.deletedItems,
    windowSize: windowOf(sent.windowSize, room),
    maximumWeight,
    now: services.now(),
  };
  const done = await services.locks.run(`${device.id}:${plan.folder.id}`, () =>
    syncCollection(services.store.mailboxes, request),
  );
  if (done.kind === 'busy') return { ...nothingToTell, busy: true };
  return wordsOf(context, sent, plan, done.value);
}
