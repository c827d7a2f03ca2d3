// What is kept under a sync key: the position, the options that the device set last, and what its last commands came to.
import { randomInt } from 'node:crypto';
import type { BodyOptions } from '../content/body-options.ts';
import { type ItemId, parseServerId } from '../protocol/ids.ts';
import type { SyncGenerations } from '../store/mailbox-store.ts';
import type { Position } from './position.ts';

/** Options of a collection; they hold until the device sends others (MS-ASCMD R3598, R3599). */
export interface CollectionOptions extends BodyOptions {
  readonly filterType?: number | undefined;
  /** 0 the client's object is kept in a conflict, 1 the server's. */
  readonly conflict?: number | undefined;
}

/** What became of a command of the device; what Responses tell. */
export type CommandOutcome =
  | { readonly kind: 'Add'; readonly clientId: string; readonly serverId?: string; readonly status: number }
  | { readonly kind: 'Change' | 'Delete'; readonly serverId: string; readonly status: number };

/** A command that was applied, recognised by `mark` when the device sends it again because the answer was lost. */
export interface AppliedCommand {
  readonly mark: string;
  readonly outcome: CommandOutcome;
}

export interface CollectionState {
  readonly position: Position;
  readonly options: CollectionOptions;
  /** The commands applied since the state before, by the request that led here and by those whose answers were lost. */
  readonly applied: readonly AppliedCommand[];
  /**
   * Items that commands of the device changed whose answer was lost and that it did not repeat: it may know nothing of it, so they are told like
   * changes by others. Kept until all changes up to now were given.
   */
  readonly unanswered?: readonly ItemId[];
  /** Items that commands of the device would have changed but for a conflict, kept as long. */
  readonly refused?: readonly ItemId[];
}

/** Options of a device that has not set any: no filter, the server's object wins, plain text. */
export const defaultOptions: CollectionOptions = { bodyPreferences: [], bodyPartPreferences: [] };

/** What a key names: the state, and which commands are recognised as applied already. */
export interface LoadedState extends CollectionState {
  readonly key: number;
  /** Whether the key is that of the last answer; otherwise the answer was lost and the request before it is repeated. */
  readonly isCurrent: boolean;
  /** Commands that the lost answer was about. */
  readonly recognised: readonly AppliedCommand[];
}

/** The items of commands that came to a status. */
export function itemsOf(commands: readonly AppliedCommand[], wanted: number): ItemId[] {
  return commands.flatMap(({ outcome: { status, serverId } }) =>
    status === wanted && serverId !== undefined ? (parseServerId(serverId)?.item ?? []) : [],
  );
}

/** The state that a key names; undefined when it is unknown or too old (Status 3). */
export function stateOfKey(generations: SyncGenerations, syncKey: string): LoadedState | undefined {
  const { current, previous } = generations;
  if (current === undefined) return undefined;
  if (syncKey === String(current.key)) {
    const state = JSON.parse(current.data) as CollectionState;
    return { ...state, key: current.key, isCurrent: true, recognised: [] };
  }
  if (previous === undefined || syncKey !== String(previous.key)) return undefined;
  const lost = JSON.parse(current.data) as CollectionState;
  return {
    ...(JSON.parse(previous.data) as CollectionState),
    key: previous.key,
    isCurrent: false,
    recognised: lost.applied,
  };
}

/** A key that no answer about this collection has carried. The first one is drawn, so that keys of a removed partnership mean nothing. */
export function nextKey({ current, previous }: SyncGenerations): number {
  if (current === undefined) return randomInt(1, 2 ** 30);
  return Math.max(current.key, previous?.key ?? 0) + 1;
}

/** The generations after an answer that goes from the state of `from` (undefined for a first sync) to `state`. */
export function advance(
  generations: SyncGenerations,
  from: number | undefined,
  state: CollectionState,
): SyncGenerations & { readonly current: NonNullable<SyncGenerations['current']> } {
  const { current, previous } = generations;
  const origin = current?.key === from ? current : previous?.key === from ? previous : undefined;
  const next = { key: nextKey(generations), data: JSON.stringify(state) };
  return origin === undefined ? { current: next } : { current: next, previous: origin };
}
