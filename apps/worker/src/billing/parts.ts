import type { Dispatcher, MatchPorts, TakePorts } from '@handover/core/billing';
import type { Config } from '@handover/core/config';
import type { BillingMeter } from '@handover/core/metrics';
import type { BillingStore, RedisClock } from '@handover/core/redis';
import type { Logger } from 'pino';
import type { LaneParts } from '../transfers.ts';

/** The dependencies of billing jobs and chores. */
export type BillingParts = {
  config: Pick<Config, 'billing' | 'webhook'>;
  clock: RedisClock;
  live: LaneParts;
  trails: BillingStore;
  transfers: TakePorts['transfers'] & MatchPorts['transfers'];
  dispatcher: Dispatcher;
  meter: BillingMeter;
  log: Logger;
};
