import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld } from '../support/processes.ts';

const TRANSFERS = 300;
const AGENTS = 20;
const QUEUES = 5;
const WORKERS = 2;
/** The default cache times of agents and queues, in ms. */
const AGENT_TTL_MS = 60_000;
const QUEUE_TTL_MS = 5_000;
/** In steady state, including tokens and look-ups. With `FAULTS=long` only: slower runs have more look-ups. */
const MOST_REQUESTS_EACH = 2.2;

test('a transfer costs two Genesys requests, and look-ups of agents and queues are shared', async () => {
  const { world, processes, close } = await openFaultWorld({
    // Empty: the defaults.
    USER_CACHE_TTL_MS: '',
    QUEUE_CACHE_TTL_MS: '',
    GENESYS_TIMEOUT_MS: '',
    SETTLE_WINDOW_MS: '',
    UNCONFIRMED_MAX_MS: '',
  });
  onTestFinished(close);
  const { sandbox } = world;
  const agents = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
  const queues = Array.from({ length: QUEUES }, (_, index) => `queue-${index}`);
  sandbox.addMany({ users: agents, queues });
  await processes.startWorkers(WORKERS);
  const from = performance.now();
  const ids: string[] = [];
  while (ids.length < TRANSFERS) {
    const userId = agents[ids.length % agents.length] ?? '';
    const target = { type: 'queue', id: queues[ids.length % queues.length] ?? '' } as const;
    ids.push(await world.submit({ userId, target }));
    await sleep(10);
  }
  const transfers = [];
  for (const id of ids) transfers.push(await world.outcome(id));
  expect(contradictions(sandbox, transfers)).toEqual([]);
  expect(transfers.map(({ record }) => record.status)).toEqual(ids.map(() => 'transferred'));

  const tookMs = performance.now() - from;
  const counts = sandbox.requests.counts();
  const each = Object.values(counts).reduce((sum, count) => sum + count, 0) / TRANSFERS;
  console.log(`${each.toFixed(3)} requests per transfer: ${JSON.stringify(counts)}`);
  expect(counts).toMatchObject({ call: TRANSFERS, transfer: TRANSFERS, webhook: 0 });
  expect(counts.token).toBeLessThanOrEqual(WORKERS);
  expect(counts.user).toBeLessThanOrEqual(AGENTS * Math.ceil(1 + tookMs / AGENT_TTL_MS));
  expect(counts.queue).toBeLessThanOrEqual(QUEUES * Math.ceil(1 + tookMs / QUEUE_TTL_MS));
  if (LONG) expect(each).toBeLessThanOrEqual(MOST_REQUESTS_EACH);
});
