// From the octets of a message to everything that commands need of it, once, at delivery (MS-ASEMAIL section 2.2.2; MS-ASAIRS section 2.2.2).
import { displayNames, formatMailboxes, readMailboxes } from './address.ts';
import { previewOf } from './body.ts';
import { codePageOf } from './charset.ts';
import { type Content, readContent } from './content.ts';
import { readDate } from './date.ts';
import type { HeaderBlock } from './header.ts';
import { rawValue } from './header.ts';
import { decodeHeaderText } from './header-text.ts';
import { ADDRESS_LIST_CHARACTERS, FIELD_CHARACTERS, REFERENCES } from './limits.ts';
import type { DerivedBodies, DerivedMessage } from './message.ts';
import { messageClassOf, smimeForm } from './message-class.ts';
import { type MimePart, readStructure } from './structure.ts';
import { threadTopicOf } from './subject.ts';

const PREVIEW_CHARACTERS = 255;
const LONGEST_MESSAGE_ID = 998;

/**
 * Derives a message from its octets. Synchronous and total: any octets give a result, in time and memory bounded by
 * limits.ts. An opaque S/MIME message has an empty body and its envelope as the only attachment.
 */
export function derive(octets: Buffer): { message: DerivedMessage; bodies: DerivedBodies } {
  const root = readStructure(octets);
  const content = readContent(octets, root);
  const charset = content.charset === '' ? root.charset : content.charset;
  const { plain, html } = content;
  const message: DerivedMessage = {
    ...readEnvelope(root.header, charset),
    messageClass: messageClassOf(octets, root, content.calendar),
    smime: smimeForm(root),
    internetCpid: codePageOf(charset),
    nativeBodyType: html === undefined ? 1 : 2,
    plainSize: Buffer.byteLength(plain),
    htmlSize: html === undefined ? 0 : Buffer.byteLength(html),
    preview: previewOf(plain, PREVIEW_CHARACTERS),
    attachments: content.attachments,
    ...calendarOf(content, root),
  };
  return { message, bodies: html === undefined ? { plain } : { plain, html } };
}

type Envelope = Pick<
  DerivedMessage,
  | 'subject'
  | 'threadTopic'
  | 'from'
  | 'sender'
  | 'to'
  | 'cc'
  | 'bcc'
  | 'replyTo'
  | 'displayTo'
  | 'fromAddresses'
  | 'messageId'
  | 'inReplyTo'
  | 'references'
  | 'date'
  | 'importance'
  | 'readReceiptRequested'
>;

function readEnvelope(header: HeaderBlock, charset: string): Envelope {
  const subject = decodeHeaderText(rawValue(header, 'subject') ?? '', charset);
  const list = (name: string): string => {
    const raw = rawValue(header, name);
    return raw === undefined ? '' : formatMailboxes(readMailboxes(raw, charset));
  };
  const from = readMailboxes(rawValue(header, 'from'), charset);
  const to = readMailboxes(allValues(header, 'to'), charset);
  const date = readDate(rawValue(header, 'date'));
  return {
    subject,
    threadTopic: threadTopicOf(subject),
    from: formatMailboxes(from),
    sender: list('sender'),
    to: formatMailboxes(to),
    cc: formatMailboxes(readMailboxes(allValues(header, 'cc'), charset)),
    bcc: list('bcc'),
    replyTo: list('reply-to'),
    displayTo: displayNames(to),
    fromAddresses: from.filter(({ address }) => address !== '').map(({ address }) => address.toLowerCase()),
    messageId: messageIds(header, 'message-id')[0] ?? '',
    inReplyTo: messageIds(header, 'in-reply-to')[0] ?? '',
    references: shortened(messageIds(header, 'references')),
    ...(date === undefined ? {} : { date }),
    importance: importanceOf(header),
    readReceiptRequested: rawValue(header, 'disposition-notification-to') !== undefined,
  };
}

// Broken senders write To and Cc more than once; every recipient counts.
function allValues(header: HeaderBlock, name: string): string | undefined {
  let joined: string | undefined;
  for (const field of header.fields) {
    if (field.name !== name) continue;
    if (joined !== undefined && joined.length > ADDRESS_LIST_CHARACTERS) break;
    joined = joined === undefined ? field.raw : `${joined},${field.raw}`;
  }
  return joined;
}

function messageIds(header: HeaderBlock, name: string): string[] {
  const raw = rawValue(header, name);
  if (raw === undefined) return [];
  const ids = raw.slice(0, FIELD_CHARACTERS).match(/<[^<>\s\p{Cc}]+>/gu) ?? [];
  return ids.filter((id) => id.length <= LONGEST_MESSAGE_ID);
}

// A conversation is found by its beginning and by its latest messages.
function shortened(ids: readonly string[]): readonly string[] {
  return ids.length <= REFERENCES ? ids : [...ids.slice(0, REFERENCES / 2), ...ids.slice(-REFERENCES / 2)];
}

function importanceOf(header: HeaderBlock): 0 | 1 | 2 {
  const said = (rawValue(header, 'importance') ?? rawValue(header, 'x-msmail-priority') ?? '').trim().toLowerCase();
  if (said === 'high') return 2;
  if (said === 'low') return 0;
  const number = Number.parseInt((rawValue(header, 'x-priority') ?? '').trim(), 10);
  if (number === 1 || number === 2) return 2;
  if (number === 4 || number === 5) return 0;
  const priority = (rawValue(header, 'priority') ?? '').trim().toLowerCase();
  if (priority === 'urgent') return 2;
  return priority === 'non-urgent' ? 0 : 1;
}

function calendarOf(content: Content, root: MimePart): { calendar?: string } {
  return content.calendar === undefined || smimeForm(root) === 'opaque' ? {} : { calendar: content.calendar.text };
}
