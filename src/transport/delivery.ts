// Delivers a message that arrived for addresses of ours: each recipient is answered, the message is stored once.
// Loops are broken as RFC 5321 section 6.3 (Loop Detection) asks, and by a trace of our own for groups with members outside.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { newEmailProperties } from '../content/email-properties.ts';
import { derive } from '../mime/derive.ts';
import type { HeaderBlock } from '../mime/header.ts';
import type { MailboxDelivery } from '../store/delivery-store.ts';
import type { User } from '../store/directory-store.ts';
import type { NewMessage } from '../store/mailbox-store.ts';
import type { Store } from '../store/store.ts';
import { duplicateMark } from './duplicate-mark.ts';
import { fieldValues, outerHeader, prependFields } from './raw-header.ts';
import type { RecipientLimits, ResolvedRecipient } from './recipients.ts';
import { defaultRecipientLimits, normalAddress, resolveRecipient } from './recipients.ts';

export interface DeliveryLimits extends RecipientLimits {
  /** Received fields beyond which a message is taken to go round in circles. */
  readonly receivedFields: number;
}

export const defaultDeliveryLimits: DeliveryLimits = { ...defaultRecipientLimits, receivedFields: 100 };

export interface Arrival {
  /** As it arrived. */
  readonly octets: Buffer;
  /** Trace fields of this server, each ended by CRLF, to be stored in front. */
  readonly trace: readonly string[];
  /** Envelope sender; empty for a bounce. */
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** What became of one recipient. */
export type RecipientResult =
  | 'delivered'
  /** The mailbox has the message already; nothing was added. */
  | 'duplicate'
  /** Nobody of ours, or a group without members. */
  | 'unknown'
  /** Not in our domains; relaying is for our own users' devices only. */
  | 'outside'
  | 'group-too-large'
  /** The message has been here, or in too many places. */
  | 'loop';

export interface DeliveryDependencies {
  readonly store: Store;
  readonly limits?: DeliveryLimits;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MailDelivery {
  /** Whether mail for an address would be taken, before its octets are there. */
  check(recipient: string): Promise<RecipientResult>;
  /** One result for each recipient, in order. Committed, not yet durable: await `store.durable()` before acknowledging. */
  deliver(arrival: Arrival): Promise<readonly RecipientResult[]>;
}

type Found = Extract<ResolvedRecipient, { kind: 'found' }>;

/** Our own field, not Delivered-To: mail servers in front of us add that one for the very address that they pass on. */
const groupField = 'X-Easel-Group';

/** The trace of groups that lead outside: when such a message comes back to the group it went in a circle. */
export function groupTrace(groups: Iterable<string>): string[] {
  return Array.from(groups, (group) => `${groupField}: ${group}\r\n`);
}

/** The delivery of one message to a user's Inbox. */
export async function inboxDelivery(
  store: Store,
  user: User,
  message: NewMessage,
  given: { readonly received: number; readonly mark?: string; readonly receivedAsBcc?: boolean },
): Promise<MailboxDelivery> {
  const inbox = await store.mailboxes.folderOfType(user.mailboxId, 2);
  if (inbox === undefined) throw new Error(`mailbox ${user.mailboxId} has no Inbox`);
  const properties = newEmailProperties(message.derived, { read: false });
  return {
    mailbox: user.mailboxId,
    folderId: inbox.id,
    properties: given.receivedAsBcc === true ? { ...properties, receivedAsBcc: true } : properties,
    received: given.received,
    by: 0,
    ...(given.mark === undefined ? {} : { duplicateMark: given.mark }),
  };
}

/** Whom an arrival is for, all recipients together. */
interface Audience {
  readonly users: Map<number, User>;
  readonly outside: Set<string>;
  /** Groups that led outside. */
  readonly groups: Set<string>;
}

function include(audience: Audience, found: Found): void {
  for (const user of found.users) audience.users.set(user.id, user);
  for (const address of found.outside) audience.outside.add(address);
  if (found.outside.length > 0) for (const group of found.groups) audience.groups.add(group);
}

function classify(address: string, resolved: ResolvedRecipient, passedGroups: ReadonlySet<string>): RecipientResult {
  if (resolved.kind !== 'found') return resolved.kind;
  if (resolved.groups.some((group) => passedGroups.has(group))) return 'loop';
  if (resolved.groups.length === 0 && resolved.outside.includes(normalAddress(address))) return 'outside';
  return resolved.users.length + resolved.outside.length === 0 ? 'unknown' : 'delivered';
}

/** A mark by which a repeated arrival is not sent to the outside members of a group again. */
function onceMark(mark: string, audience: Audience): string {
  const everybody = [...audience.users.keys(), ...audience.outside].map(String).sort().join('\n');
  return `group:${mark}:${createHash('sha256').update(everybody).digest('base64url')}`;
}

/** Makes the delivery of arriving mail. */
export function mailDelivery(dependencies: DeliveryDependencies): MailDelivery {
  const { store, logger, now } = dependencies;
  const limits = dependencies.limits ?? defaultDeliveryLimits;

  async function submit(arrival: Arrival, header: HeaderBlock, audience: Audience): Promise<ReadonlySet<number>> {
    const octets = prependFields(arrival.octets, [...groupTrace(audience.groups), ...arrival.trace]);
    const { message: derived, bodies } = derive(octets);
    const message: NewMessage = { octets, derived, bodies };
    const mark = duplicateMark(arrival.octets, header.bodyStart, derived.messageId);
    const users = [...audience.users.values()];
    const received = now();
    const deliveries = await Promise.all(users.map((user) => inboxDelivery(store, user, message, { received, mark })));
    const outbound = { sender: arrival.sender, recipients: [...audience.outside] };
    const outcome = await store.delivery.submit({
      message,
      deliveries,
      ...(audience.outside.size > 0 ? { outbound, onceMark: onceMark(mark, audience) } : {}),
    });
    if (outcome.kind === 'already-submitted') return new Set();
    return new Set(users.filter((_, at) => outcome.deliveries[at]?.kind === 'delivered').map(({ id }) => id));
  }

  return {
    async check(recipient) {
      return classify(recipient, await resolveRecipient(store.directory, recipient, limits), new Set());
    },

    async deliver(arrival) {
      const header = outerHeader(arrival.octets);
      if (fieldValues(header, 'received').length > limits.receivedFields) return arrival.recipients.map(() => 'loop');
      const passed = new Set(fieldValues(header, groupField.toLowerCase()).map(normalAddress));
      const audience: Audience = { users: new Map(), outside: new Set(), groups: new Set() };
      const answers: { readonly result: RecipientResult; readonly resolved: ResolvedRecipient }[] = [];
      for (const address of arrival.recipients) {
        const resolved = await resolveRecipient(store.directory, address, limits);
        const result = classify(address, resolved, passed);
        if (result === 'delivered' && resolved.kind === 'found') {
          include(audience, resolved);
          const strays = resolved.strays.slice(0, 20);
          if (strays.length > 0) logger.warn({ group: address, strays }, 'group has members that are nobody');
        }
        answers.push({ result, resolved });
      }
      if (audience.users.size + audience.outside.size === 0) return answers.map(({ result }) => result);
      const reached = await submit(arrival, header, audience);
      return answers.map(({ result, resolved }) => {
        if (result !== 'delivered' || resolved.kind !== 'found' || resolved.outside.length > 0) return result;
        return resolved.users.some((user) => reached.has(user.id)) ? 'delivered' : 'duplicate';
      });
    },
  };
}
