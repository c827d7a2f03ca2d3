// Ping and Sync requests that wait for a change. A device holds one of each kind at most: a newer one ends the older
// (phones retry after a change of network while the server still holds the old request).
import type { MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { ChangeNotifier } from '../store/change-notifier.ts';

export type HeldKind = 'Ping' | 'Sync';

/** Why a held request woke up. */
export type WakeReason = 'change' | 'timeout' | 'superseded' | 'aborted';

export interface HeldRequests {
  /** Ends the requests of this kind that the device holds; called when a newer one arrives. */
  supersede(partnership: PartnershipId, kind: HeldKind): void;
  /** Waits for the next change of the mailbox, for at most `milliseconds`. */
  wait(request: {
    readonly partnership: PartnershipId;
    readonly kind: HeldKind;
    readonly mailbox: MailboxId;
    readonly milliseconds: number;
    readonly signal: AbortSignal;
  }): Promise<WakeReason>;
  /** How many requests are held now. */
  readonly count: number;
}

/** Held requests of this process, woken by the notifier. */
export function heldRequests(notifier: ChangeNotifier): HeldRequests {
  const waiting = new Map<string, (reason: WakeReason) => void>();
  const keyOf = (partnership: PartnershipId, kind: HeldKind) => `${kind}${partnership}`;
  return {
    get count() {
      return waiting.size;
    },
    supersede(partnership, kind) {
      waiting.get(keyOf(partnership, kind))?.('superseded');
    },
    wait({ partnership, kind, mailbox, milliseconds, signal }) {
      const key = keyOf(partnership, kind);
      waiting.get(key)?.('superseded');
      return new Promise((resolve) => {
        const wake = (reason: WakeReason) => {
          clearTimeout(timer);
          unsubscribe();
          signal.removeEventListener('abort', onAbort);
          if (waiting.get(key) === wake) waiting.delete(key);
          resolve(reason);
        };
        const onAbort = () => wake('aborted');
        const timer = setTimeout(wake, Math.max(0, milliseconds), 'timeout');
        const unsubscribe = notifier.subscribe(mailbox, () => wake('change'));
        waiting.set(key, wake);
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort);
      });
    },
  };
}
