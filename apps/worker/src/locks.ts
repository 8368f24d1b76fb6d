/** The sweep does this for all queues at once, so BullMQ's workers need not. */
const SWEPT = {
  skipStalledCheck: true,
  // s; the sweep repeats a wake-up that a paused worker consumed.
  drainDelay: 10,
  // No limit here: the record counts its lost workers.
  maxStalledCount: 1_000_000,
};

/** A dead worker's transfer is resumed within 5 s; with BullMQ's defaults it would take a minute. */
export const URGENT_LOCKS = {
  ...SWEPT,
  lockDuration: 3_000,
  // ms; shorter than the interval of the sweep, so that every check runs.
  stalledInterval: 300,
};

/** Bills are not urgent: a lost worker's deliveries may wait for half a minute. */
export const PATIENT_LOCKS = { ...SWEPT, lockDuration: 30_000, stalledInterval: 5_000 };

/** Never reached; but BullMQ applies a rate limit set by one worker to all of them only if a limiter exists. */
export const NO_LIMIT = { max: 1_000_000, duration: 1_000 };
