export * from './genesys.ts';
export type { TokenState } from './token.ts';
