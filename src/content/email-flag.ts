// The follow-up flag of a mail (MS-ASEMAIL section 2.2.2.34, Flag).
import { Email, Tasks } from '../../wbxml/index.ts';
import { type Infer, optional, struct } from '../protocol/schema.ts';
import { dateTime, flag, integer, text } from '../protocol/values.ts';
import type { EmailFlag } from './email-properties.ts';

export const emailFlag = struct({
  subject: optional(Tasks.Subject, text({ max: 1024 })),
  status: optional(Email.Status, integer({ max: 2 })),
  flagType: optional(Email.FlagType, text({ max: 256 })),
  dateCompleted: optional(Tasks.DateCompleted, dateTime),
  completeTime: optional(Email.CompleteTime, dateTime),
  startDate: optional(Tasks.StartDate, dateTime),
  dueDate: optional(Tasks.DueDate, dateTime),
  utcStartDate: optional(Tasks.UtcStartDate, dateTime),
  utcDueDate: optional(Tasks.UtcDueDate, dateTime),
  reminderSet: optional(Tasks.ReminderSet, flag),
  reminderTime: optional(Tasks.ReminderTime, dateTime),
  ordinalDate: optional(Tasks.OrdinalDate, dateTime),
  subOrdinalDate: optional(Tasks.SubOrdinalDate, text({ max: 256 })),
});
type FlagElement = Infer<typeof emailFlag>;

/** The element's value; an empty element says that there is no flag (MS-ASEMAIL R437). */
export function flagElement(stored: EmailFlag | undefined): FlagElement {
  return stored ?? {};
}

/** The dates of a flag that a device sent must not contradict each other (MS-ASEMAIL R406-R409, R738-R741, R861-R864). */
function hasConsistentDates(sent: FlagElement): boolean {
  const dates = [sent.startDate, sent.dueDate, sent.utcStartDate, sent.utcDueDate];
  const given = dates.filter((date) => date !== undefined).length;
  if (given === 0) return true;
  if (given < dates.length) return false;
  return Number(sent.startDate) <= Number(sent.dueDate) && Number(sent.utcStartDate) <= Number(sent.utcDueDate);
}

/** What to store of a flag that a device sent: undefined when it takes the flag away, `invalid` when its parts contradict each other. */
export function storedFlag(sent: FlagElement): EmailFlag | undefined | 'invalid' {
  if (!hasConsistentDates(sent)) return 'invalid';
  const { status } = sent;
  if (status === undefined || status === 0) return undefined;
  const members = Object.entries({ ...sent, status }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as EmailFlag;
}
