// Readies a message that a user wrote: whom it goes to, what its outer header lacks, and what only the sender may see.
// Implements RFC 5322 section 3.6 (Field Definitions) and MS-ASCMD section 2.2.1.17 (SendMail), R448. Only the outer header is touched,
// never an octet behind it: signatures stay whole.
import { randomUUID } from 'node:crypto';
import { readMailboxes } from '../mime/address.ts';
import type { HeaderBlock } from '../mime/header.ts';
import { firstField } from '../mime/header.ts';
import type { User } from '../store/directory-store.ts';
import { mailDate } from './bounce.ts';
import { outerHeader } from './raw-header.ts';
import { normalAddress, withoutTag } from './recipients.ts';

export interface ReadyMessage {
  readonly kind: 'ready';
  /** What the sender keeps: complete, Bcc still in it. */
  readonly sent: Buffer;
  /** What everybody else gets. The same buffer when there was no Bcc. */
  readonly others: Buffer;
  /** First octet of the body of `others`. */
  readonly bodyStart: number;
  /** The user's address that stands in From; lower case. */
  readonly sender: string;
  /** To and Cc, lower case, each once. */
  readonly open: readonly string[];
  /** Bcc that are not in To or Cc, lower case, each once. */
  readonly blind: readonly string[];
}

export type Readied =
  | ReadyMessage
  /** No header at all. */
  | { readonly kind: 'invalid-mime' }
  /** From or Sender names somebody else. */
  | { readonly kind: 'not-allowed' };

/** Fields that only the sender may see. */
const blindFields = new Set(['bcc', 'resent-bcc']);

/** Characters of one address field that are read: room for some thousand recipients. */
const addressCharacters = 1024 * 1024;

function addressesOf(header: HeaderBlock, name: string): string[] {
  return header.fields
    .filter((field) => field.name === name)
    .flatMap((field) => readMailboxes(field.raw, undefined, addressCharacters))
    .map(({ address }) => normalAddress(address))
    .filter((address) => address !== '');
}

function isOwn(user: User, address: string): boolean {
  return user.addresses.includes(address) || user.addresses.includes(withoutTag(address) ?? '');
}

/** RFC 2047 section 2 (Syntax of encoded-words) for a display name. */
function encodedName(name: string): string {
  const clean = name.replace(/\p{Cc}/gu, ' ').trim();
  if (/^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*$/.test(clean)) return clean;
  if (/^[ -~]*$/.test(clean)) return `"${clean.replace(/["\\]/g, '\\$&')}"`;
  const words: string[] = [];
  let word = '';
  for (const character of clean) {
    // 45 octets make 60 characters of base64: within the 75 of one encoded word.
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ');
}

function fromField(user: User): string {
  const primary = user.addresses[0] ?? `${user.name}@${user.domain}`;
  const name = encodedName(user.displayName);
  return name === '' ? `From: ${primary}\r\n` : `From: ${name} <${primary}>\r\n`;
}

/** The octets without some fields and with others in front. */
function edited(octets: Buffer, header: HeaderBlock, drop: (name: string) => boolean, add: readonly string[]): Buffer {
  const pieces: Buffer[] = add.length === 0 ? [] : [Buffer.from(add.join(''))];
  let at = 0;
  for (const field of header.fields) {
    if (!drop(field.name)) continue;
    pieces.push(octets.subarray(at, field.start));
    at = field.end;
  }
  return pieces.length === 0 ? octets : Buffer.concat([...pieces, octets.subarray(at)]);
}

/** Completes the message for its sender. `now` is in milliseconds since 1970. */
export function readyMessage(octets: Buffer, user: User, now: number): Readied {
  const header = outerHeader(octets);
  if (header.fields.length === 0) return { kind: 'invalid-mime' };
  const from = addressesOf(header, 'from');
  if (![...from, ...addressesOf(header, 'sender')].every((address) => isOwn(user, address)))
    return { kind: 'not-allowed' };
  const added = [
    ...(from.length === 0 ? [fromField(user)] : []),
    ...(firstField(header, 'date') === undefined ? [`Date: ${mailDate(now)}\r\n`] : []),
    ...(firstField(header, 'message-id') === undefined ? [`Message-ID: <${randomUUID()}@${user.domain}>\r\n`] : []),
  ];
  const dropFrom = (name: string) => from.length === 0 && name === 'from';
  const hasBlind = header.fields.some((field) => blindFields.has(field.name));
  const sent = edited(octets, header, dropFrom, added);
  const others = hasBlind ? edited(octets, header, (name) => dropFrom(name) || blindFields.has(name), added) : sent;
  const open = new Set([...addressesOf(header, 'to'), ...addressesOf(header, 'cc')]);
  const blind = new Set(addressesOf(header, 'bcc').filter((address) => !open.has(address)));
  return {
    kind: 'ready',
    sent,
    others,
    bodyStart: header.bodyStart + (others.length - octets.length),
    sender: from[0] ?? user.addresses[0] ?? `${user.name}@${user.domain}`,
    open: [...open],
    blind: [...blind],
  };
}
