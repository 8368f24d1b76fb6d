import type { Action } from '@handover/client';

export type Progress = { skipped: number; over: number; left: number; percent: number };

/** How far an action is: `over` are done, left out or failed; `percent` of all. */
export function progressOf({
  total,
  done,
  failed,
  skipped: by,
}: Pick<Action, 'total' | 'done' | 'failed' | 'skipped'>): Progress {
  const skipped = Object.values(by).reduce((sum, count) => sum + count, 0);
  const over = done + failed + skipped;
  // The last percent is for the last one.
  const percent = total === 0 ? 100 : Math.floor((100 * over) / total);
  return { skipped, over, left: Math.max(0, total - over), percent: Math.min(100, percent) };
}

/** Why an action does not go on at the moment, as a sentence; undefined: it goes on, or is over. */
export function waitOf({ status, waitsFor, ...counts }: Waits): string | undefined {
  if (status !== 'running') return undefined;
  if (waitsFor !== undefined) return `It waits: ${waitsFor}.`;
  return progressOf(counts).over === 0 ? 'It waits for a worker to take it up.' : undefined;
}

type Waits = Pick<Action, 'status' | 'waitsFor' | 'total' | 'done' | 'failed' | 'skipped'>;

/** How an action is called while it goes on, and after it. */
export function headingOf({
  action,
  happened,
  status,
  total,
  done,
  filter,
}: Pick<Action, 'action' | 'happened' | 'status' | 'total' | 'done' | 'filter'>): string {
  const what = (count: number) =>
    `${count.toLocaleString()} dead letter${count === 1 ? '' : 's'}${filter.billing ? ' of billing' : ''}`;
  const as = action === 'resolve' ? ` as ${happened ? 'moved' : 'not moved'}` : '';
  if (status === 'running') return `${action === 'replay' ? 'Replaying' : 'Resolving'} ${what(total)}${as}`;
  const did = `${action === 'replay' ? 'replayed' : 'resolved'} ${done.toLocaleString()} of ${what(total)}${as}`;
  return status === 'stopped' ? `Stopped: ${did}` : `Done: ${did}`;
}
