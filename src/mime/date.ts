// The Date header to a time (RFC 5322 section 3.3, Date and Time Specification; section 4.3, obsolete forms).

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONE_HOURS: ReadonlyMap<string, number> = new Map([
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);
const RFC_5322 =
  /^\s*(?:[a-z]+\.?,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s-]+(\d{2,4})\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([+-]\d{4}|[a-z]{1,5})?/i;
const ISO_8601 = /^\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?/i;
const MINUTE_MS = 60_000;
const LONGEST_DATE = 200;

/** Milliseconds since 1970 UTC of a Date value, undefined when it cannot be read. A missing or unknown zone is UTC. */
export function readDate(raw: string | undefined): number | undefined {
  if (raw === undefined || raw.length > LONGEST_DATE) return undefined;
  const text = raw.includes('(') ? raw.replace(/\([^()]*\)/g, ' ') : raw;
  const match = RFC_5322.exec(text);
  if (match === null) return readIsoDate(text);
  const month = MONTHS.indexOf(match[2]!.toLowerCase());
  const [day, hour, minute, second] = [match[1], match[4], match[5], match[6] ?? 0].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (month < 0 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const time = Date.UTC(fullYear(match[3]!), month, day, hour, minute, second);
  return Number.isNaN(time) ? undefined : time - zoneMinutes(match[7] ?? '') * MINUTE_MS;
}

// RFC 5322 section 4.3: two digits below 50 are 20xx, above 19xx; three digits count from 1900.
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (digits.length === 2 && year < 50 ? 2000 : 1900);
}

function zoneMinutes(zone: string): number {
  if (zone.startsWith('+') || zone.startsWith('-')) {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
    return zone.startsWith('-') ? -minutes : minutes;
  }
  return (ZONE_HOURS.get(zone.toLowerCase()) ?? 0) * 60;
}

function readIsoDate(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const zone = match[3] ?? 'Z';
  const written = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = Date.parse(`${match[1]}T${match[2]}${written}`);
  return Number.isNaN(time) ? undefined : time;
}
