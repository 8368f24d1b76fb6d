export type { Resolve } from './addresses.ts';
export * from './deliver.ts';
export * from './ports.ts';
export * from './receiver.ts';
export * from './receiver-url.ts';
export * from './send-again.ts';
