export type { BillingEntry, BillingRequest } from './billing.ts';
export type { CallEvent, EventEntry, Sending } from './call-event.ts';
export { createSandbox } from './create.ts';
export type { LedgerEntry } from './ledger.ts';
export type { RequestEntry } from './request-log.ts';
export type { Sandbox, SandboxOptions } from './sandbox.ts';
export { type Scenario, scenarios } from './simulations.ts';
export type { RegisteredWebhook } from './webhooks.ts';
