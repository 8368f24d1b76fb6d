/** The sweep does this for all queues, so that not every worker does it for each queue. */
const SWEPT = {
  skipStalledCheck: true,
  // s; the sweep repeats a wake-up that went to a paused worker.
  drainDelay: 10,
  // Stalls have no effect: the record counts lost workers.
  maxStalledCount: 1_000_000,
};

/** Another worker takes over a dead worker's transfer within 5 s; with BullMQ's defaults it would take a minute. */
export const URGENT_LOCKS = {
  ...SWEPT,
  lockDuration: 3_000,
  // ms; shorter than the interval of the sweep's checks, so that each check counts.
  stalledInterval: 300,
};

/** Bills are not urgent: the deliveries of a lost worker may wait for half a minute. */
export const PATIENT_LOCKS = { ...SWEPT, lockDuration: 30_000, stalledInterval: 5_000 };

/** The limit is never reached, but BullMQ needs one for a rate limit that stops all workers. */
export const NO_LIMIT = { max: 1_000_000, duration: 1_000 };
