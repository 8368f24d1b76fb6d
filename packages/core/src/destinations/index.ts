export { destinationChecks } from './checks.ts';
export * from './registry.ts';
