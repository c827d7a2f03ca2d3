// What a storage engine offers, all of it. Every method is one atomic unit of work; none holds a transaction over an await
// of the caller's.

import type { ChangeNotifier } from './change-notifier.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { DeviceStore } from './device-store.ts';
import type { DirectoryStore } from './directory-store.ts';
import type { MailboxStore } from './mailbox-store.ts';

export interface Store {
  readonly mailboxes: MailboxStore;
  readonly devices: DeviceStore;
  readonly directory: DirectoryStore;
  readonly delivery: DeliveryStore;
  /** Tells who waits that a mailbox changed; published by the engine itself with every change. */
  readonly notifier: ChangeNotifier;
  /**
   * Resolves once everything committed so far is on disk (fsynced). Whoever acknowledges anything (an HTTP answer, an LMTP reply) awaits
   * this first; writes themselves do not wait, so that many of them share one fsync and none stalls the others.
   */
  durable(): Promise<void>;
  /** Closes the engine; nothing may be called afterwards. */
  close(): Promise<void>;
}
