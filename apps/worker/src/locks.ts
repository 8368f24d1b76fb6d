/** What the sweep does for all queues at once, so that no worker does it for each. */
const SWEPT = {
  skipStalledCheck: true,
  // s; a wake-up that a paused worker swallowed is given again by the sweep.
  drainDelay: 10,
  // Stalls decide nothing: the record counts its lost workers.
  maxStalledCount: 1_000_000,
};

/** A dead worker's transfer is taken up within 5 s; BullMQ's defaults would take a minute. */
export const URGENT_LOCKS = {
  ...SWEPT,
  lockDuration: 3_000,
  // ms; shorter than the gap between two looks of the sweep, so that each look counts.
  stalledInterval: 300,
};

/** A late bill does no harm at once: the deliveries of a lost worker may wait for half a minute. */
export const PATIENT_LOCKS = { ...SWEPT, lockDuration: 30_000, stalledInterval: 5_000 };

/** With a limit that no worker ever reaches, a rate limit set by one worker stops them all. */
export const NO_LIMIT = { max: 1_000_000, duration: 1_000 };
