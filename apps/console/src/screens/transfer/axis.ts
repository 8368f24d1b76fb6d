/** A stretch of time in epoch ms. `isWait`: nothing was done in it. */
export type Span = { from: number; to: number; isWait: boolean };

export type Axis = {
  /** Where a time stands, in percent of the width. */
  place: (time: number) => number;
  from: number;
  to: number;
  /** Waits are drawn shorter than they were. */
  isShortened: boolean;
};

type Piece = { from: number; to: number; share: number };

/** What all waits together may take of a shortened axis. */
const WAITS_SHARE = 0.4;

/**
 * One axis for all spans. Where the waits are longer than the work, they are drawn shorter, each by the logarithm of its length, so
 * that milliseconds of work can be seen beside hours of waiting.
 * @param isToScale never shorten
 */
export function axisOf(spans: readonly Span[], isToScale: boolean): Axis {
  const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((one, other) => one - other);
  const from = edges[0] ?? 0;
  const to = edges.at(-1) ?? from;
  const work = united(spans.filter(({ isWait, ...span }) => !isWait && span.to > span.from));
  const pieces = edges.slice(1).map((end, index) => {
    const begin = edges[index] ?? end;
    const isWork = work.some((span) => span.from <= begin && span.to >= end);
    return { from: begin, to: end, isWork };
  });
  const lengthOf = (some: { from: number; to: number }[]) =>
    some.reduce((sum, piece) => sum + piece.to - piece.from, 0);
  const worked = lengthOf(pieces.filter(({ isWork }) => isWork));
  const isShortened = !isToScale && worked > 0 && to - from - worked > worked;
  if (!isShortened) return { place: (time) => within(linear(time, from, to)), from, to, isShortened };

  const weightOf = (piece: { from: number; to: number }) => Math.log1p(piece.to - piece.from);
  const weights = pieces.reduce((sum, piece) => sum + (piece.isWork ? 0 : weightOf(piece)), 0);
  const shared = pieces.map((piece) => ({
    ...piece,
    share: piece.isWork
      ? ((1 - WAITS_SHARE) * (piece.to - piece.from)) / worked
      : (WAITS_SHARE * weightOf(piece)) / weights,
  }));
  return { place: (time) => within(placeIn(shared, time)), from, to, isShortened };
}

/** So much of the width a label takes, in percent, where a screen is narrow. */
const LABEL = 40;

/** On which side of a bar its label has room, from where to where the bar goes in percent; `over`: on neither, so it covers its end. */
export function labelSide(from: number, to: number): 'after' | 'before' | 'over' {
  if (to <= 100 - LABEL) return 'after';
  return from >= LABEL ? 'before' : 'over';
}

function placeIn(pieces: readonly Piece[], time: number): number {
  let before = 0;
  for (const { from, to, share } of pieces) {
    if (time <= to) return 100 * (before + share * Math.max(0, (time - from) / (to - from)));
    before += share;
  }
  return 100;
}

function linear(time: number, from: number, to: number): number {
  return to === from ? 0 : (100 * (time - from)) / (to - from);
}

function within(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** Stretches without overlaps, in order. */
function united(spans: readonly { from: number; to: number }[]): { from: number; to: number }[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}
