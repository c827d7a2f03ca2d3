// Tells a sender that a message did not reach somebody, in words and in a form that programs read.
// Implements RFC 3464 section 2 (Format of a Delivery Status Notification) within RFC 6522 section 3 (The Multipart/Report Media Type).
import { randomUUID } from 'node:crypto';
import { fieldValues, outerHeader } from './raw-header.ts';

/** A recipient that was not reached. */
export interface FailedRecipient {
  readonly address: string;
  /** Enhanced status code, RFC 3463 section 2 (Status Code Structure), for example 5.1.1. */
  readonly status: string;
  /** What went wrong, for people. */
  readonly reason: string;
  /** The reply of the other server, as it stood. */
  readonly reply?: string;
}

export interface BounceContent {
  /** The sender of the message that failed. */
  readonly to: string;
  /** Name of this server. */
  readonly hostname: string;
  readonly failed: readonly FailedRecipient[];
  /** The message that failed; only its header is given back. */
  readonly original: Buffer;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When the message was accepted, milliseconds since 1970. */
  readonly arrived?: number;
}

/** Octets of the original header that are given back. */
const maximumReturned = 64 * 1024;
const maximumListed = 500;

/** One line of text without controls, cut to a length that fits an SMTP line. */
function oneLine(text: string, maximum = 400): string {
  return Array.from(text, (character) => (character < ' ' || character === '\u007f' ? ' ' : character))
    .slice(0, maximum)
    .join('')
    .trim();
}

function addressField(name: string, address: string): string {
  const clean = oneLine(address);
  return `${name}: ${/[^ -~]/.test(clean) ? 'utf-8' : 'rfc822'}; ${clean}\r\n`;
}

/** The date as in a Date field, RFC 5322 section 3.3 (Date and Time Specification), in UTC. */
export function mailDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

function words(content: BounceContent, subject: string): string {
  const lines = content.failed.slice(0, maximumListed).map((failed) => {
    const reply = failed.reply === undefined ? '' : `\r\n    The other server said: ${oneLine(failed.reply)}`;
    return `  ${oneLine(failed.address)}\r\n    ${oneLine(failed.reason)}${reply}`;
  });
  if (content.failed.length > maximumListed) lines.push(`  and ${content.failed.length - maximumListed} more`);
  return [
    `This is the mail system at ${oneLine(content.hostname)}.`,
    '',
    'Your message was not delivered to:',
    '',
    ...lines,
    '',
    ...(subject === '' ? [] : [`Its subject: ${oneLine(subject)}`, '']),
    'The header of your message is attached. You need not answer this message.',
    '',
  ].join('\r\n');
}

function report(content: BounceContent): string {
  const head =
    `Reporting-MTA: dns; ${oneLine(content.hostname)}\r\n` +
    (content.arrived === undefined ? '' : `Arrival-Date: ${mailDate(content.arrived)}\r\n`);
  const recipients = content.failed.slice(0, maximumListed).map((failed) => {
    const diagnostic =
      failed.reply === undefined
        ? `Diagnostic-Code: X-Easel; ${oneLine(failed.reason)}\r\n`
        : `Diagnostic-Code: smtp; ${oneLine(failed.reply)}\r\n`;
    return `\r\n${addressField('Final-Recipient', failed.address)}Action: failed\r\nStatus: ${failed.status}\r\n${diagnostic}`;
  });
  return head + recipients.join('');
}

/** Lines of the original header as they were, ended by CRLF, at most 64 KiB. */
function returnedHeader(original: Buffer, bodyStart: number): Buffer {
  const header = original.latin1Slice(0, Math.min(bodyStart, maximumReturned));
  return Buffer.from(`${header.replace(/\r?\n/g, '\r\n').trimEnd()}\r\n`, 'latin1');
}

/** Makes the bounce, with the null sender in mind: it must never be answered by another bounce. */
export function bounceMessage(content: BounceContent): Buffer {
  const boundary = `=_bounce_${randomUUID()}`;
  const host = oneLine(content.hostname).replace(/[^A-Za-z0-9.-]/g, '') || 'localhost';
  const header = outerHeader(content.original);
  const subject = oneLine(fieldValues(header, 'subject')[0] ?? '', 800);
  const messageId = fieldValues(header, 'message-id')[0];
  const threaded =
    messageId !== undefined && /^<[^<>\s]{1,250}>$/.test(messageId)
      ? `In-Reply-To: ${messageId}\r\nReferences: ${messageId}\r\n`
      : '';
  // The subject is copied as it was encoded, octet by octet; it is Latin-1 here and must not be made UTF-8.
  const head = Buffer.concat([
    Buffer.from(
      `From: Mail Delivery System <postmaster@${host}>\r\nTo: ${oneLine(content.to)}\r\nDate: ${mailDate(content.now)}\r\n` +
        `Message-ID: <${randomUUID()}@${host}>\r\n${threaded}`,
      'utf8',
    ),
    Buffer.from(`Subject: Undeliverable: ${subject}\r\n`, 'latin1'),
    Buffer.from(
      'Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n' +
        `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n\r\n`,
    ),
  ]);
  const decodedSubject = /[^ -~]|=\?/.test(subject) ? '' : subject;
  const parts = Buffer.from(
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n` +
      `${words(content, decodedSubject)}\r\n--${boundary}\r\nContent-Type: message/delivery-status\r\n` +
      `Content-Transfer-Encoding: 8bit\r\n\r\n${report(content)}\r\n--${boundary}\r\n` +
      'Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 8bit\r\n\r\n',
    'utf8',
  );
  return Buffer.concat([
    head,
    parts,
    returnedHeader(content.original, header.bodyStart),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}
