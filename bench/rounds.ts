/** One side of a comparison: repeats the work and returns the compared figure. */
export type Side = () => Promise<number>;

export type Round = { ours: number; beside: number };

export type Comparison = Round & {
  /** Our figure divided by the other side's; the median over the rounds of one run. */
  ratio: number;
  rounds: Round[];
};

/** Alternates both sides with `inTurn`, and compares them. */
export async function compare(ours: Side, beside: Side, rounds: number): Promise<Comparison> {
  return compared(await inTurn({ ours, beside }, rounds));
}

/**
 * Alternates all sides, with another one first in each round, since the machine's speed varies. The first
 * round is a warm-up and does not count. Returns the results of each side per round.
 */
export async function inTurn<Name extends string, Figures>(
  sides: Record<Name, () => Promise<Figures>>,
  rounds: number,
): Promise<Record<Name, Figures>[]> {
  const names = Object.keys(sides) as Name[];
  const measured: Record<Name, Figures>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % names.length;
    const found = {} as Record<Name, Figures>;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) found[name] = await sides[name]();
    if (round > 0) measured.push(found);
  }
  return measured;
}

/** Throws without rounds. */
export function compared(rounds: Round[]): Comparison {
  return {
    ours: median(rounds.map((one) => one.ours)),
    beside: median(rounds.map((one) => one.beside)),
    ratio: median(rounds.map((one) => one.ours / one.beside)),
    rounds,
  };
}

/** Throws if there are none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

/** The rate per second of this work. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (count / (performance.now() - from)) * 1_000;
}

/** Processes every item in order, with this concurrency. */
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
