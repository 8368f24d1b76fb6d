import type { Latency, SettingsChange } from './schemas.ts';

/** Global settings, described in the README. Null means unset: as registered, not signed, not down. */
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

/** The settings (by default the defaults) with the change applied. */
export function changeSettings(change: SettingsChange, settings: Settings = DEFAULTS): Settings {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(named) };
}

/** One draw of a latency, in milliseconds. */
export function drawLatency(latency: Latency, random: () => number): number {
  if (typeof latency === 'number') return latency;
  return latency.min + random() * (latency.max - latency.min);
}
