import type { TimelineEntry } from '@handover/client';
import type { Span } from './axis.ts';

/** An entry of the timeline with the stretch of time that it is about. */
export type Line = Span & { entry: TimelineEntry; index: number };

/** What is shown in one row: a line, or several runs that went alike. */
export type Row =
  | { kind: 'line'; line: Line }
  | { kind: 'alike'; runs: number; lines: Line[]; from: number; to: number };

/** So many runs in a row that go alike are folded: the first and the last stay. */
const FOLD_FROM = 4;

/** Steps after which nothing happens until the next entry. */
const WAITS: ReadonlySet<TimelineEntry['step']> = new Set(['accepted', 'replayed', 'waiting', 'parked']);

/**
 * The entries as stretches of time: a wait lasts until the next entry, anything else ends when it was told.
 * @param now until when the last wait of an open transfer lasts; absent: it has ended
 */
export function linesOf(timeline: readonly TimelineEntry[], now?: number): Line[] {
  return timeline.map((entry, index) => {
    const at = Date.parse(entry.at);
    const next = timeline[index + 1];
    // An outcome that was replayed later waited for an operator.
    if (!WAITS.has(entry.step) && next?.step !== 'replayed')
      return { entry, index, from: at - (entry.ms ?? 0), to: at, isWait: false };
    const until = next === undefined ? (now ?? at) : Date.parse(next.at) - (next.ms ?? 0);
    const from = entry.since === undefined ? at : Date.parse(entry.since);
    return { entry, index, from, to: Math.max(from, until), isWait: true };
  });
}

/**
 * The rows to show: long series of runs that took the same steps are folded to one row between the first and the last of them.
 * @param isWhole fold nothing
 */
export function rowsOf(lines: readonly Line[], isWhole: boolean): Row[] {
  if (isWhole) return lines.map((line) => ({ kind: 'line', line }));
  return seriesOf(runsOf(lines)).flatMap((series) => {
    if (series.length < FOLD_FROM) return series.flat().map((line): Row => ({ kind: 'line', line }));
    const [first = []] = series;
    const last = series.at(-1) ?? [];
    const between = series.slice(1, -1);
    const folded = between.flat();
    const from = Math.min(...folded.map((line) => line.from));
    const to = Math.max(...folded.map((line) => line.to));
    const row: Row = { kind: 'alike', runs: between.length, lines: folded, from, to };
    return [...first.map(asRow), row, ...last.map(asRow)];
  });
}

function asRow(line: Line): Row {
  return { kind: 'line', line };
}

/** The lines of each run of a worker; what comes before the first run, for itself. */
function runsOf(lines: readonly Line[]): Line[][] {
  const runs: Line[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last === undefined || line.entry.step === 'started') runs.push([line]);
    else last.push(line);
  }
  return runs;
}

/** Runs in a row that took the same steps. */
function seriesOf(runs: Line[][]): Line[][][] {
  const series: Line[][][] = [];
  for (const run of runs) {
    const last = series.at(-1);
    if (last?.[0] !== undefined && stepsOf(last[0]) === stepsOf(run)) last.push(run);
    else series.push([run]);
  }
  return series;
}

function stepsOf(run: readonly Line[]): string {
  return run.map(({ entry }) => entry.step).join(' ');
}
