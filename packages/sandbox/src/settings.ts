import type { Latency, SettingsChange } from './schemas.ts';

/**
 * How the sandbox behaves as a whole: the rate limit per token (0 = none), the wait before every request is handled and
 * the further wait of transfers, how far the reads of a call lag behind, how long tokens live, and the status that
 * says that an ETag no longer matches.
 */
export type Settings = {
  requestsPerMinute: number;
  rateLimitWindowMs: number;
  latencyMs: Latency;
  transferLatencyMs: Latency;
  readLagMs: number;
  tokenLifeSeconds: number;
  conflictStatus: 409 | 412;
};

const DEFAULTS: Settings = {
  requestsPerMinute: 0,
  rateLimitWindowMs: 60_000,
  latencyMs: 0,
  transferLatencyMs: 0,
  readLagMs: 0,
  tokenLifeSeconds: 3600,
  conflictStatus: 409,
};

/** The settings (the defaults, unless others are given) with what the change names. */
export function changeSettings(change: SettingsChange, settings: Settings = DEFAULTS): Settings {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(named) };
}

/** One draw of a latency, in milliseconds. */
export function drawLatency(latency: Latency): number {
  if (typeof latency === 'number') return latency;
  return latency.min + Math.random() * (latency.max - latency.min);
}
