// The query of a request, in either of its two forms (MS-ASHTTP section 2.2.1.1.1, Request Line).
import type { CommandQuery } from '../commands/command.ts';
import { parseBase64Query } from './base64-query.ts';
import { parsePlainQuery } from './plain-query.ts';

/** What the request line says. Empty strings where it says nothing. */
export interface RequestQuery {
  readonly kind: 'query';
  /** As sent: case and existence are not checked here. */
  readonly command: string;
  /** Only for logs (R485): whose mailbox it is, the credentials say. */
  readonly user: string;
  readonly deviceId: string;
  readonly deviceType: string;
  /** As in MS-ASProtocolVersion; undefined in a plain query, where the header says it. */
  readonly version: string | undefined;
  /** undefined in a plain query, where the header says it, and where it is left out. */
  readonly policyKey: number | undefined;
  readonly parameters: CommandQuery;
}

export interface MalformedQuery {
  readonly kind: 'malformed';
  readonly reason: string;
}

const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the text after the question mark. */
export function parseQuery(text: string): RequestQuery | MalformedQuery {
  if (base64.test(text)) return parseBase64Query(text);
  // Some libraries escape the signs of base64, as RFC 3986 lets them.
  const unescaped = /^(?:[A-Za-z0-9+/_=-]|%2[BbFf]|%3[Dd])+$/.test(text) ? decodeURIComponent(text) : text;
  return base64.test(unescaped) ? parseBase64Query(unescaped) : parsePlainQuery(text);
}
