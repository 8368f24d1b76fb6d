/**
 * How long to wait, in ms, by all `Retry-After` of an answer: a gateway and what is behind it may each say one, and the
 * longest counts. `date` is the answer's own `Date`: a time told by another clock is measured by that clock, and by ours
 * (`now`, epoch ms) where there is none. `undefined` where nothing usable is said.
 */
export function longestWait(values: string[], date: string | undefined, now: number): number | undefined {
  if (values.length === 0) return undefined;
  const theirs = date === undefined ? undefined : parseHttpDate(date);
  const waits = values.map((value) => parseRetryAfter(value, theirs ?? now) ?? 0);
  return Math.max(...waits) || undefined;
}

/**
 * `Retry-After` in ms: seconds or an HTTP date (RFC 9110, 10.2.3); `undefined` where it says nothing usable, which a wait of
 * nothing is too. `now` is epoch milliseconds. Not capped here.
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
  // asctime, Sun Nov  6 08:49:37 1994, which is GMT too.
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
  // A year of two digits is of this century, unless that is more than 50 years away: then of the last.
  return valid(at(2000 + year > new Date().getUTCFullYear() + 50 ? 1900 + year : 2000 + year));
}

function valid(at: number): number | undefined {
  return Number.isNaN(at) ? undefined : at;
}
