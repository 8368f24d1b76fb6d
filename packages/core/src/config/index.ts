export * from './config.ts';
export { fields, type Role } from './schema.ts';
