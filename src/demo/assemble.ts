// Demo messages put together from strings (RFC 5322 section 2.1, General Description; RFC 2046 section 5.1, Multipart Media Type).
import { type Correspondent, DEMO_DOMAIN } from './people.ts';

/** A demo message before it has a date and its place in mailboxes. */
export interface Letter {
  /** Left side of its Message-ID, and what other letters answer to. */
  readonly id: string;
  readonly from: Correspondent;
  readonly to: readonly Correspondent[];
  readonly cc?: readonly Correspondent[];
  readonly subject: string;
  /** Age when the organisation is made. */
  readonly daysAgo: number;
  /** MIME entity: its header lines, a blank line, its body; LF line ends. A Buffer is taken as it is. */
  readonly entity: string | Buffer;
  /** Ids of the letters before it in its thread, oldest first. */
  readonly thread?: readonly string[];
  /** From and Subject as they are to stand in the header, one character per octet, instead of those made from the above. */
  readonly written?: { readonly from?: string; readonly subject?: string };
  /** Further header lines. */
  readonly headers?: readonly string[];
  /** The whole message instead of one built from the fields above. */
  readonly whole?: string | Buffer;
  readonly read?: boolean;
  readonly flagged?: boolean;
  /** Folder of the recipients; Inbox when left out. */
  readonly folder?: string;
}

const MILLISECONDS_A_DAY = 86_400_000;
const ENCODED_WORD_OCTETS = 45;
const BASE64_LINE = 76;

/** The time at which a letter was sent. */
export function sentAt(letter: Letter, now: Date): Date {
  return new Date(Math.floor((now.getTime() - letter.daysAgo * MILLISECONDS_A_DAY) / 1000) * 1000);
}

/** The octets of a letter, CRLF line ends. Strings are UTF-8. */
export function letterOctets(letter: Letter, now: Date): Buffer {
  if (letter.whole !== undefined) return octetsOf(letter.whole);
  const thread = letter.thread ?? [];
  const lines = [
    `Message-ID: ${messageId(letter.id)}`,
    `Date: ${mailDate(sentAt(letter, now))}`,
    `From: ${letter.written?.from ?? mailbox(letter.from)}`,
    `To: ${letter.to.map(mailbox).join(',\n ')}`,
    ...(letter.cc === undefined ? [] : [`Cc: ${letter.cc.map(mailbox).join(',\n ')}`]),
    `Subject: ${letter.written?.subject ?? encoded(letter.subject)}`,
    ...(thread.length === 0
      ? []
      : [`In-Reply-To: ${messageId(thread.at(-1)!)}`, `References: ${thread.map(messageId).join('\n ')}`]),
    ...(letter.headers ?? []),
    'MIME-Version: 1.0',
  ];
  const header = `${lines.join('\n')}\n`.replace(/\n/g, '\r\n');
  return Buffer.concat([Buffer.from(header, 'latin1'), octetsOf(letter.entity)]);
}

/** Octets with CRLF of a text with LF; a Buffer as it is. */
export function octetsOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text.replace(/\r?\n/g, '\r\n')) : text;
}

/** A text/plain entity. */
export function plain(text: string, charset = 'utf-8'): string {
  return `Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: 8bit\n\n${text.trim()}\n`;
}

/** A text/html entity. */
export function html(body: string): string {
  const page = `<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n${body.trim()}\n</body></html>`;
  return `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${page}\n`;
}

/** A multipart entity; `kind` is its subtype with further parameters. */
export function multipart(kind: string, boundary: string, parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\n${part}`).join('\n');
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\n\n${body}\n--${boundary}--\n`;
}

/** A base64 entity; `lines` are its header lines but for the encoding. */
export function encodedFile(lines: readonly string[], content: Buffer): string {
  return [...lines, 'Content-Transfer-Encoding: base64', '', base64Lines(content)].join('\n');
}

/** An attachment with a plain ASCII name. */
export function attachment(type: string, name: string, content: Buffer): string {
  return encodedFile(
    [`Content-Type: ${type}; name="${name}"`, `Content-Disposition: attachment; filename="${name}"`],
    content,
  );
}

/** Base64 in lines of 76 characters. */
export function base64Lines(content: Buffer, lineEnd = '\n'): string {
  const whole = content.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < whole.length; at += BASE64_LINE) lines.push(whole.slice(at, at + BASE64_LINE));
  return lines.join(lineEnd);
}

/** A text as RFC 2047 encoded words in UTF-8 where it needs them. */
export function encoded(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > ENCODED_WORD_OCTETS) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\n ');
}

/** `Name <address>` for a header. */
export function mailbox({ name, address }: Correspondent): string {
  return `${encoded(name)} <${address}>`;
}

/** Message-ID of a letter. */
export function messageId(id: string): string {
  return `<${id}@${DEMO_DOMAIN}>`;
}

/** RFC 5322 date in UTC. */
export function mailDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}
