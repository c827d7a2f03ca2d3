// The Email class: what a client is told of a mail and what it may change (MS-ASEMAIL section 2.2.2, Elements).
import { AirSyncBase, type Element, Email, Email2 } from '../../wbxml/index.ts';
import { readElement, SchemaError } from '../protocol/read.ts';
import { type Infer, many, optional, struct } from '../protocol/schema.ts';
import { dateTime, flag, integer, octets, text } from '../protocol/values.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import type { Item, StoredMessage } from '../store/mailbox-store.ts';
import { attachmentList, attachments } from './attachments.ts';
import { type Body, type BodyPart, body, bodyPart } from './body.ts';
import { emailFlag, flagElement, storedFlag } from './email-flag.ts';
import type { EmailProperties, MailPart } from './email-properties.ts';

const address = text({ max: 32768 });
const categories = struct({ categories: many(Email.Category, text({ max: 256 }), { max: 300 }) });

/** All elements of a mail, in the order in which Exchange sends them. */
export const emailSchema = struct({
  to: optional(Email.To, address),
  cc: optional(Email.Cc, address),
  from: optional(Email.From, address),
  subject: optional(Email.Subject, text()),
  replyTo: optional(Email.ReplyTo, address),
  dateReceived: optional(Email.DateReceived, dateTime),
  displayTo: optional(Email.DisplayTo, address),
  threadTopic: optional(Email.ThreadTopic, text()),
  importance: optional(Email.Importance, integer({ max: 2 })),
  read: optional(Email.Read, flag),
  attachments: optional(AirSyncBase.Attachments, attachments),
  body: optional(AirSyncBase.Body, body),
  bodyPart: optional(AirSyncBase.BodyPart, bodyPart, { since: 14.1 }),
  messageClass: optional(Email.MessageClass, text()),
  internetCpid: optional(Email.InternetCPID, text()),
  flag: optional(Email.Flag, emailFlag),
  contentClass: optional(Email.ContentClass, text()),
  nativeBodyType: optional(AirSyncBase.NativeBodyType, integer()),
  conversationId: optional(Email2.ConversationId, octets, { since: 14 }),
  conversationIndex: optional(Email2.ConversationIndex, octets, { since: 14 }),
  lastVerbExecuted: optional(Email2.LastVerbExecuted, integer({ max: 3 }), { since: 14 }),
  lastVerbExecutionTime: optional(Email2.LastVerbExecutionTime, dateTime, { since: 14 }),
  receivedAsBcc: optional(Email2.ReceivedAsBcc, flag, { since: 14 }),
  sender: optional(Email2.Sender, address, { since: 14 }),
  categories: optional(Email.Categories, categories, { since: 14 }),
  bcc: optional(Email2.Bcc, text({ max: 1024 }), { since: 16 }),
  isDraft: optional(Email2.IsDraft, flag, { since: 16 }),
});
export type EmailValue = Infer<typeof emailSchema>;

function nonEmpty(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** Commas outside quoted names become semicolons, which is what separates the addresses of ReplyTo alone (MS-ASEMAIL R711). */
function withSemicolons(addresses: string): string {
  return addresses.replaceAll(/"(?:[^"\\]|\\.)*"|, /g, (found) => (found === ', ' ? '; ' : found));
}

/**
 * The first timestamp of the conversation (MS-ASCON section 2.2.2.4, ConversationIndex): the five most significant octets below the first of a
 * FILETIME, 100 ns since 1601.
 */
function conversationIndexOf(milliseconds: number): Buffer {
  const fileTime = (BigInt(Math.trunc(milliseconds)) + 11644473600000n) * 10000n;
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64BE(BigInt.asUintN(64, fileTime));
  return wide.subarray(1, 6);
}

/** What a client is told of a mail. */
export function emailValue(
  item: Item & { readonly message: StoredMessage },
  chosenBody: Body | undefined,
  part: BodyPart | undefined,
): EmailValue {
  const { derived } = item.message;
  const properties = item.properties as EmailProperties;
  return {
    to: nonEmpty(derived.to),
    cc: nonEmpty(derived.cc),
    from: nonEmpty(derived.from),
    subject: derived.subject,
    replyTo: nonEmpty(withSemicolons(derived.replyTo)),
    dateReceived: item.sortDate,
    displayTo: nonEmpty(derived.displayTo),
    threadTopic: nonEmpty(derived.threadTopic),
    importance: derived.importance,
    read: properties.read,
    attachments: attachmentList(item.folderId, item.id, derived.attachments),
    body: chosenBody,
    bodyPart: part,
    messageClass: derived.messageClass,
    internetCpid: derived.internetCpid,
    flag: flagElement(properties.flag, derived.subject),
    contentClass: 'urn:content-classes:message',
    nativeBodyType: derived.nativeBodyType,
    conversationId: Buffer.from(properties.conversationId, 'base64'),
    conversationIndex: conversationIndexOf(derived.date ?? item.sortDate),
    lastVerbExecuted: properties.lastVerb,
    lastVerbExecutionTime: properties.lastVerbTime,
    receivedAsBcc: properties.receivedAsBcc === true ? true : undefined,
    sender: derived.sender === derived.from ? undefined : nonEmpty(derived.sender),
    categories: { categories: properties.categories ?? [] },
    bcc: nonEmpty(derived.bcc.slice(0, 1024)),
    isDraft: properties.isDraft === true,
  };
}

/** The elements of a mail that changed in these parts only (MS-ASEMAIL R75, R76, R96-R106): those parts and nothing else. */
export function changedParts(
  item: Item & { readonly message: StoredMessage },
  parts: ReadonlySet<MailPart>,
): EmailValue {
  const { read, flag: flagValue, categories: list } = emailValue(item, undefined, undefined);
  return {
    ...(parts.has('read') ? { read } : {}),
    ...(parts.has('flag') ? { flag: flagValue } : {}),
    ...(parts.has('categories') ? { categories: list } : {}),
  };
}

/** What a client may change of a received mail. Elements that it may send but not change are passed over (MS-ASCMD R875). */
const emailChange = struct(
  {
    read: optional(Email.Read, flag),
    flag: optional(Email.Flag, emailFlag),
    categories: optional(Email.Categories, categories, { since: 14 }),
  },
  { unknown: 'skip' },
);

/** Elements that a client must not even send: Status 6 (MS-ASEMAIL R347, R648, R723). */
const readOnly = new Set([
  Email2.ConversationId,
  Email2.ConversationIndex,
  Email2.ReceivedAsBcc,
  Email2.Sender,
  Email2.IsDraft,
]);

export type ChangeOutcome =
  | { readonly kind: 'changed'; readonly properties: EmailProperties }
  /** The client sent something that no mail can have: Status 6. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** The properties of a mail of a class after a client's Change. */
export function changeEmail(
  before: EmailProperties,
  sent: Element,
  messageClass: string,
  version: ProtocolVersion,
): ChangeOutcome {
  const forbidden = Array.isArray(sent.content) ? sent.content.find(({ tag }) => readOnly.has(tag)) : undefined;
  if (forbidden !== undefined) return { kind: 'invalid', reason: `${forbidden.tag.name} is read-only` };
  try {
    const change = readElement(emailChange, sent, version);
    const flagged =
      change.flag === undefined
        ? { kind: 'flag' as const, flag: before.flag }
        : storedFlag(change.flag, before.flag, messageClass);
    if (flagged.kind === 'invalid') return flagged;
    const { flag: _, ...others } = before;
    return {
      kind: 'changed',
      properties: {
        ...others,
        ...(flagged.flag === undefined ? {} : { flag: flagged.flag }),
        ...(change.read === undefined ? {} : { read: change.read }),
        ...(change.categories === undefined ? {} : { categories: change.categories.categories }),
      } as EmailProperties,
    };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { kind: 'invalid', reason: error.message };
  }
}
