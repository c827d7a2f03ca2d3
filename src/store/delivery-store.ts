// Mail on its way: into mailboxes, and out through a durable queue. One message is stored once however many get it.
import type { FolderId, ItemId, MailboxId, PartnershipId } from '../protocol/ids.ts';
import type { JsonObject, NewMessage } from './mailbox-store.ts';

export interface MailboxDelivery {
  readonly mailbox: MailboxId;
  readonly folderId: FolderId;
  readonly properties: JsonObject;
  /** Milliseconds since 1970: when it was received. */
  readonly received: number;
  /** The device that caused it and knows of it; 0 otherwise. */
  readonly by: PartnershipId | 0;
  /**
   * When given: a second delivery to this mailbox under the same mark within the time the engine keeps marks (7 days) changes nothing and
   * is answered `duplicate`.
   */
  readonly duplicateMark?: string;
  /**
   * When given: delivered in place of the submission's message, in the same unit of work (the sender's copy that keeps its Bcc, a bounce).
   */
  readonly message?: NewMessage;
}

/** Recipients outside, to be handed to the relay. */
export interface OutboundMail {
  readonly sender: string;
  readonly recipients: readonly string[];
}

export interface Submission {
  readonly message: NewMessage;
  readonly deliveries: readonly MailboxDelivery[];
  readonly outbound?: OutboundMail;
  /** When given: a second submission under the same mark is refused whole as a duplicate (SendMail's ClientId). */
  readonly onceMark?: string;
}

export type SubmissionOutcome =
  | {
      readonly kind: 'done';
      readonly deliveries: readonly ({ kind: 'delivered'; itemId: ItemId } | { kind: 'duplicate' })[];
    }
  | { readonly kind: 'already-submitted' };

/** One message in the outgoing queue. */
export interface QueuedMail {
  readonly id: number;
  readonly sender: string;
  /** Recipients still to be served. */
  readonly recipients: readonly string[];
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
  readonly nextAttemptAt: number;
  readonly lastError: string;
}

export interface DeliveryStore {
  /** Stores the message and delivers it everywhere it goes, all or nothing. */
  submit(submission: Submission): Promise<SubmissionOutcome>;
  /** Mail due at `now`, oldest first. */
  due(now: number, limit: number): Promise<readonly QueuedMail[]>;
  /** When the next queued mail is due; undefined when the queue is empty. */
  nextDue(): Promise<number | undefined>;
  queuedOctets(id: number): Promise<Buffer | undefined>;
  /** After an attempt: the recipients left and when to try again; no recipients left removes it. */
  reschedule(
    id: number,
    after: { readonly recipients: readonly string[]; readonly nextAttemptAt: number; readonly lastError: string },
  ): Promise<void>;
  /** Called with no arguments whenever something was queued, until the returned function is called. */
  onQueued(listener: () => void): () => void;
}
