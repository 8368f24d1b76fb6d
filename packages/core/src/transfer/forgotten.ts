import { classify } from './classify.ts';
import { standsAt } from './compare.ts';
import type { Policy } from './policy.ts';
import type { Call, Reading } from './ports.ts';
import type { TransferRecord } from './words.ts';

/** Redis lost data, and this transfer has no intent: the intent may be part of the loss. In shadow mode there never was one. */
export function mayBeForgotten(
  { recovery, replayed, intents }: TransferRecord,
  { recoveryPolicy, shadow }: Pick<Policy, 'recoveryPolicy' | 'shadow'>,
): boolean {
  if (shadow) return false;
  return recovery !== null && !replayed && intents.length === 0 && recoveryPolicy === 'hold';
}

/**
 * Why this transfer may have moved the call already, as text; `undefined` if a reading contradicts that. Pure.
 * A transfer accepted after the loss is rarely a resubmission: if its call has ended, it is rejected as usual.
 */
export function whyMoved(
  { request, recovery, acceptedAt }: TransferRecord,
  call: Reading<Call> | undefined,
): string | undefined {
  if (request === null || recovery === null) return undefined;
  if (call === undefined) return 'the call was not read';
  if (isOver(call)) return recovery.unsure || acceptedAt < recovery.since ? 'the call has ended' : undefined;
  if (!call.ok) return 'the call cannot be read';
  const { target, fallback, transferType } = request;
  const isThere = [target, fallback].some(
    (wanted) => wanted !== undefined && standsAt(call.value.placement, { target: wanted, transferType }),
  );
  return isThere ? 'the call is already at the target or the fallback' : undefined;
}

function isOver(call: Reading<Call>): boolean {
  if (call.ok) return call.value.ended;
  const classified = classify(call.failure, 'call');
  return classified.follow === 'reject' && classified.reason === 'call-ended';
}
