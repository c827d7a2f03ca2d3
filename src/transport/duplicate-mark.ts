// What makes two arrivals the same message: the same Message-ID with the same body, or the same octets throughout.
// The identity of a message is RFC 5322 section 3.6.4 (Identification Fields); the body counts too because devices exist that use one
// Message-ID for everything, and their mail must not be lost.
import { createHash } from 'node:crypto';

/**
 * The mark under which a mailbox takes the message once. Fields that servers prepend on the way do not count, so that the same message
 * over two ways (directly and through a group elsewhere) arrives once.
 */
export function duplicateMark(octets: Buffer, bodyStart: number, messageId: string): string {
  const hash = createHash('sha256');
  if (messageId === '') return `octets:${hash.update(octets).digest('base64url')}`;
  return `message:${hash.update(messageId).update('\0').update(octets.subarray(bodyStart)).digest('base64url')}`;
}
