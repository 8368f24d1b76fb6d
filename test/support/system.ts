import { createSandbox } from '@handover/sandbox';
import { inject } from 'vitest';
import { connected, startApi } from '../http/start-api.ts';
import { openWorld } from './world.ts';

export type System = Awaited<ReturnType<typeof openSystem>>;

/** What `npm start` starts, in this process: the sandbox with its own world, the API on a free port, and a worker. */
export async function openSystem(dialect: 'voice' | 'platform', env: Record<string, string> = {}) {
  const sandbox = createSandbox({ seed: true });
  const sandboxUrl = await sandbox.listen();
  const common = { GENESYS_API: dialect, GENESYS_BASE_URL: sandboxUrl, SANDBOX_URL: sandboxUrl, ...env };
  const world = await openWorld({ env: { ...common, READ_LAG_MS: '0' } });
  const { GENESYS_BASE_URL: _, ...forApi } = world.env;
  const api = await startApi({
    redisUrl: inject('redisUrl'),
    env: { ...forApi, GENESYS_BASE_URL: sandboxUrl },
    prefix: world.config.queuePrefix,
  });
  await connected(api);
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    api,
    world,
    async close() {
      await api.close();
      await world.close();
      await sandbox.close();
    },
  };
}
