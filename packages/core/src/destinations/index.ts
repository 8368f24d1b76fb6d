export * from './http.ts';
export * from './postgres.ts';
