import { type RedisClient, renewJob, UPKEEP_QUEUE, withoutJob } from '@handover/core/queue';
import { type Actor, expire, isOutcome } from '@handover/core/transfer';
import { type ConnectionOptions, Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { type LaneParts, LOCKS, logErrors } from './transfers.ts';

const EVERY_MS = 1_000;
const BATCH = 500;
const LOOK_AGAIN_MS = 60_000;
const SWEEP = 'sweep';

export type UpkeepOptions = {
  redis: RedisClient;
  prefix: string;
  lanes: LaneParts[];
  log: Logger;
};

/**
 * The scheduled sweep, one run a second however many workers: expires what is due even while the queue is held, and
 * adds the job of any open record that has none. Its own queue, so a hold-off does not stop it.
 */
export async function startUpkeep({ redis, prefix, lanes, log }: UpkeepOptions) {
  const shared = { connection: redis as ConnectionOptions, prefix };
  const queue = new Queue(UPKEEP_QUEUE, shared);
  const heard = logErrors(redis, log, UPKEEP_QUEUE);
  queue.on('error', heard);
  await queue.upsertJobScheduler(
    SWEEP,
    { every: EVERY_MS },
    { name: SWEEP, opts: { removeOnComplete: { count: 20 }, removeOnFail: { count: 100 } } },
  );
  const worker = new Worker(
    UPKEEP_QUEUE,
    async () => {
      for (const parts of lanes) await sweep(redis, parts, log);
    },
    { ...shared, ...LOCKS },
  ).on('error', heard);
  return {
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}

/** One sweep over a lane. Every step is atomic and may be done twice. */
export async function sweep(redis: RedisClient, parts: LaneParts, log: Logger): Promise<void> {
  const { store, queue, lane } = parts;
  const { deadlines, due, now } = await store.overdue(BATCH);
  for (const id of deadlines) await expireOne(parts, id, log);
  await store.lookAgain(due, now, LOOK_AGAIN_MS);
  for (const id of await withoutJob(redis, queue, due)) {
    await restoreJob(parts, id, now, log).catch((error: Error) =>
      log.error({ lane: lane.name, transfer: id, detail: error.message }, 'job.not-restored'),
    );
  }
}

async function restoreJob({ store, queue, lane }: LaneParts, id: string, now: number, log: Logger) {
  const found = await store.get(id);
  if (found === undefined || isOutcome(found.record.status) || found.record.parked) return;
  await renewJob(queue, found.record, now);
  log.warn({ lane: lane.name, transfer: id }, 'job.restored');
}

async function expireOne({ store, journal, queue, meter, lane }: LaneParts, id: string, log: Logger) {
  const actor: Actor = { type: 'system', name: SWEEP };
  const expiry = await expire(journal, id, actor);
  if (!expiry.expired) {
    // Not yet due is a rounding of the clock; anything else is a worker's business, or done.
    if (expiry.why !== 'not-due') await store.leaveToWorker(id);
    return;
  }
  const request = (await store.get(id))?.record.request;
  if (request != null)
    meter.ended({
      outcome: { status: 'expired' },
      facts: expiry.facts,
      transferType: request.transferType,
      targetType: request.target.type,
    });
  log.info({ lane: lane.name, transfer: id, outcome: 'expired' }, 'transfer.expired');
  // A worker that holds the job right now finds the outcome by itself.
  await queue.remove(id).catch(() => undefined);
}
