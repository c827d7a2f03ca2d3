// FilterType: which items are within the window of time (MS-ASCMD section 2.2.3.68.2, FilterType (Sync)).
import { ContentClass } from '../store/mailbox-store.ts';

/** Earlier than any date: nothing is left out. */
export const noCutoff = -8.64e15;

const day = 24 * 60 * 60 * 1000;

/** The FilterType values that each class knows; 0 is always right, and classes that are not named pass over the element. */
const knownFilters: Partial<Record<ContentClass, readonly number[]>> = {
  [ContentClass.Email]: [0, 1, 2, 3, 4, 5],
  [ContentClass.Sms]: [0, 1, 2, 3, 4, 5],
  [ContentClass.Calendar]: [0, 4, 5, 6, 7],
  [ContentClass.Tasks]: [0, 8],
};

/** Whether a class knows a FilterType; others are answered with Status 4 (MS-ASCMD R3041-R3061, R3080). */
export function isKnownFilter(contentClass: ContentClass, filterType: number): boolean {
  return knownFilters[contentClass]?.includes(filterType) ?? true;
}

function monthsBefore(time: number, months: number): number {
  const date = new Date(time);
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(dayOfMonth, lastDay));
  return date.getTime();
}

/** Items dated before this (milliseconds since 1970) are left out. Whole minutes, so that a position is not rewritten at every request. */
export function cutoffOf(contentClass: ContentClass, filterType: number, now: number): number {
  if (knownFilters[contentClass] === undefined) return noCutoff;
  const minute = Math.floor(now / 60_000) * 60_000;
  switch (filterType) {
    case 1:
      return minute - day;
    case 2:
      return minute - 3 * day;
    case 3:
      return minute - 7 * day;
    case 4:
      return minute - 14 * day;
    case 5:
      return monthsBefore(minute, 1);
    case 6:
      return monthsBefore(minute, 3);
    case 7:
      return monthsBefore(minute, 6);
    default:
      return noCutoff;
  }
}
