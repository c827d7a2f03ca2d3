// Sending a message that a user wrote: local recipients directly, others through the queue, a copy for Sent Items.
import type { PartnershipId } from '../protocol/ids.ts';
import type { User } from '../store/directory-store.ts';

export interface MailToSend {
  readonly user: User;
  /** The message as the client made it; only its outer header may be completed. */
  readonly octets: Buffer;
  readonly saveInSentItems: boolean;
  /** The sending device, which is told of the Sent Items copy like any other change; 0 when none. */
  readonly by: PartnershipId | 0;
  /** ClientId of the request: a second message under it is not sent. */
  readonly clientId?: string;
}

export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'already-sent' }
  /** The octets are no message. */
  | { readonly kind: 'invalid-mime' }
  | { readonly kind: 'no-recipient' }
  /** From names somebody else. */
  | { readonly kind: 'not-allowed' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'too-many-recipients' };

export interface MailSubmission {
  /** Delivers and queues in one unit of work. Recipients of our domains that do not exist get a bounce to the sender. */
  send(mail: MailToSend): Promise<SendOutcome>;
}
