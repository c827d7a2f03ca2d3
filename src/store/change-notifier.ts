// Wakes held Ping and Sync requests: a mailbox changed. In one process an ordinary list of listeners.
import type { MailboxId } from '../protocol/ids.ts';

export interface ChangeNotifier {
  /** Calls `listener` after each change of the mailbox, until the returned function is called. */
  subscribe(mailbox: MailboxId, listener: () => void): () => void;
  /** Tells every listener of the mailbox. */
  publish(mailbox: MailboxId): void;
}

/** A notifier within this process. */
export function localNotifier(): ChangeNotifier {
  const listeners = new Map<MailboxId, Set<() => void>>();
  return {
    subscribe(mailbox, listener) {
      const set = listeners.get(mailbox) ?? new Set();
      listeners.set(mailbox, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(mailbox) === set) listeners.delete(mailbox);
      };
    },
    publish(mailbox) {
      const set = listeners.get(mailbox);
      if (set !== undefined) for (const listener of [...set]) listener();
    },
  };
}
