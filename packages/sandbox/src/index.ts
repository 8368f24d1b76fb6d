export type { LedgerEntry } from './ledger.ts';
export type { RequestEntry } from './request-log.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export { type Scenario, scenarios } from './simulations.ts';
