export type { Registry } from 'prom-client';
export * from './billing-meter.ts';
export * from './callback-meter.ts';
export * from './history-meter.ts';
export * from './meter.ts';
