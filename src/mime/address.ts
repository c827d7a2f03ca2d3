// Address lists of header fields, decoded (RFC 5322 section 3.4, Address Specification).
import addressparser from 'nodemailer/lib/addressparser';
import { decodeEncodedWords, unfoldedText } from './header-text.ts';
import { ADDRESS_LIST_CHARACTERS, FIELD_CHARACTERS } from './limits.ts';

/** One mailbox; name or address can be empty, not both. */
export interface Mailbox {
  /** Decoded display name. */
  readonly name: string;
  /** addr-spec as written. */
  readonly address: string;
}

// One mailbox in its commonest forms, so that the parser is only asked for the rest.
const BARE = /^\s*<?([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>?\s*$/;
const NAMED = /^\s*(?:"([^"\\<>]*)"|([^"\\<>(),;:@[\]]*?))\s*<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>\s*$/;

/** Mailboxes of a raw address field, those inside groups included; total. At most `characters` of the value are read. */
export function readMailboxes(raw: string | undefined, charset?: string, characters = FIELD_CHARACTERS): Mailbox[] {
  if (raw === undefined) return [];
  const text = unfoldedText(raw.length > characters ? raw.slice(0, characters) : raw, charset);
  const bare = BARE.exec(text);
  if (bare !== null) return [{ name: '', address: bare[1]! }];
  const named = NAMED.exec(text);
  if (named !== null) {
    const name = decodeEncodedWords(named[1] ?? named[2]!).trim();
    return [{ name, address: named[3]! }];
  }
  const mailboxes: Mailbox[] = [];
  for (const entry of addressparser(text, { flatten: true })) {
    const name = decodeEncodedWords(entry.name).trim();
    const address = entry.address.trim();
    if (name !== '' || address !== '') mailboxes.push({ name, address });
  }
  return mailboxes;
}

/** `"Name" <address>, …` (MS-ASEMAIL R786, R787), whole mailboxes up to 32768 characters (R477, R788). */
export function formatMailboxes(mailboxes: readonly Mailbox[]): string {
  let text = '';
  for (const mailbox of mailboxes) {
    const one = formatMailbox(mailbox);
    const length = text.length + one.length + 2;
    if (length > ADDRESS_LIST_CHARACTERS) break;
    text += text === '' ? one : `, ${one}`;
  }
  return text;
}

/** MS-ASEMAIL R399, R400: display names, or addresses where there is none, separated by semicolons. */
export function displayNames(mailboxes: readonly Mailbox[]): string {
  let text = '';
  for (const { name, address } of mailboxes) {
    const one = name === '' ? address : name;
    if (text.length + one.length + 2 > ADDRESS_LIST_CHARACTERS) break;
    text += text === '' ? one : `; ${one}`;
  }
  return text;
}

function formatMailbox({ name, address }: Mailbox): string {
  if (name === '') return address;
  const quoted = /["\\]/.test(name) ? name.replace(/["\\]/g, '\\$&') : name;
  return address === '' ? `"${quoted}"` : `"${quoted}" <${address}>`;
}
