import { type Comparison, compare } from './compare.ts';
import { carriedOut, negative } from './ends.ts';
import { callWords, type SeenCall } from './evidence.ts';
import { closed } from './intents.ts';
import type { Next } from './next.ts';
import type { Run } from './run.ts';
import { consultUnderWay } from './steps.ts';
import { accepted, handBack, holdOff, park, readAfterLag, readAgainLater, readStaleAgain } from './waits.ts';

/** Compares the intents with a reading, and records the result in the timeline. */
export function compareAndTell(run: Run, seen: SeenCall): Comparison {
  const { intents } = run.record;
  const comparison = compare(run.record, seen.call, seen.readAt, run.compared);
  if (intents.length > 0)
    run.story.tell({ step: 'compared', rule: comparison.rule, decided: comparison.found });
  return comparison;
}

/** Acts on a comparison; `undefined`: nothing prevents a decision. */
export async function followComparison(
  run: Run,
  comparison: Comparison,
  seen: SeenCall,
): Promise<Next | undefined> {
  const { record } = run;
  switch (comparison.found) {
    case 'happened':
      return carriedOut(run, comparison.intent, 'reading', comparison.rule);
    case 'moved-by-another':
      // It can have no effect any more.
      run.replaceIntents([closed(comparison.intent)]);
      return negative(
        run,
        { status: 'rejected', reason: 'call-moved', detail: callWords(seen.call) },
        comparison.rule,
      );
    case 'unknown':
      return waitForReadableCall(run, comparison.rule, seen);
    case 'stale':
      return readStaleAgain(run, comparison.intent, comparison.provenAt, comparison.rule);
    case 'too-soon':
      return readAfterLag(run, comparison.at, comparison.rule);
    case 'under-way':
      return accepted(run, comparison.intent, comparison.rule);
    case 'not-yet':
      return undefined;
    case 'clear':
      run.closeIntents(comparison.closed);
      // A consult must be ended before its pending outcome is settled.
      if (record.verdict !== null && consultUnderWay(record.intents) === undefined)
        return negative(run, record.verdict, 'a reading after the settle window shows the call unmoved');
      return undefined;
  }
}

/** An inconclusive reading: read again later; after `unconfirmedMaxMs` leave it to an operator. */
export async function waitForReadableCall(run: Run, rule: string, { call }: SeenCall): Promise<Next> {
  if (run.unconfirmedTooLong) return park(run, rule);
  if (!call.ok && call.failure.kind === 'held') {
    const { until, operation } = call.failure;
    // The hold-off of one operation may last for hours: an operator is told before.
    const lastRead = (run.record.unconfirmedSince || run.now()) + run.ports.policy.unconfirmedMaxMs;
    return holdOff(run, {
      ...call.failure,
      until: operation === undefined ? until : Math.min(until, lastRead),
    });
  }
  if (!call.ok && call.failure.kind === 'stopped') return handBack(run, 'shutting down before the effect');
  return readAgainLater(run, rule);
}
