import { basename } from 'node:path';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import { move, moveOneBy, openPlatform, percentile99, timesWhenIdle, transfersOf } from './load.ts';
import { compared, inTurn, median } from './rounds.ts';
import type { Row } from './table.ts';

const TRANSFERS = 2_000;
const WARM_UP = 4_000;
const ROUNDS = 5;

type System = { name: string; url: string; pool: Pool };

/**
 * The cost of replicating an intent before the effect: Handover on a Redis with one replica, on a single
 * Redis, and, if a folder is given, another checkout on a single Redis.
 */
export async function benchReplicas(ground: Ground, folder: string | undefined): Promise<Row[]> {
  const { sandbox, url: genesysUrl } = await openPlatform();
  const primary = await ground.startRedis();
  await ground.startRedis([
    '--replicaof',
    '127.0.0.1',
    String(primary.port),
    '--repl-diskless-sync-delay',
    '0',
  ]);
  const replicated = { REDIS_URL: primary.url, REDIS_MIN_REPLICAS: '1' };
  const accepting = { ...replicated, ACCEPT_AFTER_REPLICAS: '1' };

  async function start(name: string, env: Record<string, string>, from?: string): Promise<System> {
    const all = {
      QUEUE_PREFIX: `{bench-${name.replaceAll(' ', '-')}}`,
      GENESYS_BASE_URL: genesysUrl,
      ...env,
    };
    const api = await ground.startApp('api', all, from);
    await ground.startApp('worker', all, from);
    const pool = new Pool(api.url, { connections: 1 });
    const system = { name, url: transfersOf(api), pool };
    await move(sandbox, system.url, WARM_UP);
    return system;
  }
  const ours = await start('one replica', replicated);
  const others = [
    await start('alone', {}),
    await start('acceptances too', accepting),
    ...(folder === undefined ? [] : [await start(basename(folder), {}, folder)]),
  ];
  const systems = [ours, ...others];
  const measured = await inTurn(
    Object.fromEntries(systems.map((system) => [system.name, () => measure(system)])),
    ROUNDS,
  );

  async function measure({ url, pool }: System) {
    const perSecond = await move(sandbox, url, TRANSFERS);
    const idle = await timesWhenIdle(sandbox, (callId) => moveOneBy(pool, sandbox, callId));
    return { perSecond, median: median(idle), late: percentile99(idle) };
  }

  await Promise.all(systems.map(({ pool }) => pool.close()));
  await sandbox.close();
  const rows = (what: string, unit: string, figure: 'perSecond' | 'median' | 'late'): Row[] =>
    others.map(({ name }) => ({
      what: `${what}, one replica`,
      unit,
      besideWhat: name,
      ...compared(
        measured.map((round) => ({
          ours: round[ours.name]?.[figure] ?? Number.NaN,
          beside: round[name]?.[figure] ?? Number.NaN,
        })),
      ),
    }));
  return [
    ...rows('transfers moved, 1 worker', '/s', 'perSecond'),
    ...rows('from POST to effect when idle, median', 'ms', 'median'),
    ...rows('from POST to effect when idle, 99th percentile', 'ms', 'late'),
  ];
}
