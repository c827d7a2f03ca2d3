// Mail on its way on SQLite: a message is stored once and delivered everywhere in one transaction, or nowhere.
import type { ItemId } from '../../protocol/ids.ts';
import type { DeliveryStore, MailboxDelivery, Submission, SubmissionOutcome } from '../delivery-store.ts';
import { ContentClass, type NewMessage } from '../mailbox-store.ts';
import { StoreError } from '../store-error.ts';
import type { SqliteDatabase } from './database.ts';
import { DeliveryMarks, wholeSubmission } from './delivery-marks.ts';
import type { Folders } from './folders.ts';
import type { ItemWrites } from './item-writes.ts';
import { type Messages, type PreparedMessage, prepareMessage } from './messages.ts';
import { OutboundQueue } from './outbound-queue.ts';

export interface DeliveryParts {
  readonly database: SqliteDatabase;
  readonly folders: Folders;
  readonly messages: Messages;
  readonly writes: ItemWrites;
}

export function sqliteDelivery(parts: DeliveryParts): DeliveryStore {
  const queue = new OutboundQueue(parts.database, parts.messages);
  const submissions = new Submissions(parts, queue);
  return {
    submit: (submission) => submissions.submit(submission),
    due: async (now, limit) => queue.due(now, limit),
    nextDue: async () => queue.nextDue(),
    queuedOctets: async (id) => queue.octets(id),
    reschedule: async (id, after) => queue.reschedule(id, after),
    onQueued: (listener) => queue.onQueued(listener),
  };
}

function messageOf(submission: Submission, delivery: MailboxDelivery): NewMessage {
  return delivery.message ?? submission.message;
}

/** The submission's message and those of deliveries that carry their own, each once. */
async function prepareMessages(submission: Submission): Promise<ReadonlyMap<NewMessage, PreparedMessage>> {
  const messages = new Map([[submission.message, await prepareMessage(submission.message)]]);
  for (const { message } of submission.deliveries) {
    if (message !== undefined && !messages.has(message)) messages.set(message, await prepareMessage(message));
  }
  return messages;
}

type Delivered = { readonly kind: 'delivered'; readonly itemId: ItemId } | { readonly kind: 'duplicate' };

class Submissions {
  readonly #parts: DeliveryParts;
  readonly #queue: OutboundQueue;
  readonly #marks: DeliveryMarks;

  constructor(parts: DeliveryParts, queue: OutboundQueue) {
    this.#parts = parts;
    this.#queue = queue;
    this.#marks = new DeliveryMarks(parts.database);
  }

  async submit(submission: Submission): Promise<SubmissionOutcome> {
    const { database } = this.#parts;
    const messages = await prepareMessages(submission);
    const queues = (submission.outbound?.recipients.length ?? 0) > 0;
    const octets = Array.from(messages.keys(), (message) => message.octets.length).reduce((sum, size) => sum + size, 0);
    database.identifiers.reserve(submission.deliveries.length);
    const outcome = database.unit(() => this.#apply(submission, messages, queues), octets);
    if (outcome.kind === 'done' && queues) this.#queue.announce();
    return outcome;
  }

  #apply(
    submission: Submission,
    messages: ReadonlyMap<NewMessage, PreparedMessage>,
    queues: boolean,
  ): SubmissionOutcome {
    const { deliveries, outbound, onceMark } = submission;
    if (onceMark !== undefined && !this.#marks.set(wholeSubmission, onceMark)) return { kind: 'already-submitted' };
    const wanted = deliveries.map((delivery) => this.#isWanted(delivery));
    const rows = new Map<NewMessage, number>();
    for (const [message, prepared] of messages) {
      const users = deliveries.filter(
        (delivery, index) => wanted[index] && messageOf(submission, delivery) === message,
      );
      const uses = users.length + (queues && message === submission.message ? 1 : 0);
      if (uses > 0) rows.set(message, this.#parts.messages.add(prepared, uses));
    }
    if (queues && outbound !== undefined) this.#queue.add(rows.get(submission.message)!, outbound);
    return {
      kind: 'done',
      deliveries: deliveries.map((delivery, index) =>
        wanted[index] ? this.#deliver(delivery, rows.get(messageOf(submission, delivery))!) : { kind: 'duplicate' },
      ),
    };
  }

  #isWanted({ mailbox, folderId, duplicateMark }: MailboxDelivery): boolean {
    if (!this.#parts.folders.has(mailbox, folderId)) {
      throw new StoreError('gone', 'The mailbox or folder of a delivery was removed.');
    }
    return duplicateMark === undefined || this.#marks.set(mailbox, duplicateMark);
  }

  #deliver(delivery: MailboxDelivery, message: number): Delivered {
    const { mailbox, folderId, properties, received, by } = delivery;
    const itemId = this.#parts.writes.insert(mailbox, {
      folder: folderId,
      contentClass: ContentClass.Email,
      by,
      sortDate: received,
      filterDate: received,
      message,
      properties,
    });
    return { kind: 'delivered', itemId };
  }
}
