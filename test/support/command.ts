import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { handover } from '../../packages/cli/src/handover.ts';
import { connected, startApi, type TestApi } from '../http/start-api.ts';
import { openWorld, type World } from './world.ts';

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** A whole system: the sandbox, a worker, and an API that listens, with these keys. */
export async function openStage(keys: string) {
  const world = await openWorld({
    env: (url) => ({ SANDBOX_URL: url, UNCONFIRMED_MAX_MS: '1500' }),
  });
  const api = await startApi({
    redisUrl: inject('redisUrl'),
    prefix: world.config.queuePrefix,
    env: { ...world.env, API_KEYS: keys, ADMIN_USER: 'operator', ADMIN_PASSWORD: 'the-password' },
  });
  await connected(api);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  return {
    world,
    api,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await api.close();
      await world.close();
    },
  };
}

/** Prepares such a scenario in the sandbox; gives the ids of a transfer of it. */
export async function prepare({ world }: { world: World; api?: TestApi }, scenario: string) {
  const tag = randomUUID().slice(0, 4);
  const response = await fetch(`${world.config.genesys.baseUrl}/control/simulations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      scenario,
      ...{ userId: `ann-${tag}`, callId: `call-${tag}`, targetQueueId: 'sales', fallbackQueueId: 'night' },
    }),
  });
  return (await response.json()) as {
    userId: string;
    callId: string;
    targetQueueId: string;
    fallbackQueueId: string;
  };
}

export type Ran = { code: number; out: string; err: string };

/** Runs `handover` in this process, as on a terminal or in a pipe. `onText` sees what comes, as it comes. */
export async function runCommand(
  { url }: Pick<Stage, 'url'>,
  args: string[],
  how: {
    isTerminal?: boolean;
    env?: Record<string, string>;
    signal?: AbortSignal;
    onText?: (text: string) => void;
  } = {},
): Promise<Ran> {
  const { isTerminal = false, env = {}, signal, onText } = how;
  const ran = { out: '', err: '' };
  const code = await handover(args, {
    env: { HANDOVER_URL: url, HANDOVER_API_KEY: 'the-key-of-crm', ...env },
    out: (text) => {
      ran.out += text;
      onText?.(text);
    },
    err: (text) => {
      ran.err += text;
      onText?.(text);
    },
    outIsTerminal: isTerminal,
    errIsTerminal: isTerminal,
    ...(signal && { signal }),
  });
  return { code, ...ran };
}
