import type { Call, Reading } from './ports.ts';
import type { Intent, Placement, Target, TransferRecord } from './words.ts';

export type Comparison =
  /** No intent is open, or every open one is proven not to have happened: free to decide. */
  | { found: 'clear'; rule: string; closed: Intent[] }
  /** The call is where an intent wanted it, and was not there before. */
  | { found: 'happened'; rule: string; intent: Intent }
  /** Our request was refused and the call now stands somewhere else. */
  | { found: 'moved-by-another'; rule: string; intent: Intent }
  /**
   * The call shows no move, but the settle window has not passed: at `provenAt` a reading will tell.
   * `resend`: its ETag is still the intent's, so sending again under that same ETag is safe.
   */
  | { found: 'not-yet'; rule: string; intent: Intent; provenAt: number; resend: boolean }
  /** The platform refused the ETag that this reading still shows: the reading is older than that, and proves nothing. */
  | { found: 'stale'; rule: string; intent: Intent; provenAt: number }
  /** This reading proves nothing: read again later. */
  | { found: 'unknown'; rule: string; intent: Intent };

/**
 * Compares a reading of the call with a transfer's intents (docs/rules.md). Pure.
 * @param readAt epoch ms at which the reading was begun, by Redis' clock
 */
export function compare(
  { id, intents, movedBy }: Pick<TransferRecord, 'id' | 'intents' | 'movedBy'>,
  reading: Reading<Call>,
  readAt: number,
  settleWindowMs: number,
): Comparison {
  // Where another transfer of ours moved the call after the intent, its place says nothing about the intent.
  const byAnother = (intent: Intent) => movedBy !== null && movedBy.id !== id && movedBy.at >= intent.at;
  const call = reading.ok ? reading.value : undefined;
  // A late effect of an intent that was already given up is recognised too.
  const witnesses = intents.filter((intent) => intent.open || intent.doubt);
  if (call !== undefined) {
    const done = witnesses.findLast(
      (intent) => standsAt(call.placement, intent) && !standsAt(intent.before, intent) && !byAnother(intent),
    );
    if (done !== undefined)
      return {
        found: 'happened',
        rule: 'the call is where the intent wanted it, and was not before',
        intent: done,
      };
  }
  const open = intents.filter((intent) => intent.open);
  let pending: Comparison | undefined;
  for (const intent of open) {
    const one = compareOne(intent, call, readAt, settleWindowMs);
    if (one === 'closed') continue;
    if (one.found !== 'not-yet') return one;
    if (pending?.found !== 'not-yet' || one.provenAt > pending.provenAt) pending = one;
  }
  if (pending !== undefined) return pending;
  const rule = open.length === 0 ? 'no intent is open' : 'the open intent did not happen';
  return { found: 'clear', rule, closed: open.map((intent) => ({ ...intent, open: false })) };
}

function compareOne(
  intent: Intent,
  call: Call | undefined,
  readAt: number,
  settleWindowMs: number,
): Comparison | 'closed' {
  if (call === undefined)
    return intent.doubt
      ? { found: 'unknown', rule: 'a call that cannot be read proves nothing', intent }
      : 'closed';
  const provenAt = intent.at + settleWindowMs;
  if (intent.answer === 'refused' && call.etag === intent.etag && readAt < provenAt)
    return { found: 'stale', rule: 'its ETag was refused already: the reading is older', intent, provenAt };
  const unmoved = samePlacement(call.placement, intent.before);
  if (!intent.doubt)
    return unmoved
      ? 'closed'
      : { found: 'moved-by-another', rule: 'refused, and the call now stands elsewhere', intent };
  // Ours may have happened before somebody else moved the call on: elsewhere is no proof against us.
  if (!unmoved)
    return { found: 'unknown', rule: 'the call stands elsewhere, ours may have come first', intent };
  if (call.etag !== intent.etag && standsAt(intent.before, intent))
    return { found: 'unknown', rule: 'the call changed, and stood at the target before', intent };
  if (call.etag !== intent.etag && isHalfKnown(call.placement))
    return { found: 'unknown', rule: 'the call changed, and its target cannot be read', intent };
  if (call.ended) return { found: 'unknown', rule: 'a call that has ended proves nothing', intent };
  if (readAt >= provenAt) return 'closed';
  return {
    found: 'not-yet',
    rule: 'unmoved, but the settle window has not passed',
    intent,
    provenAt,
    resend: call.etag === intent.etag,
  };
}

/** It was transferred, but where to is not told, or not in words that we know. */
function isHalfKnown({ transferType, target }: Placement): boolean {
  return transferType !== undefined && target === undefined;
}

/** The call's last transfer is the one that is wanted. */
export function standsAt(placement: Placement, intent: Pick<Intent, 'target' | 'transferType'>): boolean {
  if (placement.target === undefined || !sameTarget(placement.target, intent.target)) return false;
  return placement.transferType === undefined || placement.transferType === intent.transferType;
}

function samePlacement(a: Placement, b: Placement): boolean {
  if (a.transferType !== b.transferType) return false;
  if (a.target === undefined || b.target === undefined) return a.target === b.target;
  return sameTarget(a.target, b.target);
}

function sameTarget(a: Target, b: Target): boolean {
  return a.type === b.type && a.id === b.id;
}
