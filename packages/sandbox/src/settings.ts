import type { Latency, SettingsChange } from './schemas.ts';

/**
 * How the sandbox behaves as a whole: the rate limit per token (0 = none), the wait before every request is handled and
 * the further wait of transfers, how far the reads of a call lag behind, how long tokens live, the status that says that
 * an ETag no longer matches and when that is looked at, which webhook routes there are, how events are made and sent, and how billing answers.
 * Null is "no such thing": as registered, not signed, not down.
 */
export type Settings = {
  requestsPerMinute: number;
  rateLimitWindowMs: number;
  latencyMs: Latency;
  transferLatencyMs: Latency;
  readLagMs: Latency;
  tokenLifeSeconds: number;
  conflictStatus: 409 | 412;
  etagCompared: 'when-carried-out' | 'on-arrival';
  webhookRoutes: 'all' | 'create';
  eventDropRate: number;
  eventDuplicateRate: number;
  eventDelayMs: Latency;
  eventIds: boolean;
  eventTargetTypes: boolean;
  eventClockSkewMs: number;
  eventRetryIntervalMs: number | null;
  eventSecret: string | null;
  eventHeaders: Record<string, string>;
  billingSecret: string | null;
  billingLatencyMs: Latency;
  billingStatus: number | null;
};

const DEFAULTS: Settings = {
  requestsPerMinute: 0,
  rateLimitWindowMs: 60_000,
  latencyMs: 0,
  transferLatencyMs: 0,
  readLagMs: 0,
  tokenLifeSeconds: 3600,
  conflictStatus: 409,
  etagCompared: 'when-carried-out',
  webhookRoutes: 'all',
  eventDropRate: 0,
  eventDuplicateRate: 0,
  eventDelayMs: 0,
  eventIds: true,
  eventTargetTypes: false,
  eventClockSkewMs: 0,
  eventRetryIntervalMs: null,
  eventSecret: null,
  eventHeaders: {},
  billingSecret: null,
  billingLatencyMs: 0,
  billingStatus: null,
};

/** The settings (the defaults, unless others are given) with what the change names. */
export function changeSettings(change: SettingsChange, settings: Settings = DEFAULTS): Settings {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(named) };
}

/** One draw of a latency, in milliseconds. */
export function drawLatency(latency: Latency, random: () => number): number {
  if (typeof latency === 'number') return latency;
  return latency.min + random() * (latency.max - latency.min);
}
