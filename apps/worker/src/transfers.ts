import { createGenesys, type Genesys } from '@handover/core/genesys';
import type { Meter } from '@handover/core/metrics';
import {
  bullConnection,
  createAnswerTally,
  createCounters,
  createIndexUpkeep,
  createRecordStore,
  createTransferStore,
  createWakes,
  type IndexUpkeep,
  type Lane,
  openTransferQueue,
  type Progress,
  type RecordStoreOptions,
  type RedisClient,
  type ReplicatedWriter,
  TransferJob,
  type TransferJobResult,
  type TransferQueue,
  type TransferStore,
} from '@handover/core/redis';
import { type Tracing, traceIdOf } from '@handover/core/tracing';
import {
  type Actor,
  type AttemptReport,
  actorLabel,
  attempt,
  type Policy,
  type RecordStore,
  type Wakes,
} from '@handover/core/transfer';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { jobFields, logErrors, loggingThrown } from './job-log.ts';
import { NO_LIMIT, URGENT_LOCKS } from './locks.ts';
import { queueAction } from './queue-action.ts';

export type LaneParts = {
  lane: Lane;
  records: RecordStore;
  store: TransferStore;
  indexes: IndexUpkeep;
  counters: ReturnType<typeof createCounters>;
  queue: TransferQueue;
  wakes: Wakes;
  meter: Meter;
  genesys: Genesys;
  answers: ReturnType<typeof createAnswerTally>;
  policy: Policy;
};

export type LaneOptions = {
  redis: RedisClient;
  lane: Lane;
  meter: Meter;
  policy: Policy;
  retentionMs: number;
  isBilled: boolean;
  /** The API keys whose upstreams are told; absent if none is. */
  callbacks?: RecordStoreOptions['callbacks'];
  keepsHistory?: boolean;
  log: Logger;
  tracing?: Tracing | undefined;
  /** How an intent gets to the replicas; absent where it needs none. */
  replicated?: ReplicatedWriter | undefined;
  progress: Progress;
  genesys: Omit<Parameters<typeof createGenesys>[0], 'redis' | 'lane' | 'onRequest'>;
};

/** The parts of a lane; `closeLane` closes them. */
export function openLane(options: LaneOptions): LaneParts {
  const { redis, lane, meter, policy, retentionMs, isBilled, callbacks } = options;
  const { genesys, log, tracing, replicated, progress } = options;
  const queue = openTransferQueue(redis, lane).on('error', logErrors(redis, log, lane.queue));
  const answers = createAnswerTally(redis, lane);
  const onRequest = requestedBy(meter, answers, tracing);
  const opened = createGenesys({ ...genesys, redis, lane, onRequest });
  return {
    lane,
    meter,
    policy,
    records: createRecordStore(redis, lane, {
      retentionMs,
      isBilled,
      callbacks,
      keepsHistory: options.keepsHistory,
      budget: genesys.budget,
      costs: opened.transfers.costs,
      replicated,
      progress,
    }),
    store: createTransferStore(redis, lane, {
      deadlineMs: policy.deadlineMs,
      progress,
      keepsHistory: options.keepsHistory,
    }),
    indexes: createIndexUpkeep(redis, lane, { retentionMs }),
    counters: createCounters(redis, lane),
    queue,
    wakes: createWakes(redis, queue),
    genesys: opened,
    answers,
  };
}

function requestedBy(
  meter: Meter,
  answers: LaneParts['answers'],
  tracing: Tracing | undefined,
): Parameters<typeof createGenesys>[0]['onRequest'] {
  return (note, sent) => {
    meter.requested(note);
    answers.count(note);
    tracing?.requested(note, sent);
  };
}

export async function closeLane({ queue, genesys, answers }: LaneParts): Promise<void> {
  await answers.close();
  await queue.close();
  genesys.close();
}

export type TransferWorkerOptions = {
  redis: RedisClient;
  parts: LaneParts;
  actor: Actor & { type: 'worker' };
  concurrency: number;
  retentionMs: number;
  log: Logger;
  tracing?: Tracing | undefined;
  /** Aborted when the grace period of a shutdown is over: what was not sent returns to the queue. */
  signal: AbortSignal;
};

/** Processes the jobs of a lane: runs an attempt over each transfer, and then does with the job what the attempt returns. */
export function startTransferWorker(options: TransferWorkerOptions): Worker {
  const { redis, parts, actor, log, signal, tracing } = options;
  const { records, genesys, policy, meter, queue, lane } = parts;
  const logReport = createAttemptLog(log.child({ actor: actorLabel(actor) }));

  async function process(job: Job<unknown, TransferJobResult>, token = ''): Promise<TransferJobResult> {
    const id = job.id ?? '';
    const parsed = TransferJob.safeParse(job.data);
    const traceparent = parsed.data?.traceparent;
    const work = async (span: string | undefined) => {
      const ports = { records, platform: genesys.transfers, policy, random: Math.random, signal };
      const report = await attempt({ id, actor, ...ports });
      meter.attempted(report);
      logReport(report, { lane: lane.name, traceId: traceIdOf(span ?? traceparent) });
      return report;
    };
    const { next } = await (tracing === undefined
      ? work(undefined)
      : tracing.attempt({ transfer: id, queue: lane.queue, worker: actor.name, traceparent }, work));
    // The job only wakes a worker: its payload matters only without a record of that id.
    if (next.do === 'nothing' && next.why === 'unknown' && parsed.data?.id !== id)
      return refuseJob(options, id, parsed);
    return queueAction(next, job, token, queue);
  }

  return new Worker(lane.queue, loggingThrown(log, lane.queue, process), {
    ...bullConnection(redis),
    prefix: lane.prefix,
    name: actor.name,
    concurrency: options.concurrency,
    limiter: NO_LIMIT,
    ...URGENT_LOCKS,
  }).on('error', logErrors(redis, log, lane.queue));
}

/** Turns an unreadable job without a record into a dead letter with the reason. */
async function refuseJob(
  { parts, actor, retentionMs, log }: TransferWorkerOptions,
  id: string,
  { error }: ReturnType<typeof TransferJob.safeParse>,
): Promise<never> {
  const issues = error?.issues.map(({ message }) => message).join('; ') ?? 'names another transfer';
  const detail = `its payload cannot be read: ${issues}`;
  const at = await parts.store.recordUnreadable(id, detail, actor, retentionMs);
  const outcome = { status: 'failed', reason: 'unreadable-job', detail } as const;
  parts.meter.ended({ outcome, facts: { acceptedAt: at, settledAt: at } });
  log.error({ ...jobFields(parts.lane.queue, id), reason: detail }, 'job.unreadable');
  throw new UnrecoverableError(`unreadable job: ${detail}`);
}

/** Genesys' ids of the requests that it refused, for its support; `undefined` if there are none. */
function refusedIds(requests: AttemptReport['requests']): string[] | undefined {
  const refused = requests.filter(({ status }) => status !== null && status >= 300);
  const ids = refused.flatMap(({ correlationId }) => correlationId ?? []);
  return ids.length === 0 ? undefined : ids;
}

type AttemptNames = { lane: string; traceId: string | undefined };

/** How long the next transfers that are held back for the same reason are only counted, in ms. */
const SAME_HOLD_MS = 10_000;

/**
 * Logs one line per attempt, but those that only wait for a hold-off or the budget share one: an outage would write thousands.
 */
function createAttemptLog(log: Logger) {
  let last = { reason: '', at: Number.NEGATIVE_INFINITY, counted: 0 };
  return (report: AttemptReport, about: AttemptNames): void => {
    const { next, requests, retries, rule = '' } = report;
    const isHeld = next.do === 'hold' || (next.do === 'sleep' && retries.includes('hold-off'));
    if (!isHeld || requests.length > 0) {
      logAttempt(log, report, about);
      return;
    }
    last.counted += 1;
    const at = performance.now();
    if (rule === last.reason && at - last.at < SAME_HOLD_MS) return;
    const { lane } = about;
    log.info({ lane, reason: rule, transfers: last.counted, inMs: next.inMs }, 'transfers.held');
    last = { reason: rule, at, counted: 0 };
  };
}

/** Server errors are logged as errors, since alerts depend on them. */
function logAttempt(log: Logger, report: AttemptReport, about: AttemptNames): void {
  const { id, callId, next, requests, retries, ...rest } = report;
  const outcome = next.do === 'done' ? next.outcome : undefined;
  const line = {
    ...about,
    transfer: id,
    call: callId,
    ...rest,
    requests: requests.length,
    requestMs: requests.reduce((sum, { ms }) => sum + ms, 0),
    statuses: requests.map(({ operation, status }) => `${operation} ${status ?? 'none'}`),
    refusedIds: refusedIds(requests),
    retries,
    next: next.do,
    outcome: outcome?.status,
    reason: next.do === 'nothing' ? next.why : outcome?.reason,
    detail: outcome?.detail,
    inMs: 'inMs' in next ? next.inMs : undefined,
  };
  const troubled =
    next.do === 'contradicted' ||
    retries.some((reason) => reason === 'server-error' || reason === 'no-answer');
  if (troubled || outcome?.status === 'failed' || next.do === 'park') log.error(line, 'transfer.attempted');
  else log.info(line, 'transfer.attempted');
}
