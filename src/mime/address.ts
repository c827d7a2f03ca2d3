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
  const words: string[] = [];
  const text = withoutWords(unfoldedText(raw.length > characters ? raw.slice(0, characters) : raw, charset), words);
  const bare = BARE.exec(text);
  if (bare !== null) return [{ name: '', address: bare[1]! }];
  const named = NAMED.exec(text);
  if (named !== null) return [{ name: nameOf(named[1] ?? named[2]!, words), address: named[3]! }];
  const mailboxes: Mailbox[] = [];
  for (const entry of addressparser(text, { flatten: true })) {
    const name = nameOf(entry.name, words);
    const address = withWords(entry.address, words).trim();
    if (name !== '' || address !== '') mailboxes.push({ name, address });
  }
  return mailboxes;
}

// RFC 2047 section 5 (3) forbids commas and colons in encoded words of names, but they are written. So that they do
// not take the list apart, each word is held back behind a mark of private use characters while the list is read.
const ENCODED_WORD = /=\?[^?\s]{1,64}\?[bq]\?[^?]*\?=/gi;
const MARK = /\ue000(\d+)\ue001/g;

function withoutWords(text: string, words: string[]): string {
  if (!text.includes('=?')) return text;
  // Marks that a sender wrote would multiply words.
  return text.replace(/[\ue000\ue001]/g, '').replace(ENCODED_WORD, (word) => `\ue000${words.push(word) - 1}\ue001`);
}

function withWords(text: string, words: readonly string[]): string {
  return words.length === 0 ? text : text.replace(MARK, (mark, index: string) => words[Number(index)] ?? mark);
}

function nameOf(written: string, words: readonly string[]): string {
  return decodeEncodedWords(withWords(written, words)).trim();
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
