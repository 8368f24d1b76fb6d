export { type GenesysCheckOptions, openGenesysChecks } from './checks.ts';
export type { DialectDefinition, DialectName } from './dialect.ts';
export { openDialect } from './dialects.ts';
export * from './genesys.ts';
export type { TokenState } from './http/token.ts';
export { defaultPolicies, type Policies, type QueuePolicies } from './policies.ts';
export { traceVoice } from './voice/trace.ts';
