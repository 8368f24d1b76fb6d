import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { contradictions } from '../support/ledger.ts';
import { openFaultWorld } from '../support/processes.ts';

const TRANSFERS = 300;
const MOST_REQUESTS_EACH = 2.2;

test('a transfer costs at most 2.2 Genesys requests in steady state, tokens and look-ups included', async () => {
  const { world, processes, close } = await openFaultWorld({
    // Empty: as they are by default.
    USER_CACHE_TTL_MS: '',
    QUEUE_CACHE_TTL_MS: '',
    GENESYS_TIMEOUT_MS: '',
    SETTLE_WINDOW_MS: '',
  });
  onTestFinished(close);
  const { sandbox } = world;
  const agents = Array.from({ length: 20 }, (_, index) => `agent-${index}`);
  const queues = Array.from({ length: 5 }, (_, index) => `queue-${index}`);
  sandbox.addMany({ users: agents, queues });
  await processes.startWorkers(2);
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

  const counts = sandbox.requests.counts();
  const each = Object.values(counts).reduce((sum, count) => sum + count, 0) / TRANSFERS;
  console.log(`${each.toFixed(3)} requests per transfer: ${JSON.stringify(counts)}`);
  expect(each).toBeLessThanOrEqual(MOST_REQUESTS_EACH);
});
