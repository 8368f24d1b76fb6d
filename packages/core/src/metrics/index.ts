export type { Registry } from 'prom-client';
export * from './meter.ts';
