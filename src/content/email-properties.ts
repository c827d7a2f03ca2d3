// What may change of a stored mail: the properties of an item of class Email. Kept as JSON by the store.
import { createHash } from 'node:crypto';
import type { DerivedMessage } from '../mime/message.ts';
import type { Counter } from '../protocol/ids.ts';
import type { Item, JsonObject } from '../store/mailbox-store.ts';

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
  readonly partsChanged?: PartsChanged;
};

/** The parts of a mail that a device is told of apart from the rest (MS-ASEMAIL section 3.2.5.4.1, Sending E-Mail Changes to the Client). */
export type MailPart = 'read' | 'flag' | 'categories';
const mailParts: readonly MailPart[] = ['read', 'flag', 'categories'];

/** The change counter at which each part last changed, `others` for all other properties; 0 means the `changed` of the item itself. */
type PartsChanged = { readonly [P in MailPart | 'others']?: Counter };

function partsOf({ read, flag, categories, partsChanged: _, ...others }: EmailProperties) {
  return { read, flag, categories: categories ?? [], others };
}

/**
 * The properties to store instead of those of an item, with a note of which parts change. Every writer of a mail's properties must use it, or
 * devices are not told of what it wrote. Undefined when nothing changes.
 */
export function changedProperties(
  item: Pick<Item, 'properties' | 'changed'>,
  properties: EmailProperties,
): EmailProperties | undefined {
  const stored = item.properties as EmailProperties;
  const before = partsOf(stored);
  const after = partsOf(properties);
  const changed = ([...mailParts, 'others'] as const).filter(
    (part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]),
  );
  if (changed.length === 0) return undefined;
  // What changed together with the item so far gets the counter of that change, for the item is about to have a new one.
  const earlier = Object.entries(stored.partsChanged ?? {}).map(([part, at]) => [part, at === 0 ? item.changed : at]);
  const now = changed.map((part) => [part, 0]);
  return { ...properties, partsChanged: Object.fromEntries([...earlier, ...now]) as PartsChanged };
}

/** Which parts changed after a counter; undefined when it was more than these. */
export function partsChangedAfter(
  item: Pick<Item, 'properties' | 'changed'>,
  counter: Counter,
): ReadonlySet<MailPart> | undefined {
  const { partsChanged = {} } = item.properties as EmailProperties;
  const isLater = (at: Counter | undefined) => at !== undefined && (at === 0 ? item.changed : at) > counter;
  const parts = mailParts.filter((part) => isLater(partsChanged[part]));
  return parts.length === 0 || isLater(partsChanged.others) ? undefined : new Set(parts);
}

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
