import type { RequestNote, StoredTransfer, TimelineEntry } from '@handover/core/transfer';

/**
 * A timeline as text, one line per entry: time, step, decision, rule, requests and duration. Ids of the call and of persons
 * are masked.
 */
export function timelineLines({ record, timeline }: StoredTransfer): string[] {
  const { request } = record;
  const persons = [request?.target, request?.fallback].filter((target) => target?.type === 'user');
  const ids = [request?.callId, request?.userId, ...persons.map((target) => target?.id)];
  const mask = masker(ids.filter((id) => id !== undefined));
  return timeline.map((entry) => mask(lineOf(entry)));
}

function lineOf({
  at,
  step,
  by,
  attempt,
  decided,
  rule,
  detail,
  requests,
  ageMs,
  ms,
  times,
  since,
  traceId,
}: TimelineEntry): string {
  const words = [
    new Date(at).toISOString(),
    attempt === undefined ? undefined : `#${attempt}`,
    step,
    decided === undefined ? undefined : `→ ${decided}`,
    rule === undefined ? undefined : `(${rule})`,
    detail,
    requests === undefined || requests.length === 0
      ? undefined
      : `[${requests.map(requestWords).join(', ')}]`,
    ageMs === undefined ? undefined : `evidence ${ageMs} ms old`,
    ms === undefined ? undefined : `${ms} ms`,
    times === undefined || since === undefined
      ? undefined
      : `${times} times since ${new Date(since).toISOString()}`,
    traceId === undefined ? undefined : `trace ${traceId}`,
    `by ${by}`,
  ];
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}

function requestWords({ operation, status, ms, correlationId }: RequestNote): string {
  const isRefused = status !== null && status >= 300;
  const trace = isRefused && correlationId !== undefined ? `, Genesys calls it ${correlationId}` : '';
  return `${operation} ${status ?? 'no answer'} ${ms} ms${trace}`;
}

/** Masks the ids wherever they occur as whole words; the last two characters of long ones remain, to distinguish them. */
function masker(ids: string[]): (text: string) => string {
  const longestFirst = [...new Set(ids)].sort((a, b) => b.length - a.length);
  const patterns = longestFirst.map((id) => ({
    pattern: new RegExp(`(?<![\\p{L}\\p{N}_])${escapePattern(id)}(?![\\p{L}\\p{N}_])`, 'gu'),
    masked: maskId(id),
  }));
  return (text) =>
    patterns.reduce((line, { pattern, masked }) => line.replaceAll(pattern, () => masked), text);
}

/** The masked form of an id, as shown to operators. */
export function maskId(id: string): string {
  return id.length > 6 ? `…${id.slice(-2)}` : '…';
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
