export * from './connection.ts';
export * from './contracts.ts';
export * from './durability.ts';
export * from './jobs.ts';
export * from './journal.ts';
export * from './lane.ts';
export * from './transfers.ts';
