import {
  CALLBACK_GAPS,
  type CallbackGaps,
  type CallbackReport,
  createReceiver,
  type DeliverPorts,
  deliverDue,
  type Receiver,
  type ReceiverOptions,
  type ReceiverSettings,
} from '@handover/core/callbacks';
import type { CallbackMeter } from '@handover/core/metrics';
import {
  bullConnection,
  CALLBACK_QUEUE,
  CallbackJob,
  closeWorker,
  createAsleep,
  createCallbackStore,
  createHoldOff,
  giveReceiversJobs,
  type HoldOffOptions,
  type Lane,
  laneKeys,
  openCallbackQueue,
  type RedisClient,
  type RedisClock,
} from '@handover/core/redis';
import { traceIdOf } from '@handover/core/tracing';
import { type Callback, transferOfCallback } from '@handover/core/transfer';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { jobFields, logErrors, loggingThrown } from '../job-log.ts';
import { URGENT_LOCKS } from '../locks.ts';
import type { QueueWorker } from '../queue-action.ts';

export type CallbackOptions = {
  redis: RedisClient;
  clock: RedisClock;
  prefix: string;
  lane: Lane;
  receivers: readonly ReceiverSettings[];
  meter: CallbackMeter;
  log: Logger;
  /** Aborted when the grace period of a shutdown is over. */
  signal: AbortSignal;
  /** Other times and another resolver, for tests. */
  pace?: { gaps: CallbackGaps; holdOff: HoldOffOptions } | undefined;
  request?: Pick<ReceiverOptions, 'timeoutMs' | 'resolve'> | undefined;
  locks?: typeof URGENT_LOCKS | undefined;
};

const PACE = {
  gaps: CALLBACK_GAPS,
  holdOff: { longestMs: 60_000, longestToldMs: CALLBACK_GAPS.longestToldMs },
};

/**
 * Sends callbacks to their receivers (docs/callbacks.md). A job is a round for one receiver, so one that hangs or fails delays no
 * other; its lock keeps a second worker from the same receiver.
 */
export function startCallbacks(options: CallbackOptions) {
  const { redis, clock, prefix, lane, receivers, log, signal, request = {}, locks = URGENT_LOCKS } = options;
  const queue = openCallbackQueue(redis, prefix).on('error', logErrors(redis, log, CALLBACK_QUEUE));
  const open = new Map(
    receivers.map((one) => [one.key, createReceiver(one, { now: clock.now, ...request })]),
  );
  const closing = new AbortController();
  const portsOf = createPorts(options, () => closing.signal.aborted || signal.aborted);

  async function runRound(job: Job<unknown>) {
    const parsed = CallbackJob.safeParse(job.data);
    if (!parsed.success) {
      const reason = 'the payload cannot be read';
      log.error({ ...jobFields(CALLBACK_QUEUE, job.id), reason }, 'job.unreadable');
      throw new UnrecoverableError(reason);
    }
    const receiver = open.get(parsed.data.key);
    // Another worker has it in its configuration, and the sweep adds the job again.
    if (receiver === undefined) return { ended: 'not configured here' };
    return deliverDue(portsOf(receiver));
  }

  const worker = new Worker(CALLBACK_QUEUE, loggingThrown(log, CALLBACK_QUEUE, runRound), {
    ...bullConnection(redis),
    prefix,
    concurrency: Math.max(1, receivers.length),
    ...locks,
  }).on('error', logErrors(redis, log, CALLBACK_QUEUE));
  const names = receivers.map(({ key }) => key);
  return {
    tended: {
      worker,
      asleep: createAsleep(redis, clock, lane, CALLBACK_QUEUE),
      lacking: {
        keys: names.map((key) => laneKeys(lane).callbacks(key)),
        give: (now: number) => giveReceiversJobs(redis, queue, lane, { now, receivers: names }),
      },
    } satisfies QueueWorker,
    async close(): Promise<void> {
      closing.abort();
      await closeWorker(worker, signal);
      await queue.close();
      for (const receiver of open.values()) receiver.close();
    },
  };
}

/** What a round needs; it counts and logs each try. */
function createPorts(
  { redis, lane, clock, meter, log, signal, pace = PACE }: CallbackOptions,
  stopping: () => boolean,
): (receiver: Receiver) => DeliverPorts {
  const store = createCallbackStore(redis, lane);
  const keys = laneKeys(lane);
  return (receiver) => {
    const { key } = receiver;
    const of = ({ id, type, tried }: Callback) => ({
      ...{ callback: id, transfer: transferOfCallback(id), type, key, tries: tried },
    });

    function onTried({ callback, record, answer, inMs }: CallbackReport): void {
      const reason = answer.is === 'delivered' ? undefined : answer.why;
      const { callId: call } = record.request ?? {};
      const line = {
        ...of(callback),
        ...{ call, traceId: traceIdOf(record.traceparent), state: callback.state, status: answer.status },
        ...{ ms: answer.ms, reason, inMs },
      };
      meter.tried(answer);
      if (callback.state !== 'waiting') meter.ended(callback);
      if (answer.is === 'delivered') log.info(line, 'callback.tried');
      else log.warn(line, 'callback.tried');
    }

    return {
      ...{ store, receiver, now: clock.now, gaps: pace.gaps, random: Math.random, onTried, stopping, signal },
      holdOff: createHoldOff(redis, keys.callbacksHoldOff(key), pace.holdOff),
      onExpired(callback) {
        meter.ended(callback);
        log.warn({ ...of(callback), reason: callback.why }, 'callback.given-up');
      },
      onTurn(turn) {
        if (turn.is === 'back') log.info({ key, ms: turn.forMs }, 'callback.receiver-back');
        else log.warn({ key, reason: turn.why }, 'callback.receiver-failing');
      },
    };
  };
}
