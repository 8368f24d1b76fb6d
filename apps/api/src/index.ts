export { createApp } from './app.ts';
export { problems } from './http/problems.ts';
export { createMemoryGuard } from './http/redis-gate.ts';
export { watchRedis } from './http/redis-watchdog.ts';
export { describeRoutes } from './operation/document.ts';
export type { Api, ApiParts, HttpTimeouts } from './parts.ts';
export { createSandboxClient } from './simulator/sandbox.ts';
