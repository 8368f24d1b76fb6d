import { closed, isDoubtful, isOpen, isRefused } from './intents.ts';
import type { Call, Dialect, Reading, Trace } from './ports.ts';
import type { Target } from './request.ts';
import { isMove } from './steps.ts';
import type { Intent, Placement, TransferRecord } from './words.ts';

export type Comparison =
  /** Nothing is open any more: free to decide. `proven`: what may have happened is proven not to have, by the time that has passed. */
  | { found: 'clear'; rule: string; closed: Intent[]; proven: boolean }
  /** A reading shows that an intent was carried out. */
  | { found: 'happened'; rule: string; intent: Intent }
  /** Ours was not carried out, and somebody moved the call elsewhere. */
  | { found: 'moved-by-another'; rule: string; intent: Intent }
  /**
   * The call shows no move, but the settle window has not passed: at `provenAt` a reading will tell.
   * `resend`: the same sending again is safe, since the platform carries out at most one of them.
   */
  | { found: 'not-yet'; rule: string; intent: Intent; provenAt: number; resend: boolean }
  /** The platform refused the fingerprint that this reading still shows: the reading is older than that, and proves nothing. */
  | { found: 'stale'; rule: string; intent: Intent; provenAt: number }
  /** This reading may be older than the refusal: one that is begun at `at` is not. */
  | { found: 'too-soon'; rule: string; intent: Intent; at: number }
  /** The platform has taken it and is at it. */
  | { found: 'under-way'; rule: string; intent: Intent }
  /** This reading proves nothing: read again later. */
  | { found: 'unknown'; rule: string; intent: Intent };

/** Pure. `settleWindowMs`: by when a sending has taken effect. `readLagMs`: how old a reading may be although it is fresh. */
export type Compared = Pick<Dialect, 'trace'> & { settleWindowMs: number; readLagMs: number };

/**
 * Compares a reading of the call with a transfer's intents (docs/rules.md). Pure.
 * @param readAt epoch ms at which the reading was begun, by Redis' clock
 */
export function compare(
  { id, intents, movedBy }: Pick<TransferRecord, 'id' | 'intents' | 'movedBy'>,
  reading: Reading<Call>,
  readAt: number,
  by: Compared,
): Comparison {
  const call = reading.ok ? reading.value : undefined;
  const shown = (intent: Intent): Trace | undefined => {
    if (call === undefined) return undefined;
    const trace = by.trace(intent, call);
    // Where another transfer of ours moved the call after the intent, its place says nothing about the intent.
    const isOthers = movedBy !== null && movedBy.id !== id && movedBy.at >= intent.at;
    return trace.shows === 'moved' && isOthers ? { shows: 'elsewhere', words: trace.words } : trace;
  };
  // A late move of an intent that was already given up is recognised too. A consult that was ended stays ended.
  const happened = intents
    .filter((intent) => isOpen(intent) || (isDoubtful(intent) && isMove(intent)))
    .findLast((intent) => shown(intent)?.shows === 'moved');
  if (happened !== undefined)
    return { found: 'happened', rule: shown(happened)?.words ?? '', intent: happened };
  const open = intents.filter(isOpen);
  const ended: Intent[] = [];
  let pending: Comparison | undefined;
  for (const intent of open) {
    const one = compareOne(intent, call, shown(intent), readAt, by);
    if ('state' in one) ended.push(one);
    else if (one.found !== 'not-yet') return one;
    else if (pending?.found !== 'not-yet' || one.provenAt > pending.provenAt) pending = one;
  }
  if (pending !== undefined) return pending;
  const rule = open.length === 0 ? 'no intent is open' : 'the open intent did not happen';
  const proven = ended.some(({ state }) => state === 'closed-in-doubt');
  return { found: 'clear', rule, closed: ended, proven };
}

/** What is found, or the intent as it ends. */
function compareOne(
  intent: Intent,
  call: Call | undefined,
  trace: Trace | undefined,
  readAt: number,
  by: Compared,
): Comparison | Intent {
  const provenAt = intent.at + by.settleWindowMs + by.readLagMs;
  if (call === undefined || trace === undefined)
    return isDoubtful(intent)
      ? { found: 'unknown', rule: 'the call cannot be read: inconclusive', intent }
      : closed(intent);
  const isUnchanged = call.mark.fingerprint === intent.mark.fingerprint;
  if (isRefused(intent) && intent.repeatable === 'same-fingerprint' && isUnchanged && readAt < provenAt)
    return {
      found: 'stale',
      rule: 'the reading still shows the refused version: it is stale',
      intent,
      provenAt,
    };
  const freshAt = (intent.refusedAt ?? intent.at) + by.readLagMs;
  if (isRefused(intent) && by.readLagMs > 0 && readAt < freshAt)
    return { found: 'too-soon', rule: 'the reading may be older than the refusal', intent, at: freshAt };
  if (trace.shows === 'under-way') return { found: 'under-way', rule: trace.words, intent };
  if (trace.shows === 'gave-up')
    return trace.by === 'genesys'
      ? { ...intent, state: 'gave-up' }
      : { found: 'moved-by-another', rule: trace.words, intent };
  if (!isDoubtful(intent))
    return trace.shows === 'elsewhere'
      ? { found: 'moved-by-another', rule: 'refused, and the call is elsewhere now', intent }
      : closed(intent);
  // Ours may have happened before somebody else moved the call on: elsewhere is no proof against us.
  if (trace.shows === 'elsewhere')
    return { found: 'unknown', rule: 'the call is elsewhere, but our move may have come first', intent };
  if (trace.shows !== 'nothing-new') return { found: 'unknown', rule: trace.words, intent };
  if (readAt < provenAt)
    return {
      ...{ found: 'not-yet', rule: 'unmoved, but the settle window has not passed', intent, provenAt },
      resend: intent.repeatable === 'same-fingerprint' && isUnchanged && intent.state !== 'accepted',
    };
  const canRepeat = intent.repeatable !== 'never' && call.mark.leg === intent.mark.leg;
  if (!canRepeat)
    return { found: 'unknown', rule: 'no sign that it happened, and resending is not safe', intent };
  return closed(intent);
}

/** The call's last transfer is the one that is wanted. */
export function standsAt(placement: Placement, intent: Pick<Intent, 'target' | 'transferType'>): boolean {
  if (placement.target === undefined || !sameTarget(placement.target, intent.target)) return false;
  return placement.transferType === undefined || placement.transferType === intent.transferType;
}

export function samePlacement(a: Placement, b: Placement): boolean {
  if (a.transferType !== b.transferType) return false;
  if (a.target === undefined || b.target === undefined) return a.target === b.target;
  return sameTarget(a.target, b.target);
}

export function sameTarget(a: Target, b: Target): boolean {
  return a.type === b.type && a.id === b.id;
}
