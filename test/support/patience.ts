/**
 * How long a test waits for what must come, in ms. Only a test that fails waits as long: it is there to end the test
 * with a message, and says nothing of how fast anything is.
 */
export const PATIENCE_MS = 60_000;

/** For `vi.waitUntil`, which by itself gives up after a second. */
export const PATIENTLY = { timeout: PATIENCE_MS, interval: 5 };
