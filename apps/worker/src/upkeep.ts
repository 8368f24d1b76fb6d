import { type RedisClient, redisNow, withoutJob } from '@handover/core/redis';
import { traceIdOf } from '@handover/core/tracing';
import { type Actor, expire, isOutcome } from '@handover/core/transfer';
import type { Logger } from 'pino';
import type { LaneParts } from './transfers.ts';
import { type Tended, wake, wakeKeys } from './wake.ts';

/** How often somebody looks for jobs whose worker is lost, in ms. */
const TURN_MS = 500;
/** How often somebody sweeps, in ms. */
const SWEEP_MS = 1_000;
/** A turn is over a little sooner than the next one begins, or every other one would be missed, in ms. */
const EARLY_MS = 100;
const BATCH = 500;
const DEAD_BATCH = 50;
const FORGET_DEAD_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 60_000;
const SWEEP: Actor = { type: 'system', name: 'sweep' };

/** Something that is to be done every so often, by one worker of all. */
export type Chore = { name: string; everyMs: number; run: () => Promise<unknown> };

export type UpkeepOptions = {
  redis: RedisClient;
  prefix: string;
  lanes: LaneParts[];
  queues: Tended[];
  chores: Chore[];
  log: Logger;
};

/**
 * What must be done by somebody, and by Redis' clock, however many workers: jobs of lost workers go back to the queue, what
 * is due expires even while the queue is held, open records get the job that they lack, what overslept is woken
 * (docs/rules.md). Every worker offers to do it; of those that work on the same queues one does.
 */
export function startUpkeep({ redis, prefix, lanes, queues, chores, log }: UpkeepOptions) {
  const turn = `${prefix}:sweep-turn:${queues.map(({ worker }) => worker.name).join('+')}`;
  const active = queues.map(({ worker }) => worker.keys.active ?? '');
  const sweptKeys = [
    ...lanes.flatMap(({ store: { keys } }) => [keys.due, keys.deadlines]),
    ...queues.flatMap(wakeKeys),
  ];
  const startChores = startChoresOf(redis, prefix, [...chores, ...lanes.map(forgetDead)], log);
  let sweepAt = 0;
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= takeTurn()
      .catch((error: unknown) => log.warn({ detail: messageOf(error) }, 'sweep.failed'))
      .finally(() => {
        running = undefined;
      });
  }, TURN_MS);

  async function takeTurn(): Promise<void> {
    if ((await redis.set(turn, '1', 'PX', TURN_MS - EARLY_MS, 'NX')) === null) return;
    // A queue without active jobs has no stalled ones: one EXISTS tells for all queues.
    if ((await redis.exists(...active)) > 0) await Promise.all(queues.map(takeBackStalled));
    if (performance.now() < sweepAt) return;
    sweepAt = performance.now() + SWEEP_MS - EARLY_MS;
    await startChores();
    if ((await redis.exists(...sweptKeys)) > 0) await sweepAll();
  }

  async function takeBackStalled({ worker }: Tended): Promise<void> {
    const taken = await worker.backend.moveStalledJobsToWait();
    for (const job of taken) log.warn({ queue: worker.name, job }, 'job.stalled');
  }

  async function sweepAll(): Promise<void> {
    for (const parts of lanes) await sweep(redis, parts, log);
    const now = await redisNow(redis);
    await Promise.all(
      queues.map((tended) =>
        wake(redis, tended, now).catch((error: unknown) =>
          log.error({ queue: tended.worker.name, step: 'wake', detail: messageOf(error) }, 'sweep.failed'),
        ),
      ),
    );
  }

  return {
    async close(): Promise<void> {
      clearInterval(timer);
      await running;
      await startChores.ended();
    },
  };
}

/** Drops from the dead letters what was forgotten. */
function forgetDead({ store, lane }: LaneParts): Chore {
  const run = () => store.forgetDead(DEAD_BATCH);
  return { name: `forget-dead-${lane.name}`, everyMs: FORGET_DEAD_EVERY_MS, run };
}

/** Gives what starts the chores whose time has come by Redis' clock; they go on beside the sweep, each once at a time. */
function startChoresOf(redis: RedisClient, prefix: string, chores: Chore[], log: Logger) {
  const running = new Map<string, Promise<void>>();
  const askAt = new Map<string, number>();

  async function runOne({ name, run }: Chore): Promise<void> {
    try {
      await run();
    } catch (error) {
      log.error({ step: name, detail: messageOf(error) }, 'sweep.failed');
    }
    running.delete(name);
  }

  async function start(): Promise<void> {
    const now = performance.now();
    for (const chore of chores) {
      const { name, everyMs } = chore;
      if (running.has(name) || now < (askAt.get(name) ?? 0)) continue;
      askAt.set(name, now + everyMs / 10);
      const isMine = await redis.set(`${prefix}:turn:${name}`, '1', 'PX', everyMs - EARLY_MS, 'NX');
      if (isMine !== null) running.set(name, runOne(chore));
    }
  }
  return Object.assign(start, { ended: () => Promise.all(running.values()) });
}

/** One sweep over a lane. Every step is atomic, may be done twice, and does not keep the others from being done. */
async function sweep(redis: RedisClient, parts: LaneParts, log: Logger): Promise<void> {
  const { store, queue, lane } = parts;
  const guarded = async (what: string, id: string | undefined, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      log.error({ lane: lane.name, transfer: id, step: what, detail: messageOf(error) }, 'sweep.failed');
    }
  };
  await guarded('sweep', undefined, async () => {
    const { deadlines, due, now } = await store.overdue(BATCH);
    for (const id of deadlines) await guarded('expire', id, () => expireOne(parts, id, log));
    await store.lookAgain(due, now, LOOK_AGAIN_MS);
    for (const id of await withoutJob(redis, queue, due))
      await guarded('restore', id, () => restoreJob(parts, id, log));
  });
}

async function restoreJob({ store, wakes, lane }: LaneParts, id: string, log: Logger) {
  const record = await store.recordOf(id);
  if (record === undefined || isOutcome(record.status) || record.parked) return;
  await wakes.renew(record);
  const traceId = traceIdOf(record.traceparent);
  log.warn({ lane: lane.name, transfer: id, traceId }, 'job.restored');
}

async function expireOne(parts: LaneParts, id: string, log: Logger) {
  const expiry = await expire(parts, id, SWEEP);
  if (!expiry.expired) {
    // Not yet due is a rounding of the clock; anything else is a worker's business, or done.
    if (expiry.why !== 'not-due') await parts.store.leaveToWorker(id);
    return;
  }
  const traceId = traceIdOf(expiry.record?.traceparent);
  log.info({ lane: parts.lane.name, transfer: id, traceId, outcome: 'expired' }, 'transfer.expired');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
