export type { BillingEntry, BillingRequest } from './billing/billing.ts';
export { createSandbox } from './create.ts';
export type { CallEvent, EventEntry, Sending } from './events/call-event.ts';
export type { RegisteredWebhook } from './events/webhooks.ts';
export type { LedgerEntry } from './ledger.ts';
export { seedId } from './platform/seed.ts';
export type { RequestEntry } from './request-log.ts';
export type { Sandbox, SandboxOptions } from './sandbox.ts';
export { type Scenario, scenarios } from './voice/simulations.ts';
