// Sends what a user wrote: into local mailboxes at once, to the outside through the queue, with the copy for Sent Items and the bounce for
// recipients who do not exist, all in one unit of work. MS-ASCMD section 2.2.1.17 (SendMail).
import type { Logger } from 'pino';
import { newEmailProperties } from '../content/email-properties.ts';
import { derive } from '../mime/derive.ts';
import type { MailboxDelivery, Submission } from '../store/delivery-store.ts';
import type { User } from '../store/directory-store.ts';
import type { NewMessage } from '../store/mailbox-store.ts';
import type { Store } from '../store/store.ts';
import type { FailedRecipient } from './bounce.ts';
import { bounceMessage } from './bounce.ts';
import { groupTrace, inboxDelivery } from './delivery.ts';
import { duplicateMark } from './duplicate-mark.ts';
import type { ReadyMessage } from './outgoing-message.ts';
import { readyMessage } from './outgoing-message.ts';
import { prependFields } from './raw-header.ts';
import type { RecipientLimits } from './recipients.ts';
import { defaultRecipientLimits, resolveRecipient } from './recipients.ts';
import type { MailSubmission, MailToSend, SendOutcome } from './submission.ts';

export interface SubmissionLimits extends RecipientLimits {
  /** Octets. */
  readonly messageSize: number;
  /** Addresses in To, Cc and Bcc. */
  readonly recipients: number;
}

export const defaultSubmissionLimits: SubmissionLimits = {
  ...defaultRecipientLimits,
  messageSize: 50 * 1024 * 1024,
  recipients: 500,
};

export interface SubmissionDependencies {
  readonly store: Store;
  readonly limits?: SubmissionLimits;
  /** Name of this server in bounces. */
  readonly hostname: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Whom a message reaches. */
interface Audience {
  readonly users: Map<number, { readonly user: User; readonly blind: boolean }>;
  readonly outside: Set<string>;
  /** Groups that lead outside. */
  readonly groups: Set<string>;
  readonly failed: FailedRecipient[];
}

const addressShape = /^(?:"[^"\p{Cc}]+"|[^\s<>@"(),:;\p{Cc}]+)@[^\s<>@"(),;\p{Cc}]+$/u;

function isAddress(address: string): boolean {
  return address.length <= 320 && addressShape.test(address);
}

async function audienceOf(
  store: Store,
  ready: ReadyMessage,
  limits: SubmissionLimits,
  logger: Logger,
): Promise<Audience> {
  const audience: Audience = { users: new Map(), outside: new Set(), groups: new Set(), failed: [] };
  // To and Cc first: whoever is there too is no blind recipient.
  const everybody = [
    ...ready.open.map((address) => ({ address, blind: false })),
    ...ready.blind.map((address) => ({ address, blind: true })),
  ];
  for (const { address, blind } of everybody) {
    if (!isAddress(address)) {
      audience.failed.push({ address, status: '5.1.3', reason: 'This is not a mail address.' });
      continue;
    }
    const resolved = await resolveRecipient(store.directory, address, limits);
    if (resolved.kind === 'unknown') {
      audience.failed.push({ address, status: '5.1.1', reason: 'There is nobody with this address.' });
    } else if (resolved.kind === 'group-too-large') {
      audience.failed.push({ address, status: '5.2.4', reason: 'The group is too large, or nested too deep.' });
    } else {
      for (const user of resolved.users) if (!audience.users.has(user.id)) audience.users.set(user.id, { user, blind });
      for (const one of resolved.outside) audience.outside.add(one);
      if (resolved.outside.length > 0) for (const group of resolved.groups) audience.groups.add(group);
      const strays = resolved.strays.slice(0, 20);
      if (strays.length > 0) logger.warn({ group: address, strays }, 'group has members that are nobody');
    }
  }
  return audience;
}

interface Copies {
  /** What recipients get. */
  readonly message: NewMessage;
  /** What the sender keeps; the same object when it is the same octets. */
  readonly sent: NewMessage;
}

/** Both copies from one look at the message: they differ in the outer header only, so that parts lie at other offsets and no more. */
function copiesOf(ready: ReadyMessage, groups: Iterable<string>): Copies {
  const { message: derived, bodies } = derive(ready.sent);
  const sent: NewMessage = { octets: ready.sent, derived, bodies };
  const octets = prependFields(ready.others, groupTrace(groups));
  if (octets === ready.sent) return { message: sent, sent };
  const shift = octets.length - ready.sent.length;
  const attachments = derived.attachments.map((part) => ({
    ...part,
    start: part.start + shift,
    end: part.end + shift,
  }));
  return { message: { octets, derived: { ...derived, bcc: '', attachments }, bodies }, sent };
}

/** Makes the submission that commands use. */
export function mailSubmission(dependencies: SubmissionDependencies): MailSubmission {
  const { store, hostname, logger, now } = dependencies;
  const limits = dependencies.limits ?? defaultSubmissionLimits;

  async function sentItemsDelivery(user: User, copies: Copies, received: number): Promise<MailboxDelivery> {
    const folder = await store.mailboxes.folderOfType(user.mailboxId, 5);
    if (folder === undefined) throw new Error(`mailbox ${user.mailboxId} has no Sent Items`);
    return {
      mailbox: user.mailboxId,
      folderId: folder.id,
      properties: newEmailProperties(copies.sent.derived, { read: true }),
      received,
      // The sending device has no copy of it yet, and is to be told like any other.
      by: 0,
      ...(copies.sent === copies.message ? {} : { message: copies.sent }),
    };
  }

  async function bounceDelivery(
    user: User,
    ready: ReadyMessage,
    failed: readonly FailedRecipient[],
  ): Promise<MailboxDelivery> {
    const received = now();
    const octets = bounceMessage({ to: ready.sender, hostname, failed, original: ready.others, now: received });
    const { message: derived, bodies } = derive(octets);
    const message: NewMessage = { octets, derived, bodies };
    return { ...(await inboxDelivery(store, user, message, { received })), message };
  }

  async function deliveriesOf(
    mail: MailToSend,
    ready: ReadyMessage,
    audience: Audience,
    copies: Copies,
  ): Promise<MailboxDelivery[]> {
    const received = now();
    const mark = duplicateMark(ready.others, ready.bodyStart, copies.message.derived.messageId);
    const local = Array.from(audience.users.values(), ({ user, blind }) =>
      inboxDelivery(store, user, copies.message, { received, mark, receivedAsBcc: blind }),
    );
    return Promise.all([
      ...local,
      ...(mail.saveInSentItems ? [sentItemsDelivery(mail.user, copies, received)] : []),
      ...(audience.failed.length > 0 ? [bounceDelivery(mail.user, ready, audience.failed)] : []),
    ]);
  }

  return {
    async send(mail: MailToSend): Promise<SendOutcome> {
      if (mail.octets.length > limits.messageSize) return { kind: 'too-large' };
      const ready = readyMessage(mail.octets, mail.user, now());
      if (ready.kind !== 'ready') return ready;
      const count = ready.open.length + ready.blind.length;
      if (count === 0) return { kind: 'no-recipient' };
      if (count > limits.recipients) return { kind: 'too-many-recipients' };
      const audience = await audienceOf(store, ready, limits, logger);
      const copies = copiesOf(ready, audience.groups);
      const submission: Submission = {
        message: copies.message,
        deliveries: await deliveriesOf(mail, ready, audience, copies),
        ...(audience.outside.size > 0 ? { outbound: { sender: ready.sender, recipients: [...audience.outside] } } : {}),
        ...(mail.clientId === undefined ? {} : { onceMark: `client:${mail.user.id}:${mail.by}:${mail.clientId}` }),
      };
      const outcome = await store.delivery.submit(submission);
      return { kind: outcome.kind === 'done' ? 'sent' : 'already-sent' };
    },
  };
}
