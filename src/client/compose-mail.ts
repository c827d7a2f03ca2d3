// SendMail as a device writes it from 14.0 on (MS-ASCMD section 2.2.1.17, SendMail).
import { ComposeMail, type Element } from '../../wbxml/index.ts';
import { leaf, maybe, node } from './tree.ts';

export interface MailToSend {
  /** A second SendMail with the same ClientId is not sent. Needed from 14.0 on; without a meaning before. */
  readonly clientId?: string;
  readonly accountId?: string;
  readonly saveInSentItems?: boolean;
  /** The message, RFC 5322 octets. */
  readonly mime: Buffer;
}

export function sendMailRequest(mail: MailToSend): Element {
  return node(
    ComposeMail.SendMail,
    maybe(ComposeMail.ClientId, mail.clientId),
    maybe(ComposeMail.AccountId, mail.accountId),
    mail.saveInSentItems ? node(ComposeMail.SaveInSentItems) : undefined,
    leaf(ComposeMail.Mime, mail.mime),
  );
}
