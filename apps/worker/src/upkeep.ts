import { type RedisClient, renewJob, withoutJob } from '@handover/core/queue';
import { traceIdOf } from '@handover/core/tracing';
import { type Actor, expire, isOutcome } from '@handover/core/transfer';
import type { Logger } from 'pino';
import type { LaneParts } from './transfers.ts';

const EVERY_MS = 1_000;
const BATCH = 500;
const DEAD_BATCH = 50;
const LOOK_AGAIN_MS = 60_000;

export type UpkeepOptions = { redis: RedisClient; prefix: string; lanes: LaneParts[]; log: Logger };

/**
 * The scheduled sweep, one run a second however many workers: expires what is due even while the queue is held, and
 * adds the job of any open record that has none (docs/rules.md). Every worker offers to do it; by Redis' clock one does.
 */
export function startUpkeep({ redis, prefix, lanes, log }: UpkeepOptions) {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= takeTurn().finally(() => {
      running = undefined;
    });
  }, EVERY_MS);

  async function takeTurn(): Promise<void> {
    try {
      const mine = await redis.set(`${prefix}:sweep-turn`, '1', 'PX', EVERY_MS - 100, 'NX');
      if (mine === null) return;
    } catch (error) {
      log.warn({ detail: messageOf(error) }, 'sweep.failed');
      return;
    }
    for (const parts of lanes) await sweep(redis, parts, log);
  }

  return {
    async close(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
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
      await guarded('restore', id, () => restoreJob(parts, id, now, log));
    await store.forgetDead(DEAD_BATCH);
  });
}

async function restoreJob({ store, queue, lane }: LaneParts, id: string, now: number, log: Logger) {
  const found = await store.get(id);
  if (found === undefined || isOutcome(found.record.status) || found.record.parked) return;
  await renewJob(queue, found.record, now);
  const traceId = traceIdOf(found.record.traceparent);
  log.warn({ lane: lane.name, transfer: id, traceId }, 'job.restored');
}

async function expireOne({ store, journal, queue, meter, lane }: LaneParts, id: string, log: Logger) {
  const actor: Actor = { type: 'system', name: 'sweep' };
  const expiry = await expire(journal, id, actor);
  if (!expiry.expired) {
    // Not yet due is a rounding of the clock; anything else is a worker's business, or done.
    if (expiry.why !== 'not-due') await store.leaveToWorker(id);
    return;
  }
  const record = (await store.get(id))?.record;
  const request = record?.request;
  if (request != null)
    meter.ended({
      outcome: { status: 'expired' },
      facts: expiry.facts,
      transferType: request.transferType,
      targetType: request.target.type,
    });
  const traceId = traceIdOf(record?.traceparent);
  log.info({ lane: lane.name, transfer: id, traceId, outcome: 'expired' }, 'transfer.expired');
  // A worker that holds the job right now finds the outcome by itself.
  await queue.remove(id).catch(() => undefined);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
