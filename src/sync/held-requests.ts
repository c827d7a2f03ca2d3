// Ping and Sync requests that wait for a change. A device holds one of each kind at most: a newer one ends the older
// (phones retry after a change of network while the server still holds the old request).
import type { MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { ChangeNotifier } from '../store/change-notifier.ts';

export type HeldKind = 'Ping' | 'Sync';

/** Why a held request woke up. */
export type WakeReason = 'change' | 'timeout' | 'superseded' | 'aborted';

/** A request that listens. Open it before looking for changes, so that none between the look and the wait is missed. */
export interface HeldRequest {
  /** Resolves at the next change, or at once when there was one since the last call; then the reason that ended it, for good. */
  next(): Promise<WakeReason>;
  /** Stops listening. Must be called in the end. */
  close(): void;
}

export interface HeldRequests {
  /** Starts listening for at most `milliseconds`. An older held request of this device and kind ends as `superseded`. */
  open(request: {
    readonly partnership: PartnershipId;
    readonly kind: HeldKind;
    readonly mailbox: MailboxId;
    readonly milliseconds: number;
    readonly signal: AbortSignal;
  }): HeldRequest;
  /** Ends the requests of this kind that the device holds; called when any newer one arrives. */
  supersede(partnership: PartnershipId, kind: HeldKind): void;
  /** How many requests are held now. */
  readonly count: number;
}

/** Held requests of this process, woken by the notifier. */
export function heldRequests(notifier: ChangeNotifier): HeldRequests {
  const open = new Map<string, (reason: WakeReason) => void>();
  const keyOf = (partnership: PartnershipId, kind: HeldKind) => `${kind}${partnership}`;
  return {
    get count() {
      return open.size;
    },
    supersede(partnership, kind) {
      open.get(keyOf(partnership, kind))?.('superseded');
    },
    open({ partnership, kind, mailbox, milliseconds, signal }) {
      const key = keyOf(partnership, kind);
      open.get(key)?.('superseded');
      let ended: WakeReason | undefined;
      let changed = false;
      let waiter: ((reason: WakeReason) => void) | undefined;
      const wake = (reason: WakeReason) => {
        if (reason !== 'change') ended ??= reason;
        else if (waiter === undefined) changed = true;
        waiter?.(reason);
        waiter = undefined;
      };
      const onAbort = () => wake('aborted');
      const timer = setTimeout(wake, Math.max(0, milliseconds), 'timeout');
      const unsubscribe = notifier.subscribe(mailbox, () => wake('change'));
      open.set(key, wake);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      return {
        next() {
          if (ended !== undefined) return Promise.resolve(ended);
          if (changed) {
            changed = false;
            return Promise.resolve('change');
          }
          return new Promise((resolve) => {
            waiter = resolve;
          });
        },
        close() {
          clearTimeout(timer);
          unsubscribe();
          signal.removeEventListener('abort', onAbort);
          if (open.get(key) === wake) open.delete(key);
        },
      };
    },
  };
}
