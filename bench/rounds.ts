/** One side of a comparison: does the same work once more, and gives the figure that is compared. */
export type Side = () => Promise<number>;

export type Comparison = {
  ours: number;
  beside: number;
  /** Ours by the other side's, the median over the rounds of one run. */
  ratio: number;
  rounds: { ours: number; beside: number }[];
};

/**
 * Runs both sides in turn, each first in every other round, since machines here get slower and faster as they like. A
 * first round warms up and does not count.
 */
export async function compare(ours: Side, beside: Side, rounds: number): Promise<Comparison> {
  const measured: Comparison['rounds'] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const both = { ours: 0, beside: 0 };
    if (round % 2 === 0) both.ours = await ours();
    both.beside = await beside();
    if (round % 2 === 1) both.ours = await ours();
    if (round > 0) measured.push(both);
  }
  return {
    ours: median(measured.map((one) => one.ours)),
    beside: median(measured.map((one) => one.beside)),
    ratio: median(measured.map((one) => one.ours / one.beside)),
    rounds: measured,
  };
}

/** Throws where there are none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** How many of these per second, given how long the work takes. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (count / (performance.now() - from)) * 1_000;
}

/** Does something with every item, this many at once, in the order in which they stand. */
export async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
