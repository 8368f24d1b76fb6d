/**
 * The time-out of a test's waits, in ms. Only a failing test reaches it: it ends the test
 * with a message, and asserts no speed.
 */
export const PATIENCE_MS = 60_000;

/** For `vi.waitUntil`, whose default is a second. */
export const PATIENTLY = { timeout: PATIENCE_MS, interval: 5 };
