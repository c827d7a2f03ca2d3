// Replies to senders of mail. RFC 5321 section 4.2.3 (Reply Codes in Numeric Order); RFC 3463 section 3 (Enumerated Status Codes).
import type { RecipientResult } from './delivery.ts';

/** A reply as the SMTP library takes it: its code, and text that begins with the enhanced status code. */
export class SmtpReply extends Error {
  override name = 'SmtpReply';
  readonly responseCode: number;

  constructor(responseCode: number, text: string) {
    super(text);
    this.responseCode = responseCode;
  }
}

/** Whether a result is answered with 250. */
export function isAccepted(result: RecipientResult): boolean {
  return result === 'delivered' || result === 'duplicate';
}

/** The reply for one recipient. */
export function recipientReply(result: RecipientResult, address: string): SmtpReply {
  const shown = Array.from(address, (character) => (character < ' ' ? '?' : character))
    .slice(0, 320)
    .join('');
  switch (result) {
    case 'delivered':
      return new SmtpReply(250, `2.1.5 <${shown}> delivered`);
    case 'duplicate':
      return new SmtpReply(250, `2.1.5 <${shown}> has it already`);
    case 'unknown':
      return new SmtpReply(550, `5.1.1 <${shown}> is nobody here`);
    case 'outside':
      return new SmtpReply(550, '5.7.1 no relaying');
    case 'group-too-large':
      return new SmtpReply(554, `5.2.4 <${shown}> is too large or nested too deep a group`);
    case 'loop':
      return new SmtpReply(554, '5.4.6 mail loop');
  }
}
