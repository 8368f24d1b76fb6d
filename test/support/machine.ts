const SAMPLE_MS = 20;

/**
 * Measures the timer lag of this machine during a test. Promised times are corrected
 * by it, so that a busy machine does not look like a broken promise.
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
    /** The maximum timer lag in ms. */
    latestMs: () => Math.round(latestMs),
    stop: () => clearInterval(timer),
  };
}

/** The period in which a process was up, in epoch ms; without `to` while it still is. */
export type Life = { readonly from: number; to?: number };

/** How many ms between two instants no process was up. */
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
