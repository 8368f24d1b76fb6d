export * from './check.ts';
export * from './connection.ts';
