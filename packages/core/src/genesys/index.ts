export * from './genesys.ts';
export type { TokenState } from './token.ts';
export { traceVoice } from './voice/trace.ts';
