// Works off the outgoing queue: woken by what is queued and by what falls due, never polling; retries, and bounces when it gives up.
// Implements RFC 5321 section 4.5.4.1 (Sending Strategy). A message that the relay took but whose queue entry was not yet removed when the
// process was killed is sent once more: at least once, not exactly once.
import type { Logger } from 'pino';
import type { QueuedMail } from '../store/delivery-store.ts';
import type { Store } from '../store/store.ts';
import type { FailedRecipient } from './bounce.ts';
import { deliverBounce } from './bounce-delivery.ts';
import type { RelayOptions, RelayRefusal } from './relay-connection.ts';
import { sendToRelay } from './relay-connection.ts';

/** When to try again and when to give up. Times in milliseconds. */
export interface RelaySchedule {
  /** Wait after the first, second, ... attempt; the last one repeats. */
  readonly retryAfter: readonly number[];
  readonly giveUpAfter: number;
  /** Transactions at the same time. */
  readonly concurrency: number;
}

const minute = 60_000;

export const defaultRelaySchedule: RelaySchedule = {
  retryAfter: [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * minute),
  giveUpAfter: 48 * 60 * minute,
  concurrency: 4,
};

export interface RelayDependencies {
  readonly store: Store;
  /** Undefined: mail to the outside comes back to its sender at once. */
  readonly relay: RelayOptions | undefined;
  readonly schedule?: RelaySchedule;
  /** Name of this server in EHLO and in bounces. */
  readonly hostname: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface RelayWorker {
  /** Begins working; what was queued before a restart is taken up. */
  start(): void;
  /** Ends after the attempts under way, which are cut off after `graceMilliseconds`. */
  stop(graceMilliseconds?: number): Promise<void>;
}

/** Timers longer than this wrap around in Node. */
const longestTimer = 2 ** 31 - 1;
/** Wait after the store itself failed. */
const storeFailureWait = 5_000;

type Failure = FailedRecipient & { readonly permanent: boolean };

function statusOf(refused: RelayRefusal): string {
  const enhanced = /\b([45]\.\d{1,3}\.\d{1,3})\b/.exec(refused.reply)?.[1];
  return enhanced ?? (refused.permanent ? '5.0.0' : '4.4.7');
}

/** The worker of one process; only one may run on a store. */
export function relayWorker(dependencies: RelayDependencies): RelayWorker {
  const { store, relay, hostname, logger, now } = dependencies;
  const schedule = dependencies.schedule ?? defaultRelaySchedule;
  const shutdown = new AbortController();
  let running: Promise<void> | undefined;
  let stopping = false;
  let woken = false;
  let wake = () => {};
  let unsubscribe = () => {};

  async function attempt(mail: QueuedMail, octets: Buffer): Promise<readonly Failure[]> {
    if (relay === undefined) {
      const reason = 'This server has no relay configured, so it cannot send mail to other domains.';
      return mail.recipients.map((address) => ({ address, status: '5.4.4', reason, permanent: true }));
    }
    const refused = await sendToRelay(relay, hostname, { ...mail, octets }, shutdown.signal);
    return refused.map((one) => ({
      address: one.address,
      status: statusOf(one),
      reason: one.permanent ? 'It was refused for good.' : 'It could not be delivered for now.',
      reply: one.reply,
      permanent: one.permanent,
    }));
  }

  async function bounce(mail: QueuedMail, octets: Buffer, failed: readonly FailedRecipient[]): Promise<void> {
    const mark = `bounce:${mail.id}:${mail.queuedAt}:${failed.map(({ address }) => address).join(',')}`;
    const content = { to: mail.sender, hostname, failed, original: octets, now: now(), arrived: mail.queuedAt };
    const outcome = await deliverBounce(store, content, mark);
    logger.warn(
      { queueId: mail.id, sender: mail.sender, failed: failed.slice(0, 20), outcome },
      'outgoing mail failed',
    );
  }

  async function settle(mail: QueuedMail, octets: Buffer, failures: readonly Failure[]): Promise<void> {
    const expired = now() - mail.queuedAt >= schedule.giveUpAfter;
    const final = failures.filter(({ permanent }) => permanent || expired);
    const left = failures.filter(({ permanent }) => !permanent && !expired);
    if (final.length > 0) {
      const tooLate = 'It could not be delivered in time; no more attempts will be made.';
      await bounce(
        mail,
        octets,
        final.map((one) => (one.permanent ? one : { ...one, reason: tooLate })),
      );
    }
    await postpone(mail, left, left[0]?.reply ?? '');
    const counts = { sent: mail.recipients.length - failures.length, failed: final.length, left: left.length };
    logger.info({ queueId: mail.id, ...counts }, 'outgoing mail attempted');
  }

  function postpone(mail: QueuedMail, left: readonly { readonly address: string }[], lastError: string): Promise<void> {
    const wait = schedule.retryAfter[Math.min(mail.attempts, schedule.retryAfter.length - 1)] ?? minute;
    const recipients = left.map(({ address }) => address);
    return store.delivery.reschedule(mail.id, { recipients, nextAttemptAt: now() + wait, lastError });
  }

  async function serve(mail: QueuedMail): Promise<void> {
    try {
      const octets = await store.delivery.queuedOctets(mail.id);
      if (octets === undefined) throw new Error(`queued mail ${mail.id} has no octets`);
      const failures = await attempt(mail, octets);
      // Cut off by the shutdown: stays due as it was.
      if (shutdown.signal.aborted && failures.length > 0) return;
      await settle(mail, octets, failures);
    } catch (error) {
      // One message that cannot be handled must not hold up those behind it.
      logger.error({ err: error, queueId: mail.id }, 'outgoing mail could not be handled');
      await postpone(
        mail,
        mail.recipients.map((address) => ({ address })),
        String(error),
      );
    }
  }

  /** Waits until something is queued, `until` has come, or the worker stops. */
  function sleep(until: number | undefined): Promise<void> {
    if (woken || stopping) {
      woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer =
        until === undefined ? undefined : setTimeout(() => wake(), Math.min(Math.max(until - now(), 0), longestTimer));
      wake = () => {
        clearTimeout(timer);
        wake = () => {};
        woken = false;
        resolve();
      };
    });
  }

  async function round(): Promise<void> {
    const due = await store.delivery.due(now(), schedule.concurrency);
    if (due.length === 0) return sleep(await store.delivery.nextDue());
    const outcomes = await Promise.allSettled(due.map(serve));
    const broken = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    if (broken.length > 0) throw new AggregateError(broken, 'the outgoing queue could not be worked off');
  }

  async function work(): Promise<void> {
    while (!stopping) {
      try {
        await round();
      } catch (error) {
        logger.error({ err: error }, 'outgoing queue');
        await sleep(now() + storeFailureWait);
      }
    }
  }

  return {
    start() {
      if (running !== undefined) return;
      unsubscribe = store.delivery.onQueued(() => {
        woken = true;
        wake();
      });
      running = work();
    },
    async stop(graceMilliseconds = 5_000) {
      stopping = true;
      unsubscribe();
      wake();
      const timer = setTimeout(() => shutdown.abort(), graceMilliseconds);
      await running;
      clearTimeout(timer);
    },
  };
}
