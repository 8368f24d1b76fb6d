const SAMPLE_MS = 20;

/**
 * Measures for as long as a test runs how late this machine wakes whoever sleeps. A time that is promised is held
 * against this, so that a machine that was busy with something else does not look like a broken promise.
 */
export function watchMachine() {
  let due = performance.now() + SAMPLE_MS;
  let latestMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    latestMs = Math.max(latestMs, now - due);
    due = now + SAMPLE_MS;
  }, SAMPLE_MS);
  return {
    /** By how many ms a timer was late, at the worst. */
    latestMs: () => Math.round(latestMs),
    stop: () => clearInterval(timer),
  };
}

/** From when to when a process could work, in epoch ms; `to` is left out while it still can. */
export type Life = { readonly from: number; to?: number };

/** For how many of the ms between two instants not one of the processes could work. */
export function nobodyThereMs(lives: readonly Life[], from: number, to: number): number {
  const inOrder = lives
    .map((life) => ({ from: Math.max(from, life.from), to: Math.min(to, life.to ?? to) }))
    .filter((life) => life.to > life.from)
    .sort((one, other) => one.from - other.from);
  let covered = from;
  let gaps = 0;
  for (const life of inOrder) {
    gaps += Math.max(0, life.from - covered);
    covered = Math.max(covered, life.to);
  }
  return gaps + Math.max(0, to - covered);
}
