export type { BillingEntry, BillingRequest } from './billing.ts';
export type { CallEvent, EventEntry, Sending } from './events.ts';
export type { LedgerEntry } from './ledger.ts';
export type { RequestEntry } from './request-log.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export { type Scenario, scenarios } from './simulations.ts';
export type { RegisteredWebhook } from './webhooks.ts';
