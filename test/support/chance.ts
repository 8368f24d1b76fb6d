/** `FAULTS=long` asks for the big numbers; the ordinary run stays short. */
export const LONG = process.env.FAULTS === 'long';

/** A seeded random source, so that `FAULT_SEED` can repeat a failing run. */
export type Chance = {
  readonly seed: number;
  /** Uniform in [`min`, `max`). */
  between(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
};

/** Takes the seed from `FAULT_SEED`, or draws one, and prints it. */
export function takeChance(about: string): Chance {
  const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${about}: FAULT_SEED=${seed}`);
  let state = seed >>> 0;
  // Mulberry32: small, and the same on every machine.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + next() * (max - min);
  return {
    seed,
    between,
    pick(from) {
      const picked = from[Math.floor(between(0, from.length))];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
