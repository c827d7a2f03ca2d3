// What may change of a stored mail: the properties of an item of class Email. Kept as JSON by the store.
import { createHash } from 'node:crypto';
import type { DerivedMessage } from '../mime/message.ts';
import type { JsonObject } from '../store/mailbox-store.ts';

/** A follow-up flag (MS-ASEMAIL section 2.2.2.34, Flag). Times are milliseconds since 1970. */
export type EmailFlag = {
  /** 0 cleared, 1 complete, 2 active. */
  readonly status: number;
  readonly flagType?: string;
  readonly subject?: string;
  readonly completeTime?: number;
  readonly dateCompleted?: number;
  readonly startDate?: number;
  readonly dueDate?: number;
  readonly utcStartDate?: number;
  readonly utcDueDate?: number;
  readonly reminderSet?: boolean;
  readonly reminderTime?: number;
  readonly ordinalDate?: number;
  readonly subOrdinalDate?: string;
};

export type EmailProperties = JsonObject & {
  readonly read: boolean;
  readonly flag?: EmailFlag;
  readonly categories?: readonly string[];
  /** 0 none, 1 reply to sender, 2 reply to all, 3 forward. */
  readonly lastVerb?: number;
  readonly lastVerbTime?: number;
  /** 16 octets in base64: the same for all messages of a conversation. */
  readonly conversationId: string;
  readonly receivedAsBcc?: boolean;
  readonly isDraft?: boolean;
};

/**
 * The conversation of a message: named by the message that began it, which every reply refers to first; by the topic when a reply refers to
 * nothing.
 */
export function conversationIdOf(
  message: Pick<DerivedMessage, 'references' | 'inReplyTo' | 'messageId' | 'threadTopic' | 'subject'>,
): string {
  const isReply = message.subject !== message.threadTopic;
  const root = message.references[0] || message.inReplyTo || (isReply ? '' : message.messageId) || message.threadTopic;
  return createHash('md5').update(root).digest('base64');
}

/** The properties of a mail that just arrived or was sent. */
export function newEmailProperties(
  message: DerivedMessage,
  state: { readonly read: boolean; readonly flagged?: boolean; readonly isDraft?: boolean },
): EmailProperties {
  return {
    read: state.read,
    conversationId: conversationIdOf(message),
    ...(state.flagged === true ? { flag: { status: 2, flagType: 'Flag for follow up' } } : {}),
    ...(state.isDraft === true ? { isDraft: true } : {}),
  };
}
