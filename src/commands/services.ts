// What commands may use of the rest of the server; main.ts wires it.

import type { Store } from '../store/store.ts';
import type { CollectionLocks } from '../sync/collection-locks.ts';
import type { HeldRequests } from '../sync/held-requests.ts';
import type { MailSubmission } from '../transport/submission.ts';

/** Limits and choices of an administrator that commands obey. Times in seconds, sizes in octets. */
export interface CommandSettings {
  /** Bounds of Ping's and Sync's HeartbeatInterval: 60 and 3540 unless configured. */
  readonly minimumHeartbeat: number;
  readonly maximumHeartbeat: number;
  /** Folders that one Ping may watch: 200 unless configured (MS-ASCMD section 2.2.3.96, MaxFolders). */
  readonly maximumPingFolders: number;
  /** Collections that one Sync may hold: 512 unless configured (MS-ASCMD section 2.2.3.92, Limit). */
  readonly maximumSyncCollections: number;
  /** The largest message that a device may send. */
  readonly maximumMessageSize: number;
  /** Soft bound of one Sync answer; more comes in the next. */
  readonly maximumResponseSize: number;
  /** Whether devices that never provision may work (Exchange's default policy allows it). */
  readonly allowNonProvisionable: boolean;
}

export interface Services {
  readonly store: Store;
  readonly submission: MailSubmission;
  readonly settings: CommandSettings;
  readonly locks: CollectionLocks;
  readonly held: HeldRequests;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
