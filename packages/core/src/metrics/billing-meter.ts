import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type FailureKind, failureKinds } from '../billing/deliver.ts';
import { type Bill, type DiscrepancyName, discrepancyNames } from '../billing/words.ts';
import { destinationNames } from '../destinations/registry.ts';
import type { Mode } from '../transfer/policy.ts';
import { prefixOf } from './meter.ts';

/** From a tenth of a second, as on an idle system, to the day after which a delivery is given up. */
const LAG_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

const billResults = [
  'billed',
  'synthesized',
  'known',
  'training',
  'delivered',
  'retried',
  'dead-letter',
] as const;
export type BillResult = (typeof billResults)[number];

const registrationResults = ['registered', 'updated', 'adopted', 'known', 'failed'] as const;

const eventResults = [
  'queued',
  'duplicate',
  'ignored',
  'malformed',
  'unauthenticated',
  'unavailable',
] as const;
export type EventResult = (typeof eventResults)[number];

export type BillingMeter = ReturnType<typeof createBillingMeter>;

/** The billing counters of a worker. Ids of calls, users and transfers are never labels. */
export function createBillingMeter(registry: Registry, mode: Mode = 'live') {
  const registers = [registry];
  const prefix = prefixOf(mode);
  const bills = new Counter({
    name: `${prefix}_billing_records_total`,
    help: 'Billing records by result: made from an event or from our record, already known, delivered, retried, given up.',
    labelNames: ['result'] as const,
    registers,
  });
  const discrepancies = new Counter({
    name: `${prefix}_billing_discrepancies_total`,
    help: 'Disagreements between our record and the events, by name.',
    labelNames: ['name'] as const,
    registers,
  });
  const registrations = new Counter({
    name: `${prefix}_webhook_registrations_total`,
    help: 'Registrations of the webhook, by result.',
    labelNames: ['result'] as const,
    registers,
  });
  const lag = new Histogram({
    name: `${prefix}_billing_lag_seconds`,
    help: 'From the transfer to its record being delivered.',
    labelNames: ['destination'] as const,
    buckets: LAG_SECONDS,
    registers,
  });
  const failures = new Counter({
    name: `${prefix}_billing_delivery_failures_total`,
    help: 'Deliveries that failed, by destination and kind: refused, busy, gone, misconfigured, trouble.',
    labelNames: ['destination', 'kind'] as const,
    registers,
  });
  for (const destination of destinationNames) {
    lag.zero({ destination });
    for (const kind of failureKinds) failures.inc({ destination, kind }, 0);
  }
  for (const result of billResults) bills.inc({ result }, 0);
  for (const name of discrepancyNames) discrepancies.inc({ name }, 0);
  for (const result of registrationResults) registrations.inc({ result }, 0);

  return {
    bills: (result: BillResult, count = 1) => bills.inc({ result }, count),
    /** `now` is epoch milliseconds. The lag is at least 0: the platform's clock may be ahead of ours. */
    delivered(destination: string, { timestamp }: Bill, now: number): void {
      bills.inc({ result: 'delivered' });
      lag.observe({ destination }, Math.max(0, now - Date.parse(timestamp)) / 1000);
    },
    failed: (destination: string, kind: FailureKind) => failures.inc({ destination, kind }),
    named: (name: DiscrepancyName) => discrepancies.inc({ name }),
    registration: (result: (typeof registrationResults)[number]) => registrations.inc({ result }),
  };
}

export type EventMeter = ReturnType<typeof createEventMeter>;

/** The API's counter of received events. */
export function createEventMeter(registry: Registry, mode: Mode = 'live') {
  const events = new Counter({
    name: `${prefixOf(mode)}_webhook_events_total`,
    help: 'Events received by the webhook, by result.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of eventResults) events.inc({ result }, 0);
  return { received: (result: EventResult) => events.inc({ result }) };
}

export type BillingStanding = {
  open: () => Promise<Record<DiscrepancyName, number>>;
  deadLetters: () => Promise<number>;
  /** 1 while the queue of this destination is paused, after a 410 or by an operator; NaN if unknown. */
  disabled: (destination: string) => Promise<number>;
  /** Time since the last matching of events and records, in ms; NaN if there was none, or billing is off. */
  matchAgeMs: () => Promise<number>;
  /** 1 if the webhook is registered, 0 if not, NaN if unknown or not wanted. */
  webhookRegistered: () => Promise<number>;
};

/** Values shared by all processes; exported only by the API. */
export function observeBilling(registry: Registry, standing: BillingStanding, mode: Mode = 'live'): void {
  const registers = [registry];
  const prefix = prefixOf(mode);
  new Gauge({
    name: `${prefix}_billing_discrepancies`,
    help: 'Open discrepancies, by name.',
    labelNames: ['name'] as const,
    registers,
    async collect() {
      for (const [name, count] of Object.entries(await standing.open())) this.set({ name }, count);
    },
  });
  new Gauge({
    name: `${prefix}_billing_dead_letters`,
    help: 'Billing records and events that need an operator.',
    registers,
    async collect() {
      this.set(await standing.deadLetters());
    },
  });
  new Gauge({
    name: `${prefix}_billing_destination_disabled`,
    help: 'Whether the queue of this destination is paused, after a 410 or by an operator.',
    labelNames: ['destination'] as const,
    registers,
    async collect() {
      for (const destination of destinationNames)
        this.set({ destination }, await standing.disabled(destination));
    },
  });
  new Gauge({
    name: `${prefix}_billing_match_age_seconds`,
    help: 'Time since the workers last matched events and records.',
    registers,
    async collect() {
      this.set((await standing.matchAgeMs()) / 1000);
    },
  });
  new Gauge({
    name: `${prefix}_webhook_registered`,
    help: 'Whether the webhook is registered with the platform.',
    registers,
    async collect() {
      this.set(await standing.webhookRegistered());
    },
  });
}
