import type { Meter } from '@handover/core/metrics';
import {
  bullConnection,
  closeWorker,
  createAsleep,
  createFollowUpStore,
  FOLLOW_UP_QUEUE,
  FollowUpJob,
  type FollowUpQueue,
  giveFollowUpsJobs,
  type Lane,
  laneKeys,
  openFollowUpQueue,
  type RedisClient,
  type RedisClock,
} from '@handover/core/redis';
import {
  type Dialect,
  FOLLOW_UP_GAPS,
  type FollowUpReport,
  followUp,
  type Room,
  transferOf,
} from '@handover/core/transfer';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { jobFields, logErrors, loggingThrown } from '../job-log.ts';
import { PATIENT_LOCKS } from '../locks.ts';
import { type QueueWorker, sleepNoted, tryAgain } from '../queue-action.ts';

/** Concurrent follow-ups per process: they are not urgent and share the budget with transfers. */
const CONCURRENCY = 5;
const BATCH = 500;
const LOOK_AGAIN_MS = 60_000;

export type FollowUpOptions = {
  redis: RedisClient;
  clock: RedisClock;
  prefix: string;
  lane: Lane;
  platform: Pick<Dialect, 'followUp'>;
  room: Room;
  meter: Pick<Meter, 'followedUp'>;
  log: Logger;
  /** Aborted when the grace period of a shutdown is over. */
  signal: AbortSignal;
};

/**
 * Runs the follow-ups of this lane's transfers (docs/rules.md). The lock of a job prevents two workers from trying the same one.
 */
export function startFollowUps(options: FollowUpOptions) {
  const { redis, clock, prefix, lane, log, signal } = options;
  const queue = openFollowUpQueue(redis, prefix).on('error', logErrors(redis, log, FOLLOW_UP_QUEUE));
  const asleep = createAsleep(redis, clock, lane, FOLLOW_UP_QUEUE);
  const tryOnce = createTry(options);

  async function process(job: Job<unknown>, token: string) {
    const parsed = FollowUpJob.safeParse(job.data);
    if (!parsed.success) {
      const reason = parsed.error.issues.map(({ message }) => message).join('; ');
      log.error({ ...jobFields(FOLLOW_UP_QUEUE, job.id), reason }, 'job.unreadable');
      throw new UnrecoverableError('the payload cannot be read');
    }
    const next = await tryOnce(parsed.data.id);
    if (next.do === 'sleep') return sleepNoted(asleep, job, token, next.inMs);
    return { end: next.do === 'done' ? next.end : 'nothing', why: next.why };
  }

  const runLogged = loggingThrown(log, FOLLOW_UP_QUEUE, (job: Job<unknown>, token = '') =>
    process(job, token),
  );
  const worker = new Worker(
    FOLLOW_UP_QUEUE,
    (job, token = '') => runLogged(job, token).catch((error) => tryAgain(error, { asleep, job, token })),
    { ...bullConnection(redis), prefix, concurrency: CONCURRENCY, ...PATIENT_LOCKS },
  ).on('error', logErrors(redis, log, FOLLOW_UP_QUEUE));
  return {
    tended: { worker, asleep, lacking: lackingIn(redis, queue, lane) } satisfies QueueWorker,
    async close(): Promise<void> {
      await closeWorker(worker, signal);
      await queue.close();
    },
  };
}

/** Lets the sweep add the missing jobs of due follow-ups. */
function lackingIn(
  redis: RedisClient,
  queue: FollowUpQueue,
  lane: Lane,
): NonNullable<QueueWorker['lacking']> {
  const give = async (now: number) => {
    await giveFollowUpsJobs(redis, queue, lane, { now, limit: BATCH, againMs: LOOK_AGAIN_MS });
  };
  return { keys: [laneKeys(lane).followUps], give };
}

/** Tries a follow-up once, counts it and logs it. */
function createTry({ redis, lane, platform, room, meter, log, signal }: FollowUpOptions) {
  const store = createFollowUpStore(redis, lane);
  return async (id: string): Promise<FollowUpReport['next']> => {
    const ports = { store, platform, room, gaps: FOLLOW_UP_GAPS, random: Math.random, signal };
    const { next, followUp: one, call, requests } = await followUp(ports, id);
    const line = {
      ...{ followUp: id, transfer: transferOf(id), call, kind: one?.kind, tries: one?.tries, next: next.do },
      ...{ end: next.do === 'done' ? next.end : undefined, reason: next.why, requests: requests.length },
    };
    if (next.do === 'done' && one !== undefined) meter.followedUp(one.kind, next.end);
    if (next.do === 'done' && next.end === 'gave-up') log.warn(line, 'follow-up.tried');
    else log.info(line, 'follow-up.tried');
    return next;
  };
}
