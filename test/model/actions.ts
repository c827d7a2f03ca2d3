// What may happen in a run of the model test: plain data, so that a run can be repeated, printed and shrunk. Numbers that choose
// a folder or an item are taken modulo how many there are, so that an action means something whatever was left out before it.
import { type Random, seededRandom } from './random.ts';

/** What a device does to an item within a Sync. */
export interface ItemAction {
  readonly kind: 'read' | 'unread' | 'flag' | 'unflag' | 'category' | 'delete';
  readonly item: number;
}

/**
 * What becomes of a request: answered; the answer lost, and the request never repeated; lost and then repeated; the server killed while it is
 * under way, and the request not repeated, or repeated after the restart.
 */
export type Fate = 'answered' | 'lost' | 'repeated' | 'killed' | 'killed-and-repeated';

export type Action =
  | { readonly kind: 'deliver'; readonly count: number }
  | {
      readonly kind: 'sync';
      readonly device: number;
      readonly folder: number;
      readonly items: readonly ItemAction[];
      readonly windowSize: number;
      readonly deletesAsMoves: boolean;
      readonly conflict: 0 | 1;
      readonly fate: Fate;
      readonly delay: number;
    }
  | { readonly kind: 'sync-to-end'; readonly device: number; readonly folder: number }
  | { readonly kind: 'sync-folders'; readonly device: number; readonly fromZero: boolean }
  | {
      readonly kind: 'move';
      readonly device: number;
      readonly from: number;
      readonly to: number;
      readonly item: number;
      /** A device repeats a move until it hears of its end. */
      readonly fate: 'answered' | 'repeated' | 'killed-and-repeated';
      readonly delay: number;
    }
  | {
      readonly kind: 'create-folder';
      readonly device: number;
      readonly parent: number;
      readonly fate: Fate;
      readonly delay: number;
    }
  | { readonly kind: 'rename-folder'; readonly device: number; readonly folder: number }
  | { readonly kind: 'delete-folder'; readonly device: number; readonly folder: number }
  | { readonly kind: 'filter'; readonly device: number; readonly filterType: number }
  /** The device gives up its key and starts again from 0. */
  | { readonly kind: 'forget'; readonly device: number; readonly folder: number }
  | { readonly kind: 'send'; readonly device: number }
  /** The server is killed between requests; mail with old dates comes in while it is down. */
  | { readonly kind: 'restart'; readonly agesInDays: readonly number[] }
  | { readonly kind: 'together'; readonly actions: readonly Action[] }
  /** Every device synchronises to the end and is compared with the truth. */
  | { readonly kind: 'check' };

/** Ages of mail, each far from the bounds of every FilterType (1, 3, 7, 14 days, a month). */
export const agesInDays = [0.2, 2, 5, 10, 20, 60] as const;
export const deviceCount = 3;

const fates: readonly Fate[] = ['answered', 'answered', 'answered', 'answered', 'lost', 'repeated', 'repeated'];
const itemKinds: readonly ItemAction['kind'][] = ['read', 'unread', 'flag', 'unflag', 'category', 'delete', 'read'];

function fate(random: Random, kills: boolean): Fate {
  return kills && random.chance(0.03) ? random.pick(['killed', 'killed-and-repeated'] as const) : random.pick(fates);
}

function syncAction(random: Random, device: number, kills: boolean): Action {
  const count = random.pick([0, 0, 1, 1, 2, 4]);
  return {
    kind: 'sync',
    device,
    folder: random.below(8),
    items: Array.from({ length: count }, () => ({ kind: random.pick(itemKinds), item: random.below(100) })),
    windowSize: random.pick([1, 2, 5, 100]),
    deletesAsMoves: random.chance(0.5),
    conflict: random.pick([0, 1] as const),
    fate: fate(random, kills),
    delay: random.below(12),
  };
}

function moveAction(random: Random, device: number, kills: boolean): Action {
  const moveFate =
    kills && random.chance(0.05) ? 'killed-and-repeated' : random.pick(['answered', 'answered', 'repeated'] as const);
  const places = { from: random.below(8), to: random.below(8), item: random.below(100) };
  return { kind: 'move', device, ...places, fate: moveFate, delay: random.below(12) };
}

function folderAction(random: Random, device: number): Action {
  const kind = random.pick(['create-folder', 'create-folder', 'rename-folder', 'delete-folder'] as const);
  if (kind !== 'create-folder') return { kind, device, folder: random.below(8) };
  return { kind, device, parent: random.below(8), fate: fate(random, false), delay: 0 };
}

function anyAction(random: Random): Action {
  const device = random.below(deviceCount);
  const choice = random.below(100);
  if (choice < 16) return { kind: 'deliver', count: 1 + random.below(3) };
  if (choice < 50) return syncAction(random, device, true);
  if (choice < 56) return { kind: 'sync-to-end', device, folder: random.below(8) };
  if (choice < 62) return { kind: 'sync-folders', device, fromZero: random.chance(0.2) };
  if (choice < 74) return moveAction(random, device, true);
  if (choice < 80) return folderAction(random, device);
  if (choice < 86) return { kind: 'filter', device, filterType: random.below(6) };
  if (choice < 88) return { kind: 'forget', device, folder: random.below(8) };
  if (choice < 90) return { kind: 'send', device };
  if (choice < 92) {
    return { kind: 'restart', agesInDays: Array.from({ length: random.below(5) }, () => random.pick(agesInDays)) };
  }
  if (choice < 98) {
    const others = Array.from({ length: deviceCount }, (_, other) =>
      random.chance(0.3) ? moveAction(random, other, false) : syncAction(random, other, false),
    );
    return { kind: 'together', actions: [...others, { kind: 'deliver', count: 1 }] };
  }
  return { kind: 'check' };
}

/** The actions of a seed; a check ends them. */
export function actionsOf(seed: number, length: number): readonly Action[] {
  const random = seededRandom(seed);
  return [...Array.from({ length }, () => anyAction(random)), { kind: 'check' }];
}
