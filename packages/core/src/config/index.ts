export * from './config.ts';
export * from './queue-policies.ts';
export { fields, type Role } from './schema.ts';
