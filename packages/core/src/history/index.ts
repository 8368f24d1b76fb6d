export * from './away.ts';
export { historyChecks } from './checks.ts';
export { listTransfers } from './list.ts';
export * from './open.ts';
export type { HistoryLag } from './ports.ts';
export * from './write.ts';
