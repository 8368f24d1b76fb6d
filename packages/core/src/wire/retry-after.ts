/**
 * The longest `Retry-After` of an answer, in ms: a gateway and the server may each add one. An HTTP date is relative to the
 * answer's own `Date`, since clocks differ, else to `now` (epoch ms). `undefined` if none is usable.
 */
export function longestWait(values: string[], date: string | undefined, now: number): number | undefined {
  if (values.length === 0) return undefined;
  const theirs = date === undefined ? undefined : parseHttpDate(date);
  const waits = values.map((value) => parseRetryAfter(value, theirs ?? now) ?? 0);
  return Math.max(...waits) || undefined;
}

/**
 * `Retry-After` in ms: seconds or an HTTP date (RFC 9110, 10.2.3); `undefined` if invalid or not positive. `now` is epoch
 * milliseconds. Not capped.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const text = value.trim();
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  const waitMs = seconds === undefined ? (parseHttpDate(text) ?? now) - now : seconds * 1000;
  return waitMs > 0 ? waitMs : undefined;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d\d):(?<second>\d\d)`;
const FORMS = [
  // IMF-fixdate, Sun, 06 Nov 1994 08:49:37 GMT, and RFC 850's Sunday, 06-Nov-94 08:49:37 GMT.
  new RegExp(
    String.raw`^(?:[a-z]+,\s*)?(?<day>\d{1,2})[ -](?<month>[a-z]{3})[ -](?<year>\d{4}|\d\d)\s+${TIME}\s*(?:GMT|UTC|Z|[+-]00:?00)$`,
    'i',
  ),
  // asctime, Sun Nov  6 08:49:37 1994, also in GMT.
  new RegExp(String.raw`^[a-z]{3,9}\s+(?<month>[a-z]{3})\s+(?<day>\d{1,2})\s+${TIME}\s+(?<year>\d{4})$`, 'i'),
];
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

/** Epoch ms of an HTTP date in any of the three forms of RFC 9110, 5.6.7, or in ISO 8601; `undefined` for anything else. */
export function parseHttpDate(value: string): number | undefined {
  const text = value.trim();
  if (ISO.test(text)) return valid(Date.parse(text));
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (parts === undefined) return undefined;
  const month = MONTHS.indexOf((parts.month ?? '').toLowerCase());
  if (month === -1) return undefined;
  const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number);
  const at = (year: number) => Date.UTC(year, month, day, hour, minute, second);
  const year = Number(parts.year);
  if (parts.year?.length === 4) return valid(at(year));
  // A two-digit year more than 50 years in the future is of the last century (RFC 9110, 5.6.7).
  return valid(at(2000 + year > new Date().getUTCFullYear() + 50 ? 1900 + year : 2000 + year));
}

function valid(at: number): number | undefined {
  return Number.isNaN(at) ? undefined : at;
}
