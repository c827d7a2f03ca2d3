// Headers of a request (MS-ASHTTP section 2.2.1.1.2, Request Headers).
import type { IncomingHttpHeaders } from 'node:http';
import { type ProtocolVersion, parseVersion } from '../protocol/version.ts';

/** What a body is said to be. `other` is no type that any command takes. */
export type BodyType = 'wbxml' | 'mime' | 'other' | 'none';

export const wbxmlType = 'application/vnd.ms-sync.wbxml';
/** The short form, which Windows Phone sends and wants back (R438). */
export const shortWbxmlType = 'application/vnd.ms-sync';

/** The media type without parameters, lower case; empty without the header. */
export function mediaTypeOf(headers: IncomingHttpHeaders): string {
  const value = headers['content-type'];
  if (value === undefined) return '';
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}

export function isShortType(mediaType: string): boolean {
  return mediaType === shortWbxmlType;
}

export function bodyTypeOf(mediaType: string): BodyType {
  if (mediaType === wbxmlType || mediaType === shortWbxmlType) return 'wbxml';
  if (mediaType === 'message/rfc822') return 'mime';
  return mediaType === '' ? 'none' : 'other';
}

export type VersionHeader =
  | { readonly kind: 'version'; readonly version: ProtocolVersion }
  /** Missing, or none of ours. `ancient` is 1.0, which HTTP 505 answers (MS-ASCMD R7560). */
  | { readonly kind: 'missing' | 'unsupported' | 'ancient' };

/** The protocol version: of a base64 query, else of MS-ASProtocolVersion. */
export function versionOf(inQuery: string | undefined, headers: IncomingHttpHeaders): VersionHeader {
  const text = inQuery ?? single(headers['ms-asprotocolversion'])?.trim();
  if (text === undefined || text === '') return { kind: 'missing' };
  const version = parseVersion(text);
  if (version !== undefined) return { kind: 'version', version };
  return { kind: text === '1.0' ? 'ancient' : 'unsupported' };
}

/** The policy key: of a base64 query, else of X-MS-PolicyKey; undefined when it is left out or is no 32-bit number. */
export function policyKeyOf(inQuery: number | undefined, headers: IncomingHttpHeaders): number | undefined {
  if (inQuery !== undefined) return inQuery;
  const text = single(headers['x-ms-policykey'])?.trim();
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const key = Number(text);
  return key <= 0xffffffff ? key : undefined;
}

/** MS-ASAcceptMultiPart: T (MS-ASHTTP section 2.2.1.1.2.5, MS-ASAcceptMultiPart). */
export function acceptsMultiPart(headers: IncomingHttpHeaders): boolean {
  return single(headers['ms-asacceptmultipart'])?.trim().toUpperCase() === 'T';
}

/** Whether Accept-Encoding takes gzip (RFC 9110 section 12.5.3, Accept-Encoding). */
export function acceptsGzip(headers: IncomingHttpHeaders): boolean {
  const value = single(headers['accept-encoding']);
  if (value === undefined) return false;
  let star = false;
  for (const item of value.toLowerCase().split(',')) {
    const [name, ...parameters] = item.split(';').map((part) => part.trim());
    const refused = parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
    if (name === 'gzip' || name === 'x-gzip') return !refused;
    if (name === '*') star = !refused;
  }
  return star;
}

/** The User-Agent, cut to what a store keeps; empty for Windows Phone, which sends none. */
export function userAgentOf(headers: IncomingHttpHeaders): string {
  return (headers['user-agent'] ?? '').slice(0, 256);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
