export { type ApiKey, type KeyRole, keyRoles } from './api-keys.ts';
export { answerArguments } from './arguments.ts';
export * from './config.ts';
export { nearMisses } from './near-misses.ts';
export * from './queue-policies.ts';
export { fields, type Role } from './schema.ts';
export { version } from './version.ts';
