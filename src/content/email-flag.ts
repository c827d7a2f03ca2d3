// The follow-up flag of a mail (MS-ASEMAIL section 2.2.2.34, Flag).
import { Email, Tasks } from '../../wbxml/index.ts';
import { type Infer, optional, struct } from '../protocol/schema.ts';
import { dateTime, flag, integer, text } from '../protocol/values.ts';
import type { EmailFlag } from './email-properties.ts';

// A child that stands twice is no error; the last one counts, as with Exchange (MS-ASEMAIL R581, R634, R697, R706, R746, R761, R777, R858, R869).
const twice = { repeated: 'last' } as const;

export const emailFlag = struct({
  subject: optional(Tasks.Subject, text({ max: 1024 }), twice),
  status: optional(Email.Status, integer({ max: 2 }), twice),
  flagType: optional(Email.FlagType, text({ max: 256 }), twice),
  dateCompleted: optional(Tasks.DateCompleted, dateTime, twice),
  completeTime: optional(Email.CompleteTime, dateTime, twice),
  startDate: optional(Tasks.StartDate, dateTime, twice),
  dueDate: optional(Tasks.DueDate, dateTime, twice),
  utcStartDate: optional(Tasks.UtcStartDate, dateTime, twice),
  utcDueDate: optional(Tasks.UtcDueDate, dateTime, twice),
  reminderSet: optional(Tasks.ReminderSet, flag, twice),
  reminderTime: optional(Tasks.ReminderTime, dateTime, twice),
  ordinalDate: optional(Tasks.OrdinalDate, dateTime, twice),
  subOrdinalDate: optional(Tasks.SubOrdinalDate, text({ max: 256 }), twice),
});
type FlagElement = Infer<typeof emailFlag>;

/**
 * The element's value; an empty element says that there is no flag (MS-ASEMAIL R437). Without a subject of its own a flag has that of the message
 * (R1053), and no reminder unless one is set (R693).
 */
export function flagElement(stored: EmailFlag | undefined, subject: string): FlagElement {
  return stored === undefined ? {} : { subject: subject.slice(0, 1024), reminderSet: false, ...stored };
}

/** The dates of a flag must not contradict each other (MS-ASEMAIL R406-R409, R738-R741, R850-R853, R861-R864). */
function hasConsistentDates(sent: FlagElement): boolean {
  const dates = [sent.startDate, sent.dueDate, sent.utcStartDate, sent.utcDueDate];
  const given = dates.filter((date) => date !== undefined).length;
  if (given === 0) return true;
  if (given < dates.length) return false;
  return Number(sent.startDate) <= Number(sent.dueDate) && Number(sent.utcStartDate) <= Number(sent.utcDueDate);
}

/** Messages about a meeting are flagged without a FlagType (MS-ASEMAIL R470, R1058). */
const ofMeeting = /^IPM\.Schedule\.Meeting\b/i;

/** What is missing or wrong of a flag that is set or complete; undefined when all is well (MS-ASEMAIL R92, R359, R702, R940-R942). */
function faultOf(sent: FlagElement, messageClass: string): string | undefined {
  if (!hasConsistentDates(sent)) return 'the dates of the flag contradict each other';
  if (sent.reminderSet === true && sent.reminderTime === undefined) return 'a reminder without a time';
  const isComplete = sent.completeTime !== undefined && sent.dateCompleted !== undefined;
  if (sent.status === 1 && !isComplete) return 'a flag completed at no time';
  if (sent.dateCompleted !== undefined && sent.completeTime === undefined) return 'DateCompleted without CompleteTime';
  if (sent.status === 2 && sent.flagType === undefined && !ofMeeting.test(messageClass)) return 'a flag of no type';
  return undefined;
}

export type FlagChange =
  /** Without a flag when the device takes it away. */
  { readonly kind: 'flag'; readonly flag?: EmailFlag } | { readonly kind: 'invalid'; readonly reason: string };

/** What to store of a flag that a device sent. Without a Status it says only what is new of the flag that is there (MS-ASEMAIL R90). */
export function storedFlag(sent: FlagElement, before: EmailFlag | undefined, messageClass: string): FlagChange {
  const isEmpty = Object.values(sent).every((value) => value === undefined);
  if (isEmpty || sent.status === 0) return { kind: 'flag' };
  const meant: FlagElement = sent.status === undefined ? { ...before, ...sent } : sent;
  const { status } = meant;
  if (status === undefined) return { kind: 'invalid', reason: 'a flag without a Status' };
  const reason = faultOf(meant, messageClass);
  if (reason !== undefined) return { kind: 'invalid', reason };
  const members = Object.entries({ ...meant, status }).filter(([, value]) => value !== undefined);
  return { kind: 'flag', flag: Object.fromEntries(members) as EmailFlag };
}
