// Value types of elements (MS-ASDTYPE section 2, Data Types).
import type { Leaf } from './schema.ts';

function leaf<T>(read: Leaf<T>['read'], write: Leaf<T>['write']): Leaf<T> {
  return { kind: 'leaf', read, write };
}

/** The text of an element: an empty element is the empty string; undefined when it holds elements or bytes that are no text. */
function textOf(content: Parameters<Leaf<unknown>['read']>[0]): string | undefined {
  if (content === undefined) return '';
  return typeof content === 'string' ? content : undefined;
}

/** A string (MS-ASDTYPE section 2.7, string Data Type); `max` in characters, refused beyond. */
export function text(limits: { readonly min?: number; readonly max?: number } = {}): Leaf<string> {
  const { min = 0, max = 1024 * 1024 } = limits;
  return leaf(
    (content) => {
      const value = textOf(content);
      return value !== undefined && value.length >= min && value.length <= max ? value : undefined;
    },
    (value) => (value === '' ? undefined : value),
  );
}

/** A whole number in a range (MS-ASDTYPE section 2.6, integer Data Type). */
export function integer(
  limits: { readonly min?: number; readonly max?: number; readonly whenEmpty?: number } = {},
): Leaf<number> {
  const { min = 0, max = 2 ** 31 - 1, whenEmpty } = limits;
  return leaf(
    (content) => {
      const value = textOf(content)?.trim();
      if (value === '') return whenEmpty;
      if (value === undefined || !/^[+-]?[0-9]{1,10}$/.test(value)) return undefined;
      const number = Number(value);
      return number >= min && number <= max ? number : undefined;
    },
    (value) => String(value),
  );
}

/** 0 or 1 (MS-ASDTYPE section 2.1, boolean Data Type). An empty element means true, as in `<GetChanges/>`. */
export const flag: Leaf<boolean> = leaf(
  (content) => {
    const value = textOf(content);
    if (value === '' || value === '1' || value === 'true') return true;
    return value === '0' || value === 'false' ? false : undefined;
  },
  (value) => (value ? '1' : '0'),
);

/** An element that says something by being there. */
export const present: Leaf<true> = leaf(
  (content) => (content === undefined || content === '' || content === '1' ? true : undefined),
  () => undefined,
);

/** The time of an ISO date; undefined for a day that no month has, which Date takes for one of the next month. */
function timeOf(date: string): number | undefined {
  const time = Date.parse(date);
  const midnight = new Date(`${date.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(time) || midnight.getUTCDate() !== Number(date.slice(8, 10)) ? undefined : time;
}

/** Milliseconds since 1970, as `2026-11-23T21:52:00.000Z` (MS-ASDTYPE section 2.3, dateTime Data Type). Read with or without milliseconds. */
export const dateTime: Leaf<number> = leaf(
  (content) => {
    const value = textOf(content);
    if (value === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value)) return undefined;
    return timeOf(value);
  },
  (value) => new Date(value).toISOString(),
);

/** Milliseconds since 1970, as `20261123T215200Z` (MS-ASDTYPE section 2.7.2, Compact DateTime). */
export const compactDateTime: Leaf<number> = leaf(
  (content) => {
    const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(textOf(content) ?? '');
    if (match === null) return undefined;
    const [, year, month, day, hour, minute, second] = match;
    return timeOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  },
  (value) => `${new Date(value).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`,
);

/** Octets as base64 text (MS-ASDTYPE section 2.7.1, Byte Array). */
export const base64: Leaf<Buffer> = leaf<Buffer>(
  (content) => {
    const value = textOf(content)?.replaceAll(/\s/g, '');
    const isBase64 = value !== undefined && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
    return isBase64 ? Buffer.from(value, 'base64') : undefined;
  },
  (value) => value.toString('base64'),
);

/** Octets as they are, in an opaque value; text is taken as its UTF-8 octets (hstern and old clients send MIME so). */
export const octets: Leaf<Buffer> = leaf<Buffer>(
  (content) => {
    if (Buffer.isBuffer(content)) return content;
    return content === undefined || typeof content === 'string' ? Buffer.from(content ?? '', 'utf8') : undefined;
  },
  (value) => value,
);
