import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type FailureKind, failureKinds } from '../billing/deliver.ts';
import { type Bill, type DiscrepancyName, discrepancyNames } from '../billing/words.ts';
import { destinationNames } from '../destinations/registry.ts';

/** From a tenth of a second, which an idle system takes, to the day after which a delivery is given up. */
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

/** What a worker counts of billing. No id of a call, user or transfer is ever a label. */
export function createBillingMeter(registry: Registry) {
  const registers = [registry];
  const bills = new Counter({
    name: 'handover_billing_records_total',
    help: 'Billing records: made from an event or from our record, known already, delivered, retried, given up.',
    labelNames: ['result'] as const,
    registers,
  });
  const discrepancies = new Counter({
    name: 'handover_billing_discrepancies_total',
    help: 'Disagreements between our record and the events, by name.',
    labelNames: ['name'] as const,
    registers,
  });
  const registrations = new Counter({
    name: 'handover_webhook_registrations_total',
    help: 'How registrations of the webhook went.',
    labelNames: ['result'] as const,
    registers,
  });
  const lag = new Histogram({
    name: 'handover_billing_lag_seconds',
    help: 'From the transfer to its record being delivered.',
    labelNames: ['destination'] as const,
    buckets: LAG_SECONDS,
    registers,
  });
  const failures = new Counter({
    name: 'handover_billing_delivery_failures_total',
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
    /** `now` is epoch milliseconds. The platform's clock, which dates the transfer, may run ahead of ours. */
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

/** What the API counts of the events that it receives. */
export function createEventMeter(registry: Registry) {
  const events = new Counter({
    name: 'handover_webhook_events_total',
    help: 'Events that came to the webhook, by what became of them.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of eventResults) events.inc({ result }, 0);
  return { received: (result: EventResult) => events.inc({ result }) };
}

export type BillingStanding = {
  open: () => Promise<Record<DiscrepancyName, number>>;
  deadLetters: () => Promise<number>;
  /** 1 while the queue of this destination is paused, after a 410 or by a person; NaN when that is not known. */
  disabled: (destination: string) => Promise<number>;
  /** How long ago the last look for discrepancies ended, in ms; NaN where none ever did, or none is wanted. */
  matchAgeMs: () => Promise<number>;
  /** 1 when the webhook is registered, 0 when not, NaN when that is not known or none is wanted. */
  webhookRegistered: () => Promise<number>;
};

/** Figures that are the same wherever they are read; only the API shows them. */
export function observeBilling(registry: Registry, standing: BillingStanding): void {
  const registers = [registry];
  new Gauge({
    name: 'handover_billing_discrepancies',
    help: 'Discrepancies that have not healed, by name.',
    labelNames: ['name'] as const,
    registers,
    async collect() {
      for (const [name, count] of Object.entries(await standing.open())) this.set({ name }, count);
    },
  });
  new Gauge({
    name: 'handover_billing_dead_letters',
    help: 'Billing records and events that wait for a person.',
    registers,
    async collect() {
      this.set(await standing.deadLetters());
    },
  });
  new Gauge({
    name: 'handover_billing_destination_disabled',
    help: 'Is the queue of this destination paused: after a 410, or by a person?',
    labelNames: ['destination'] as const,
    registers,
    async collect() {
      for (const destination of destinationNames)
        this.set({ destination }, await standing.disabled(destination));
    },
  });
  new Gauge({
    name: 'handover_billing_match_age_seconds',
    help: 'How long ago the workers last looked for discrepancies.',
    registers,
    async collect() {
      this.set((await standing.matchAgeMs()) / 1000);
    },
  });
  new Gauge({
    name: 'handover_webhook_registered',
    help: 'Is the webhook registered with the platform?',
    registers,
    async collect() {
      this.set(await standing.webhookRegistered());
    },
  });
}
