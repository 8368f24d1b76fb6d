import { closed, isDoubtful, isOpen, isRefused } from './intents.ts';
import type { Call, Dialect, Reading, Trace } from './ports.ts';
import type { Target } from './request.ts';
import { isMove } from './steps.ts';
import type { Intent, Placement, TransferRecord } from './words.ts';

export type Comparison =
  /**
   * No intent is open: free to decide. `proven`: an effect in doubt is proven not to have happened, since the window has passed.
   */
  | { found: 'clear'; rule: string; closed: Intent[]; proven: boolean }
  /** A reading shows that an intent was executed. */
  | { found: 'happened'; rule: string; intent: Intent }
  /** Our request was not executed, and someone else moved the call. */
  | { found: 'moved-by-another'; rule: string; intent: Intent }
  /**
   * The call is unmoved, but the settle window has not passed: a reading at `provenAt` is conclusive. `resend`: resending the
   * same request is safe, since the platform executes at most one of the two.
   */
  | { found: 'not-yet'; rule: string; intent: Intent; provenAt: number; resend: boolean }
  /** The reading still shows the fingerprint that the platform refused, so it is older than the refusal and proves nothing. */
  | { found: 'stale'; rule: string; intent: Intent; provenAt: number }
  /** The reading may be older than the refusal; one started at `at` is not. */
  | { found: 'too-soon'; rule: string; intent: Intent; at: number }
  /** The platform accepted the request and is executing it. */
  | { found: 'under-way'; rule: string; intent: Intent }
  /** The reading is inconclusive: read again later. */
  | { found: 'unknown'; rule: string; intent: Intent };

/** `settleWindowMs`: how long an effect may take to show. `readLagMs`: how stale a fresh reading may be. `trace` is pure. */
export type Compared = Pick<Dialect, 'trace'> & { settleWindowMs: number; readLagMs: number };

/**
 * Compares a reading of the call with a transfer's intents (docs/rules.md). Pure.
 * @param readAt epoch ms at which the reading was started, by Redis' clock
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
    // If another transfer of ours moved the call after the intent, its position says nothing about the intent.
    const isOthers = movedBy !== null && movedBy.id !== id && movedBy.at >= intent.at;
    return trace.shows === 'moved' && isOthers ? { shows: 'elsewhere', words: trace.words } : trace;
  };
  // A late move of a closed intent is recognised too, but a consult that was ended stays ended.
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

/** The finding, or the intent in its final state. */
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
  // Our move may have come before someone else's: finding the call elsewhere does not disprove it.
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

/** Whether the call's last transfer matches the intent. */
export function standsAt(placement: Placement, intent: Pick<Intent, 'target' | 'transferType'>): boolean {
  if (placement.target === undefined || !sameTarget(placement.target, intent.target)) return false;
  return placement.transferType === undefined || placement.transferType === intent.transferType;
}

export function samePlacement(a: Placement, b: Placement): boolean {
  if (a.transferType !== b.transferType) return false;
  if (a.target === undefined || b.target === undefined) return a.target === b.target;
  return sameTarget(a.target, b.target);
}

/** Whether both reach the same party: also by the same phone of a contact, and with the same skills in any order. */
export function sameTarget(a: Target, b: Target): boolean {
  return a.type === b.type && a.id === b.id && a.phoneType === b.phoneType && sameSkills(a, b);
}

function sameSkills({ skills: one = [] }: Target, { skills: other = [] }: Target): boolean {
  return one.length === other.length && one.every((skill) => other.includes(skill));
}
