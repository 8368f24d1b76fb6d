import type { NewAction } from '@handover/core/actions';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createActionStore } from '../../packages/core/src/redis/actions/store.ts';
import { createBillingStore } from '../../packages/core/src/redis/billing/store.ts';
import { createPending } from '../../packages/core/src/redis/history.ts';
import { redisKeys } from '../../packages/core/src/redis/keys.ts';
import { createBudget } from '../../packages/core/src/redis/pace/budget.ts';
import { createHoldOff } from '../../packages/core/src/redis/pace/hold-off.ts';
import { createTokenStore } from '../../packages/core/src/redis/pace/token-store.ts';
import { createPauseStore } from '../../packages/core/src/redis/pauses.ts';
import { createCounters } from '../../packages/core/src/redis/reports.ts';
import {
  loadScripts,
  type ScriptName,
  scriptNames,
  scriptText,
} from '../../packages/core/src/redis/scripts.ts';
import { createSessionStore } from '../../packages/core/src/redis/sessions.ts';
import { createCallbackStore } from '../../packages/core/src/redis/transfers/callbacks.ts';
import { createFollowUpStore } from '../../packages/core/src/redis/transfers/follow-ups.ts';
import { createIndexUpkeep } from '../../packages/core/src/redis/transfers/index-upkeep.ts';
import { openTransferQueue } from '../../packages/core/src/redis/transfers/jobs.ts';
import { createRecordStore } from '../../packages/core/src/redis/transfers/record-store.ts';
import { createTransferStore } from '../../packages/core/src/redis/transfers/store.ts';
import { followUpId } from '../../packages/core/src/transfer/follow-up-words.ts';
import {
  deadLetter,
  deferralOf,
  intentOf,
  openTestLane,
  requestOf,
  settlementOf,
  UPSTREAM,
  WORKER,
} from '../support/lane.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';
import { PATIENCE_MS } from '../support/patience.ts';

// Redis does not roll back: a missing permission aborts a script halfway. What a script reads, checks and
// publishes comes before its first write, so that refusing any of these changes nothing.

let own: OwnRedis;
let admin: Redis;
let limited: Redis;
beforeAll(async () => {
  own = await startOwnRedis();
  admin = new Redis(own.url);
  await admin.acl('SETUSER', 'app', 'reset', 'on', '>app-password', '~*', 'allchannels', '+@all');
  limited = new Redis(own.url.replace('redis://', 'redis://app:app-password@'));
  await limited.ping();
});
afterAll(async () => {
  limited.disconnect();
  admin.disconnect();
  await own.stop();
});

const BUDGET = { requests: 10, windowMs: 60_000 };
const BILL = {
  id: 'b',
  eventId: 'e',
  callId: 'c',
  transferType: 'blind',
  target: { id: 'support', type: 'queue' },
  timestamp: '2026-11-01T10:00:00.000Z',
  billingCode: 'TRANSFER_BLIND',
} as const;

const ANNA = { type: 'operator', name: 'anna' } as const;
const MANY: NewAction = {
  ...{ id: 'many', deed: { action: 'replay' }, filter: {}, actor: ANNA, reason: 'why', skipped: {} },
} as const;
const LEFT = { kind: 'wrap-up', data: {}, afterMs: 0, forMs: 60_000 } as const;

/** Every script as the limited user, each from a state in which it uses all its commands. */
async function openLane() {
  const lane = openTestLane({ url: own.url });
  const callbacks = { keys: [UPSTREAM.name], forMs: 60_000 };
  const of = { retentionMs: 60_000, isBilled: true, budget: BUDGET, callbacks, latestFenceMs: PATIENCE_MS };
  const records = createRecordStore(limited, lane.lane, of);
  const free = createRecordStore(lane.redis, lane.lane, of);
  const store = createTransferStore(limited, lane.lane, { deadlineMs: 60_000 });
  const trails = createBillingStore(limited, lane.lane, { retentionMs: 60_000 });
  const begun = async () => {
    const id = await lane.accept();
    const run = await free.begin(id);
    if (!run.begun) throw new Error(run.why);
    return { id, epoch: run.record.epoch };
  };
  const written = () => {
    const intent = intentOf();
    return { intentId: intent.id, compared: '', intents: [intent] };
  };
  const entry = { at: 0, step: 'outcome', by: 'test' } as const;

  /** For each script: prepares the state, and returns the step that runs it. */
  const steps: Record<ScriptName, () => Promise<() => Promise<unknown>>> = {
    'transfers/accept': async () => () =>
      store.accept({
        id: 'a',
        request: requestOf(),
        actor: UPSTREAM,
        idempotency: { route: 'r', key: 'k', fingerprint: 'f' },
      }),
    'transfers/unreadable': async () => () => store.recordUnreadable('garbage', 'no id', WORKER, 60_000),
    'transfers/begin': async () => {
      const { id } = await begun();
      await lane.redis.hset(lane.keys.record(id), 'nextAt', '0');
      return () => records.begin(id);
    },
    'transfers/fence': async () => {
      const { id, epoch } = await begun();
      return () => records.fence(id, epoch, written(), [entry]);
    },
    'transfers/defer': async () => {
      const { id, epoch } = await begun();
      return () => records.defer(id, epoch, { ...deferralOf(), refund: true, parked: true }, [entry]);
    },
    'transfers/settle': async () => {
      const { id, epoch } = await begun();
      await lane.redis.hset(lane.keys.bill(id), 'event', '1');
      await lane.redis.hset(lane.keys.discrepancy(id), 'healedAt', '');
      const settlement = settlementOf({ guard: 'attempt', epoch, leaves: [LEFT] });
      return () => records.settle(id, settlement, [entry]);
    },
    'transfers/follow-up': async () => {
      const { id } = await begun();
      await free.settle(id, settlementOf({ leaves: [LEFT] }), []);
      const { followUp } = (await createFollowUpStore(lane.redis, lane.lane).find(followUpId(id, 1))) ?? {};
      if (followUp === undefined) throw new Error('it left nothing');
      return () => createFollowUpStore(limited, lane.lane).note({ ...followUp, state: 'done' }, 0);
    },
    'transfers/callback': async () => {
      const { id } = await begun();
      await free.settle(id, settlementOf(), []);
      const of = UPSTREAM.name;
      const found = await createCallbackStore(lane.redis, lane.lane).find(`${id}_1`);
      if (found === undefined) throw new Error('nothing was written');
      return () =>
        createCallbackStore(limited, lane.lane).note(of, found.before, found.callback, {
          type: 'operator',
          name: 'anna',
        });
    },
    'transfers/replay': async () => {
      const id = await deadLetter(lane);
      return () => store.replay(id, WORKER, 'again');
    },
    'actions/start': async () => () => createActionStore(limited, lane.lane).start(MANY, ['t']),
    'actions/take': async () => {
      await createActionStore(lane.redis, lane.lane).start(MANY, ['t', 'u']);
      await createActionStore(lane.redis, lane.lane).take(MANY.id, { owner: 'one' });
      return () => createActionStore(limited, lane.lane).take(MANY.id, { owner: 'one', result: 'done' });
    },
    'actions/stop': async () => {
      await createActionStore(lane.redis, lane.lane).start(MANY, ['t']);
      return () => createActionStore(limited, lane.lane).stop(MANY.id, ANNA, 'why');
    },
    'queues/pause': async () => {
      const queue = openTransferQueue(lane.redis, lane.lane);
      // BullMQ writes it by itself, once.
      await vi.waitUntil(() => lane.redis.exists(queue.toKey('meta')));
      return () =>
        createPauseStore(limited, lane.lane)
          .pause(queue, ANNA, 'why')
          .finally(() => queue.close());
    },
    'sessions/sign-in': async () => () =>
      createSessionStore(limited, lane.lane).signIn({ actor: ANNA, credential: 'c', address: '192.0.2.1' }),
    'sessions/failed': async () => async () => {
      const sessions = createSessionStore(limited, lane.lane);
      for (let time = 0; time < 5; time++) await sessions.failed('192.0.2.1', 'anna');
    },
    'transfers/add-up': async () => {
      const { id } = await begun();
      await free.settle(id, settlementOf(), []);
      return () => createCounters(limited, lane.lane).addUp();
    },
    'transfers/page': async () => () => Promise.resolve(),
    'transfers/index': async () => {
      const { id } = await begun();
      await lane.redis.sadd(lane.keys.unindexed, id);
      return () => createIndexUpkeep(limited, lane.lane, { retentionMs: 60_000 }).indexMissing();
    },
    'transfers/trim': async () => {
      await lane.redis.zadd(lane.keys.all, 1, 'gone');
      return () => createIndexUpkeep(limited, lane.lane, { retentionMs: 60_000 }).trim();
    },
    'history/written': async () => {
      const id = await deadLetter(lane);
      await lane.redis.zadd(lane.keys.historyTransfers, 5, id);
      const pending = createPending(limited, lane.lane, { retentionMs: 60_000, get: store.get });
      return () => pending.written('transfers', [{ id, version: 5 }]);
    },
    'pace/hold-off': async () => () => createHoldOff(limited, lane.keys.holdOff).raise(5_000),
    'pace/drop': async () => {
      const of = { url: 'https://login.example.org', id: 'client', secret: 'secret' };
      const tokens = (redis: Redis) => createTokenStore(redis, lane.lane, { of, lockMs: 5_000, speed: 1 });
      await tokens(lane.redis).keep({ token: 'token', lifeMs: 60_000, ageMs: 0 });
      return () => tokens(limited).drop('token');
    },
    'pace/room': async () => () => createBudget(limited, lane.lane, BUDGET).room({ run: 4, needs: 1 }),
    'pace/take': async () => () => createBudget(limited, lane.lane, BUDGET).take(),
    'billing/remember': async () => () =>
      trails.remember({ callId: 'c', transferType: 'blind', target: { id: 'support' }, at: 1 }, 'key'),
    'billing/bill': async () => {
      await lane.redis.hset(lane.keys.record('t'), 'status', 'transferred');
      await lane.redis.hset(lane.keys.discrepancy('t'), 'healedAt', '');
      await lane.redis.hset(lane.keys.trail('c'), 'version', '1');
      return () => trails.bill({ ...BILL, transferId: 't' }, { version: 1, eventKey: 'k' });
    },
    'billing/name': async () => {
      await lane.redis.zadd(lane.keys.expected, 1, 't');
      return () => trails.name({ name: 'missing-event', transferId: 't' } as never, 'expected');
    },
    alive: async () => () => Promise.resolve(),
    presence: async () => {
      const run = loadScripts(limited);
      const keys = redisKeys(lane.lane.prefix);
      await lane.redis.hset(keys.known, 'run', 'another');
      await lane.redis.zadd(keys.processes, 1, 'a process that is gone');
      const args = {
        id: 'me',
        seenProgress: 5,
        ownProgress: '',
        seenRun: '',
        recoveryMs: 60_000,
        neededReplicas: 1,
        isWorker: '1',
        leaves: '',
      };
      return () => run('presence', { keys, args });
    },
    'billing/page': async () => () => Promise.resolve(),
  };
  return { ...lane, steps };
}

/** Every key of the prefix with its content. */
async function dump(prefix: string): Promise<Record<string, unknown>> {
  const keys = (await admin.keys(`${prefix.replaceAll(/[{}]/g, '?')}*`)).sort();
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => admin.get(key),
    hash: (key) => admin.hgetall(key),
    list: (key) => admin.lrange(key, 0, -1),
    zset: (key) => admin.zrange(key, '0', '-1', 'WITHSCORES'),
    set: async (key) => (await admin.smembers(key)).sort(),
  };
  const values = await Promise.all(keys.map(async (key) => read[await admin.type(key)]?.(key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

const commandsOf = (name: ScriptName) =>
  [...scriptText(name).matchAll(/redis\.call\('([A-Z]+)'/g)].map(([, command = '']) => command);
const NOT_WRITING =
  /^(TIME|PUBLISH|GET|LLEN|PTTL|EXISTS|HEXISTS|(H|Z|LR|S)?(M?GET|GETALL|SCORE|COUNT|RANGE|RANGEBYSCORE|RANK|MEMBERS))$/;

describe('a refusal before the first write changes nothing', () => {
  const cases = scriptNames.flatMap((name) =>
    [...new Set(commandsOf(name))]
      .filter((command) => NOT_WRITING.test(command))
      .map((command) => [name, command] as const),
  );

  test.each(cases)('%s without %s', async (name, command) => {
    const lane = await openLane();
    try {
      const run = await lane.steps[name]();
      const before = await dump(lane.prefix);
      await admin.acl('SETUSER', 'app', `-${command.toLowerCase()}`);
      const refused = await run().then(
        () => 'done',
        (error: Error) => error.message,
      );
      // Not every script reaches each of its commands; one that does is refused without changes.
      if (refused !== 'done') {
        expect(refused).toMatch(/can't run this command|has no permissions|ACL failure/);
        expect(await dump(lane.prefix)).toEqual(before);
      }
    } finally {
      await admin.acl('SETUSER', 'app', `+${command.toLowerCase()}`);
      await lane.close();
    }
  });

  test('a forbidden channel is detected before any write', async () => {
    for (const name of ['fence', 'defer', 'settle', 'replay'].map(
      (step) => `transfers/${step}` as ScriptName,
    )) {
      const lane = await openLane();
      const run = await lane.steps[name]();
      const before = await dump(lane.prefix);
      await admin.acl('SETUSER', 'app', 'resetchannels');
      await expect(run(), name).rejects.toThrow(/publish|channel/);
      await admin.acl('SETUSER', 'app', 'allchannels');
      expect(await dump(lane.prefix), name).toEqual(before);
      await lane.close();
    }
  });
});

test('no intent is left open if any command of the fence is refused: nothing was sent', async () => {
  for (const command of new Set(commandsOf('transfers/fence'))) {
    const lane = await openLane();
    const run = await lane.steps['transfers/fence']();
    const [key = ''] = await admin.keys(`${lane.prefix.replaceAll(/[{}]/g, '?')}:live:transfer:*`);
    await admin.acl('SETUSER', 'app', `-${command.toLowerCase()}`);
    const isDone = await run().then(
      () => true,
      () => false,
    );
    await admin.acl('SETUSER', 'app', `+${command.toLowerCase()}`);
    if (!isDone) expect(await admin.hget(key, 'openIntent'), command).toBeFalsy();
    await lane.close();
  }
});
