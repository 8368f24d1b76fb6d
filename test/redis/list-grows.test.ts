import { createTransferListStore, type RedisClient } from '@handover/core/redis';
import type { TransferFilter } from '@handover/core/transfer';
import { expect, test } from 'vitest';
import { openTestLane } from '../support/lane.ts';
import { startOwnRedis } from '../support/own-redis.ts';

// The large version, with times, is the benchmark `lists`.

const [FEW, MANY] = [500, 5_000];
const WITHIN = 1.5;
const QUERY = { from: 0, to: Number.MAX_SAFE_INTEGER, after: undefined, limit: 20 };
const FILTERS: TransferFilter[] = [
  {},
  { status: 'failed' },
  { status: 'queued' },
  { reason: 'conflict' },
  { agent: 'agent-3' },
  { target: 'queue-2' },
  { key: 'key-1' },
  { agent: 'agent-3', key: 'key-1' },
  { status: 'failed', reason: 'conflict', agent: 'agent-3', target: 'queue-2' },
];

/** Writes records and indexes as acceptance and settlement do, in bulk. */
async function seed({ redis, keys }: ReturnType<typeof openTestLane>, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const pipeline = redis.pipeline();
    for (let place = from; place < from + 500; place += 1) {
      const [id, isOpen] = [`t-${place}`, place % 10 === 0];
      const [agent, target, key] = [`agent-${place % 4}`, `queue-${place % 3}`, `key-${place % 2}`];
      const request = JSON.stringify({ userId: agent, target: { type: 'queue', id: target } });
      const actor = JSON.stringify({ type: 'apiKey', name: key });
      const outcome = JSON.stringify({ status: 'failed', reason: 'conflict' });
      const status = isOpen ? 'queued' : 'failed';
      pipeline.hset(keys.record(id), {
        id,
        status,
        request,
        actor,
        acceptedAt: place,
        ...(!isOpen && { outcome }),
      });
      const indexes = [keys.all, keys.ofAgent(agent), keys.ofTarget(target), keys.ofKey(key)];
      indexes.push(...(isOpen ? [keys.openIndex] : [keys.ofStatus('failed'), keys.ofReason('conflict')]));
      for (const index of indexes) pipeline.zadd(index, place, id);
    }
    await pipeline.exec();
  }
}

/** How many commands Redis has executed, those of scripts included. */
async function commandsSoFar(redis: RedisClient): Promise<number> {
  const calls = (await redis.info('commandstats')).matchAll(/calls=(\d+)/g);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}

test('a page costs Redis about the same with ten times as many transfers, whatever the filter', async () => {
  const own = await startOwnRedis();
  const [few, many] = [openTestLane({ url: own.url }), openTestLane({ url: own.url })];
  await Promise.all([seed(few, FEW), seed(many, MANY)]);
  const figures = [];
  for (const filter of FILTERS) {
    const cost = async ({ redis, lane }: typeof few) => {
      const list = createTransferListStore(redis, lane);
      const before = await commandsSoFar(redis);
      const { items } = await list.page(filter, QUERY);
      return { commands: (await commandsSoFar(redis)) - before, items: items.length };
    };
    const [ofFew, ofMany] = [await cost(few), await cost(many)];
    figures.push({ filter: JSON.stringify(filter), few: ofFew.commands, many: ofMany.commands });
    expect(ofMany.items, JSON.stringify(filter)).toBe(20);
    expect(ofMany.commands, JSON.stringify(filter)).toBeLessThanOrEqual(WITHIN * ofFew.commands);
  }
  console.table(figures);
  for (const one of [few, many]) one.redis.disconnect();
  await own.stop();
});
