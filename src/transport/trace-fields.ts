// The trace fields that this server puts in front of what arrives.
// Implements RFC 5321 section 4.4 (Trace Information).
import { mailDate } from './bounce.ts';

export interface ArrivalTrace {
  /** Envelope sender; empty for the null sender. */
  readonly sender: string;
  /** Name from HELO, EHLO or LHLO. */
  readonly helo: string;
  readonly remoteAddress: string;
  readonly hostname: string;
  /** As in `with`, RFC 3848: ESMTP, ESMTPS, LMTP. */
  readonly protocol: string;
  readonly id: string;
  /** Named only when there is one, so that Bcc recipients stay unseen. */
  readonly recipients: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

function atom(text: string): string {
  return text.replace(/[^A-Za-z0-9.:_[\]-]/g, '').slice(0, 255) || 'unknown';
}

function path(address: string): string {
  return `<${Array.from(address, (character) => (character <= ' ' || character === '<' || character === '>' ? '' : character)).join('')}>`;
}

/** Return-Path and Received, each ended by CRLF, in the order in which they stand. */
export function traceFields(trace: ArrivalTrace): string[] {
  const [only] = trace.recipients.length === 1 ? trace.recipients : [];
  const recipient = only === undefined ? '' : `\r\n for ${path(only)}`;
  return [
    `Return-Path: ${path(trace.sender)}\r\n`,
    `Received: from ${atom(trace.helo)} ([${atom(trace.remoteAddress)}])\r\n by ${atom(trace.hostname)} with ` +
      `${atom(trace.protocol)} id ${atom(trace.id)}${recipient};\r\n ${mailDate(trace.now)}\r\n`,
  ];
}
