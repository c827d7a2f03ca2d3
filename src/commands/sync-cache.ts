// The last Sync request of a device, for those that leave out what they said before (MS-ASCMD section 2.2.1.21.1, Empty Sync Request).
import type { Partnership } from '../store/device-store.ts';
import type { CommandContext } from './command.ts';
import type { SyncCollection, SyncRequest } from './sync-schema.ts';

/** What is kept of a request: everything but commands and options, which the collection's state keeps. */
interface CachedCollection {
  readonly collectionId: string;
  readonly syncKey: string;
  readonly windowSize?: number | undefined;
  readonly getChanges?: boolean | undefined;
  readonly deletesAsMoves?: boolean | undefined;
}

export interface Cached {
  readonly collections: readonly CachedCollection[];
  readonly wait?: number | undefined;
  readonly heartbeatInterval?: number | undefined;
  readonly windowSize?: number | undefined;
}

/** The request kept for a device; undefined when there is none. */
export function cachedRequest(device: Partnership): Cached | undefined {
  return device.syncParameters === '' ? undefined : (JSON.parse(device.syncParameters) as Cached);
}

function asCollection(cached: CachedCollection): SyncCollection {
  return { ...cached, options: [] };
}

/** The cached request, with what a partial one says in its place; the cached one as it is when nothing was sent. */
export function mergeCached(cached: Cached, partial: SyncRequest | undefined): SyncRequest {
  const sent = partial?.collections?.collections ?? [];
  const named = new Set(sent.map(({ collectionId }) => collectionId));
  const kept = cached.collections.filter(({ collectionId }) => !named.has(collectionId)).map(asCollection);
  const newInterval = partial?.wait !== undefined || partial?.heartbeatInterval !== undefined;
  return {
    collections: { collections: [...sent, ...kept] },
    wait: newInterval ? partial.wait : cached.wait,
    heartbeatInterval: newInterval ? partial.heartbeatInterval : cached.heartbeatInterval,
    windowSize: partial?.windowSize ?? cached.windowSize,
  };
}

/** Keeps a request for later ones; writes only when it differs from the one before. */
export async function rememberRequest({ device, services }: CommandContext, request: SyncRequest): Promise<void> {
  const { wait, heartbeatInterval, windowSize } = request;
  const collections = (request.collections?.collections ?? []).map((collection): CachedCollection => {
    const { collectionId, syncKey, getChanges, deletesAsMoves } = collection;
    return { collectionId, syncKey, windowSize: collection.windowSize, getChanges, deletesAsMoves };
  });
  const cached: Cached = { collections, wait, heartbeatInterval, windowSize };
  const syncParameters = JSON.stringify(cached);
  if (syncParameters !== device.syncParameters) await services.store.devices.update(device.id, { syncParameters });
}
