export { createApp } from './app.ts';
export type { Api, ApiParts, HttpTimeouts } from './parts.ts';
export { problems } from './problems.ts';
export { createMemoryGuard } from './redis-gate.ts';
export { watchRedis } from './redis-watchdog.ts';
export { createSandboxClient } from './sandbox.ts';
