import { mayBeForgotten, whyMoved } from './forgotten.ts';
import type { Next } from './next.ts';
import { retryDelayMs, unconfirmedGapMs } from './policy.ts';
import type { Deferral } from './record-steps.ts';
import type { Run } from './run.ts';
import { consultUnderWay } from './steps.ts';
import type { Intent } from './words.ts';

/** The ways in which a run may wait: each tells why, stores it, and says what the queue does next with the job. */

const SHORTEST_STALE_GAP_MS = 250;
const NOTHING_SENT_DELAY_MS = 500;
const MOST_DOUBLINGS = 6;
const RECOVERY_LOOK_MS = 1_000;

/** Sleeps until a reading can prove what became of the latest sending. */
export async function awaitProof(run: Run, rule: string): Promise<Next> {
  const { settleWindowMs, readLagMs } = run.compared;
  const provenAt = Math.max(...run.doubts.map((intent) => intent.at + settleWindowMs + readLagMs));
  run.retries.push('unconfirmed');
  return sleep(run, Math.max(provenAt, run.now()), rule);
}

/** The platform has taken it: the transfer is unconfirmed until a reading or an event shows how that ends. */
export async function accepted(run: Run, intent: Intent, rule: string): Promise<Next> {
  const { record } = run;
  run.replaceIntents([{ ...intent, state: 'accepted' }]);
  const { gapsMs } = run.ports.platform.timing.confirm;
  if (record.unconfirmedSince === 0) record.unconfirmedSince = run.now();
  if (run.unconfirmedTooLong) return park(run, rule);
  const gap = gapsMs[Math.min(record.unconfirmedReads, gapsMs.length - 1)] ?? gapsMs[0];
  record.unconfirmedReads += 1;
  run.retries.push('unconfirmed');
  const { at } = intent;
  const provenAt = at + run.compared.settleWindowMs + run.compared.readLagMs;
  const isBefore = run.now() < provenAt;
  return sleep(run, isBefore ? Math.min(run.now() + gap, provenAt) : run.now() + gap, rule);
}

/**
 * Between two steps: looks again by the dialect's plan, `now` where something is to be sent; at last leaves it to a person.
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

/** A reading that proved nothing: read again at growing gaps, at last leave it to a person. */
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
 * The reading was older than a refusal of ours: read again once as much time has passed again as since the sending. A
 * conflict of this run that it was taken for burns none.
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

/** The reading may be older than a refusal: one that is begun at `at` tells. */
export async function readAfterLag(run: Run, at: number, rule: string): Promise<Next> {
  run.retries.push('stale-reading');
  return sleep(run, Math.max(at, run.now()), rule);
}

/** Everybody holds off: the job goes back to the queue and burns no attempt. */
export async function holdOff(run: Run, until: number, rule: string): Promise<Next> {
  run.retries.push('hold-off');
  run.story.tell({ step: 'waiting', rule, decided: `hold off until ${new Date(until).toISOString()}` });
  const stored = await defer(run, { nextAt: until, refund: true, status: waitingStatus(run, 'delayed') });
  return stored ?? { do: 'hold', until, inMs: Math.max(0, until - run.now()) };
}

/** This worker stops before anything was sent: another one takes the transfer up. */
export async function handBack(run: Run, rule: string): Promise<Next> {
  run.story.tell({ step: 'waiting', rule, decided: 'returned to the queue' });
  const stored = await defer(run, { nextAt: 0, refund: true, status: waitingStatus(run, 'queued') });
  return stored ?? { do: 'hand-back' };
}

/** Something of ours broke before anything was sent: soon tried again, and not counted as trouble of the platform. */
export async function nothingSent(run: Run, rule: string): Promise<Next> {
  const { policy, random } = run.ports;
  const delayMs = NOTHING_SENT_DELAY_MS * 2 ** Math.min(run.record.attempts - 1, MOST_DOUBLINGS);
  return sleep(run, run.now() + Math.min(delayMs, retryDelayMs(policy, 1, random())), rule);
}

/**
 * Redis may have forgotten that this very move was made: nothing is sent, and no end is told, without an event's or a
 * person's word. Whether it has forgotten anything may be known in a moment. `undefined`: nothing speaks against going on.
 */
export async function holdWhatMayBeMoved(run: Run): Promise<Next | undefined> {
  const { record, ports } = run;
  if (record.recovery === null || !mayBeForgotten(record, ports.policy)) return undefined;
  const why = whyMoved(record, run.callSeen);
  if (why === undefined) return undefined;
  if (record.recovery.unsure)
    return sleep(run, run.now() + RECOVERY_LOOK_MS, `${why}, and Redis may have lost data`);
  record.held = { from: record.recovery.since - ports.policy.recoveryMs };
  return park(run, `${why}, and Redis may have lost the record of a move`);
}

/** Stays unconfirmed and waits for a person or an event. */
export async function park(run: Run, rule: string): Promise<Next> {
  run.story.tell({ step: 'parked', rule, decided: 'listed with the dead letters; the call is released' });
  const stored = await defer(run, { nextAt: 0, refund: false, status: 'unconfirmed', parked: true });
  return stored ?? { do: 'park' };
}

/** Waits until then; not before the other side may be asked again. */
export async function sleep(run: Run, at: number, rule: string): Promise<Next> {
  const until = Math.max(at, run.askAgainAt);
  const status = waitingStatus(run, 'delayed');
  run.story.tell({ step: 'waiting', rule, decided: `${status} until ${new Date(until).toISOString()}` });
  const stored = await defer(run, { nextAt: until, refund: false, status });
  return stored ?? { do: 'sleep', until, inMs: Math.max(0, until - run.now()) };
}

/**
 * "Unconfirmed" is what a waiting transfer is called for as long as something sent may have happened, "consulting" between two
 * steps.
 */
function waitingStatus(run: Run, otherwise: 'queued' | 'delayed'): Deferral['status'] {
  if (run.doubts.length > 0) return 'unconfirmed';
  return consultUnderWay(run.record.intents) === undefined ? otherwise : 'consulting';
}

async function defer(
  run: Run,
  how: Pick<Deferral, 'nextAt' | 'refund' | 'status'> & { parked?: true },
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
