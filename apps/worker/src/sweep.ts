import {
  anyActive,
  anyExists,
  anyToSweep,
  claimSweep,
  type RedisClient,
  redisNow,
  type SweptQueue,
  wakeDue,
  withoutJob,
} from '@handover/core/redis';
import { traceIdOf } from '@handover/core/tracing';
import { type Actor, expire, isOutcome } from '@handover/core/transfer';
import type { Logger } from 'pino';
import { type Chore, createChores, EARLY_MS } from './chores.ts';
import { jobFields } from './job-log.ts';
import type { LaneParts } from './transfers.ts';

/** How often one worker at a time looks for jobs of lost workers, in ms. */
const LOOK_EVERY_MS = 500;
/** The interval of the sweep, in ms. */
const SWEEP_EVERY_MS = 1_000;
const BATCH = 500;
const DEAD_BATCH = 50;
const FORGET_DEAD_EVERY_MS = 60_000;
const KEEP_INDEXES_EVERY_MS = 60_000;
const ADD_UP_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 60_000;
const SWEEP: Actor = { type: 'system', name: 'sweep' };

/** Work that is begun on each sweep while this key exists; it must not throw, nor be waited for. */
export type Errand = { key: string; work(): void };

export type SweepOptions = {
  redis: RedisClient;
  prefix: string;
  lanes: LaneParts[];
  queues: SweptQueue[];
  chores: Chore[];
  errands: Errand[];
  log: Logger;
};

/**
 * Returns jobs of lost workers to their queues, expires due transfers even while the queue is held, restores missing jobs,
 * wakes jobs that overslept, and runs the chores (docs/rules.md). One worker at a time per set of queues.
 */
export function startSweep({ redis, prefix, lanes, queues, chores, errands, log }: SweepOptions) {
  const names = queues.map(({ worker }) => worker.name);
  const lists = lanes.map(({ store }) => store.keys);
  const errandKeys = errands.map(({ key }) => key);
  const ofLanes = lanes.flatMap((parts) => [forgetDead(parts), addUp(parts), ...keepIndexes(parts)]);
  const allChores = createChores(redis, prefix, [...chores, ...ofLanes], log);
  let sweepAt = 0;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.warn({ err: error }, 'sweep.failed'))
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_EVERY_MS);

  async function look(): Promise<void> {
    if (!(await claimSweep(redis, prefix, names, LOOK_EVERY_MS - EARLY_MS))) return;
    if (await anyActive(redis, queues)) await Promise.all(queues.map(returnStalled));
    if (performance.now() < sweepAt) return;
    sweepAt = performance.now() + SWEEP_EVERY_MS - EARLY_MS;
    await allChores.start();
    if (await anyToSweep(redis, lists, queues, errandKeys)) await sweepAll();
  }

  async function returnStalled({ worker }: SweptQueue): Promise<void> {
    const stalled = await worker.backend.moveStalledJobsToWait();
    for (const id of stalled) log.warn(jobFields(worker.name, id), 'job.stalled');
  }

  async function sweepAll(): Promise<void> {
    if (await anyExists(redis, errandKeys)) for (const { work } of errands) work();
    for (const parts of lanes) await sweepLane(redis, parts, log);
    const now = await redisNow(redis);
    await Promise.all(
      queues.map((queue) =>
        wakeDue(redis, queue, now).catch((error: unknown) =>
          log.error({ queue: queue.worker.name, step: 'wake', err: error }, 'sweep.failed'),
        ),
      ),
    );
  }

  return {
    async close(): Promise<void> {
      clearInterval(timer);
      await looking;
      await allChores.ended();
    },
  };
}

/** Removes dead letters whose records were deleted. */
function forgetDead({ store, lane }: LaneParts): Chore {
  const work = () => store.forgetDead(DEAD_BATCH);
  return { name: `forget-dead-${lane.name}`, everyMs: FORGET_DEAD_EVERY_MS, work };
}

/** Adds what was noted to the counters of the quality report. */
function addUp({ counters, lane }: LaneParts): Chore {
  return { name: `add-up-${lane.name}`, everyMs: ADD_UP_EVERY_MS, work: counters.addUp };
}

/** Removes entries of the list's indexes whose records were deleted, and adds what a process of an older version left out. */
function keepIndexes({ indexes, lane }: LaneParts): Chore[] {
  return [
    { name: `trim-indexes-${lane.name}`, everyMs: KEEP_INDEXES_EVERY_MS, work: indexes.trim },
    { name: `index-missing-${lane.name}`, everyMs: KEEP_INDEXES_EVERY_MS, work: indexes.indexMissing },
  ];
}

/** Sweeps a lane. Each step is atomic and repeatable; a failing one does not stop the others. */
async function sweepLane(redis: RedisClient, parts: LaneParts, log: Logger): Promise<void> {
  const { store, queue, lane } = parts;
  const guarded = async (what: string, id: string | undefined, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      log.error({ lane: lane.name, transfer: id, step: what, err: error }, 'sweep.failed');
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
  const call = record.request?.callId;
  log.warn({ lane: lane.name, transfer: id, call, traceId }, 'job.restored');
}

async function expireOne(parts: LaneParts, id: string, log: Logger) {
  const expiry = await expire(parts, id, SWEEP);
  if (!expiry.expired) {
    // `not-due` is a rounding of the clock; otherwise it has ended, or a worker handles it.
    if (expiry.why !== 'not-due') await parts.store.leaveToWorker(id);
    return;
  }
  const { record } = expiry;
  const traceId = traceIdOf(record?.traceparent);
  const call = record?.request?.callId;
  log.info({ lane: parts.lane.name, transfer: id, call, traceId }, 'transfer.expired');
}
