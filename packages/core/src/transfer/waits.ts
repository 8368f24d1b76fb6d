import { mayBeForgotten, whyMoved } from './forgotten.ts';
import type { Next } from './next.ts';
import { retryDelayMs, unconfirmedGapMs } from './policy.ts';
import type { Deferral } from './record-steps.ts';
import type { Run } from './run.ts';
import { consultUnderWay } from './steps.ts';
import type { Intent, WaitReason } from './words.ts';

/** How a run waits: each function records why, stores it, and returns what the queue does next with the job. */

const SHORTEST_STALE_GAP_MS = 250;
const NOTHING_SENT_DELAY_MS = 500;
const MOST_DOUBLINGS = 6;
const RECOVERY_LOOK_MS = 1_000;
/** The rule of the budget's script (pace/budget.lua). */
const BUDGET_RULE = 'budget used up';

/** Sleeps until a reading can prove the result of the latest request. */
export async function awaitProof(run: Run, rule: string): Promise<Next> {
  const { settleWindowMs, readLagMs } = run.compared;
  const provenAt = Math.max(...run.doubts.map((intent) => intent.at + settleWindowMs + readLagMs));
  run.retries.push('unconfirmed');
  return sleep(run, Math.max(provenAt, run.now()), rule);
}

/**
 * The platform accepted the request: the transfer is unconfirmed until a reading or an event shows the result. However long
 * earlier sendings took, this one is looked for until a reading can prove its result.
 */
export async function accepted(run: Run, intent: Intent, rule: string): Promise<Next> {
  const { record } = run;
  run.replaceIntents([{ ...intent, state: 'accepted' }]);
  const { gapsMs } = run.ports.platform.timing.confirm;
  if (record.unconfirmedSince === 0) record.unconfirmedSince = run.now();
  const provenAt = intent.at + run.compared.settleWindowMs + run.compared.readLagMs;
  const isBefore = run.now() < provenAt;
  if (!isBefore && run.unconfirmedTooLong) return park(run, rule);
  const gap = gapsMs[Math.min(record.unconfirmedReads, gapsMs.length - 1)] ?? gapsMs[0];
  record.unconfirmedReads += 1;
  run.retries.push('unconfirmed');
  const next = isBefore ? Math.min(run.now() + gap, provenAt) : run.now() + gap;
  return sleep(run, next, rule, 'confirmation');
}

/**
 * Between two steps: checks again by the dialect's plan, or `now` if something must be sent; finally leaves it to an operator.
 */
export async function consulting(
  run: Run,
  start: Intent,
  rule: string,
  when: 'now' | 'by-plan' = 'by-plan',
): Promise<Next> {
  const { record, consults, ports } = run;
  const { gapsMs, longestMs } = consults.plan;
  const [now, answerBy] = [run.now(), start.at + longestMs];
  if (now >= answerBy + ports.policy.unconfirmedMaxMs) return park(run, rule);
  if (when === 'now') return sleep(run, now, rule);
  const gap = gapsMs[Math.min(record.unconfirmedReads, gapsMs.length - 1)] ?? gapsMs[0];
  record.unconfirmedReads += 1;
  return sleep(run, now < answerBy ? Math.min(now + gap, answerBy) : now + gap, rule);
}

/** An inconclusive reading: read again at growing gaps, finally leave it to an operator. */
export async function readAgainLater(run: Run, rule: string): Promise<Next> {
  const { record } = run;
  const { policy, random } = run.ports;
  if (record.unconfirmedSince === 0) record.unconfirmedSince = run.now();
  if (run.unconfirmedTooLong) return park(run, rule);
  const lastRead = record.unconfirmedSince + policy.unconfirmedMaxMs;
  const gap = unconfirmedGapMs(policy, record.unconfirmedReads, random());
  record.unconfirmedReads += 1;
  run.retries.push('unconfirmed');
  return sleep(run, Math.min(run.now() + gap, lastRead), rule);
}

/**
 * The reading was older than our refusal: read again after as much time as has passed since sending. A conflict counted for it in
 * this run is taken back.
 */
export async function readStaleAgain(
  run: Run,
  { at }: Intent,
  provenAt: number,
  rule: string,
): Promise<Next> {
  if (run.conflicts > 0) {
    run.conflicts -= 1;
    run.record.conflicts -= 1;
  }
  const now = run.now();
  const gapMs = Math.max(now - at, SHORTEST_STALE_GAP_MS);
  run.retries.push('stale-reading');
  return sleep(run, Math.max(Math.min(now + gapMs, provenAt), now), rule);
}

/** The reading may be older than a refusal; one started at `at` is conclusive. */
export async function readAfterLag(run: Run, at: number, rule: string): Promise<Next> {
  run.retries.push('stale-reading');
  return sleep(run, Math.max(at, run.now()), rule);
}

/** Why a transfer has to wait, until then. `operation`: only this one is held off, so other transfers go on. */
export type Holding = { until: number; rule: string; operation?: string | undefined };

/** Hold-off: the job returns to the queue without consuming an attempt. */
export async function holdOff(run: Run, { until, rule, operation }: Holding): Promise<Next> {
  run.retries.push('hold-off');
  const what = operation === undefined ? '' : ` of ${operation}`;
  run.story.tell({
    step: 'waiting',
    rule,
    decided: `hold off${what} until ${new Date(until).toISOString()}`,
  });
  const waitsFor = rule === BUDGET_RULE ? 'budget' : 'hold-off';
  const status = waitingStatus(run, 'delayed');
  const stored = await defer(run, { nextAt: until, refund: true, status, waitsFor });
  const inMs = Math.max(0, until - run.now());
  return stored ?? { do: operation === undefined ? 'hold' : 'sleep', until, inMs };
}

/** This worker stops before anything was sent: another one continues the transfer. */
export async function handBack(run: Run, rule: string): Promise<Next> {
  run.story.tell({ step: 'waiting', rule, decided: 'returned to the queue' });
  const stored = await defer(run, { nextAt: 0, refund: true, status: waitingStatus(run, 'queued') });
  return stored ?? { do: 'hand-back' };
}

/** An internal error before anything was sent: retried soon, and not counted as a platform error. */
export async function nothingSent(run: Run, rule: string): Promise<Next> {
  const { policy, random } = run.ports;
  const delayMs = NOTHING_SENT_DELAY_MS * 2 ** Math.min(run.record.attempts - 1, MOST_DOUBLINGS);
  return sleep(run, run.now() + Math.min(delayMs, retryDelayMs(policy, 1, random())), rule);
}

/**
 * Redis may have lost the record that this transfer moved the call: neither sends nor settles without an event or an operator.
 * Waits briefly while it is unknown whether data was lost. `undefined`: nothing prevents going on.
 */
export async function holdWhatMayBeMoved(run: Run): Promise<Next | undefined> {
  const { record, ports } = run;
  if (record.recovery === null || !mayBeForgotten(record, ports.policy)) return undefined;
  const why = whyMoved(record, run.callSeen);
  if (why === undefined) return undefined;
  if (record.recovery.unsure)
    return sleep(run, run.now() + RECOVERY_LOOK_MS, `${why}, and Redis may have lost data`, 'proof');
  record.held = { from: record.recovery.since - ports.policy.recoveryMs };
  return park(run, `${why}, and Redis may have lost the record of a move`);
}

/** Stays unconfirmed and waits for an operator or an event. */
export async function park(run: Run, rule: string): Promise<Next> {
  run.story.tell({ step: 'parked', rule, decided: 'listed with the dead letters; the call is released' });
  const stored = await defer(run, { nextAt: 0, refund: false, status: 'unconfirmed', parked: true });
  return stored ?? { do: 'park' };
}

/** Waits until then, but not less than `Retry-After`. */
export async function sleep(run: Run, at: number, rule: string, waitsFor = waitReason(run)): Promise<Next> {
  const until = Math.max(at, run.askAgainAt);
  const status = waitingStatus(run, 'delayed');
  run.story.tell({ step: 'waiting', rule, decided: `${status} until ${new Date(until).toISOString()}` });
  const stored = await defer(run, { nextAt: until, refund: false, status, waitsFor });
  return stored ?? { do: 'sleep', until, inMs: Math.max(0, until - run.now()) };
}

/** A waiting transfer is `unconfirmed` while an effect may have happened, `consulting` between two steps. */
function waitingStatus(run: Run, otherwise: 'queued' | 'delayed'): Deferral['status'] {
  if (run.doubts.length > 0) return 'unconfirmed';
  return consultUnderWay(run.record.intents) === undefined ? otherwise : 'consulting';
}

/** Unless the caller knows better: a proof while an effect may have happened, the consult between two steps, else the next try. */
function waitReason(run: Run): WaitReason {
  if (run.doubts.length > 0) return 'proof';
  return consultUnderWay(run.record.intents) === undefined ? 'retry' : 'consult';
}

async function defer(
  run: Run,
  how: Pick<Deferral, 'nextAt' | 'refund' | 'status' | 'waitsFor'> & { parked?: true },
): Promise<Next | undefined> {
  const { record } = run;
  if (run.doubts.length === 0) record.unconfirmedSince = 0;
  else if (record.unconfirmedSince === 0) record.unconfirmedSince = run.now();
  const stored = await run.ports.records.defer(
    record.id,
    record.epoch,
    {
      parked: false,
      ...how,
      intents: record.intents,
      verdict: record.verdict,
      serverErrors: record.serverErrors,
      conflicts: record.conflicts,
      unconfirmedReads: record.unconfirmedReads,
      unconfirmedSince: record.unconfirmedSince,
      held: record.held ?? undefined,
      storedEntries: run.story.stored,
    },
    run.story.takeEntries(),
  );
  return stored === 'stale' ? { do: 'nothing', why: 'settled or taken over meanwhile' } : undefined;
}
