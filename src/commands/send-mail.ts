// SendMail: a message that the user wrote on the device (MS-ASCMD section 2.2.1.17, SendMail).
import { Element, ComposeMail as Page, RightsManagement } from '../../wbxml/index.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { documentOf, one, optional, struct } from '../protocol/schema.ts';
import { integer, octets, present, text } from '../protocol/values.ts';
import type { SendOutcome } from '../transport/submission.ts';
import { type Command, type CommandContext, CommandError, type CommandReply, documentCommand } from './command.ts';

const request = documentOf(
  Page.SendMail,
  struct({
    clientId: one(Page.ClientId, text({ min: 1, max: 40 })),
    accountId: optional(Page.AccountId, text({ max: 256 }), { since: 14.1 }),
    saveInSentItems: optional(Page.SaveInSentItems, present),
    mime: one(Page.Mime, octets),
    templateId: optional(RightsManagement.TemplateID, text({ max: 256 }), { since: 14.1 }),
  }),
);

const response = documentOf(Page.SendMail, struct({ status: optional(Page.Status, integer()) }));

/** Success is an answer without a body (MS-ASCMD R463, R4379); the statuses are common ones. */
const statusOf: Readonly<Record<Exclude<SendOutcome['kind'], 'sent'>, number>> = {
  'already-sent': CommonStatus.MessagePreviouslySent,
  'invalid-mime': CommonStatus.InvalidMIME,
  'no-recipient': CommonStatus.MessageHasNoRecipient,
  'not-allowed': CommonStatus.MailSubmissionFailed,
  'too-large': CommonStatus.AttachmentIsTooLarge,
  'too-many-recipients': CommonStatus.MailSubmissionFailed,
};

interface Message {
  readonly octets: Buffer;
  readonly saveInSentItems: boolean;
  readonly clientId?: string;
}

async function send(context: CommandContext, message: Message): Promise<{ readonly kind: 'empty' }> {
  const { submission } = context.services;
  const outcome = await submission.send({ user: context.user, by: context.device.id, ...message });
  if (outcome.kind !== 'sent') throw new CommandError(statusOf[outcome.kind], outcome.kind);
  return { kind: 'empty' };
}

const composed = documentCommand({
  name: 'SendMail',
  request,
  response,
  invalid: () => CommonStatus.InvalidXML,
  statusDocument: (status) => new Element(Page.SendMail, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    if (value === undefined) throw new CommandError(CommonStatus.InvalidContent, 'no request');
    // The primary account has no id, and there are no others (MS-ASCMD R729, R724).
    if (value.accountId !== undefined) throw new CommandError(CommonStatus.InvalidAccountId, 'no such account');
    if (value.templateId !== undefined)
      throw new CommandError(CommonStatus.IRM_FeatureDisabled, 'no rights management');
    const { clientId, mime, saveInSentItems = false } = value;
    return send(context, { octets: mime, saveInSentItems, clientId });
  },
});

/** Up to 12.1 the body is the message itself (MS-ASCMD R7540), later a document. */
export const sendMail: Command = {
  ...composed,
  bodies: (version) => (version < 14 ? ['mime'] : ['document']),
  async execute(context, body): Promise<CommandReply> {
    if (body.kind !== 'mime') return composed.execute(context, body);
    return send(context, { octets: body.octets, saveInSentItems: context.query.saveInSent });
  },
};
