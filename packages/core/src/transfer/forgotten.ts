import { classify } from './classify.ts';
import { standsAt } from './compare.ts';
import type { Policy } from './policy.ts';
import type { Call, Reading } from './ports.ts';
import type { TransferRecord } from './words.ts';

/** Redis came back without all that it had known, and this transfer knows of no sending, which may be what was forgotten. */
export function mayBeForgotten(
  { recovery, replayed, intents }: TransferRecord,
  { recoveryPolicy }: Pick<Policy, 'recoveryPolicy'>,
): boolean {
  return recovery !== null && !replayed && intents.length === 0 && recoveryPolicy === 'hold';
}

/**
 * Why the call of such a transfer may have been moved by it, in words; `undefined` where a reading speaks against that.
 * What was accepted after Redis forgot may be a repetition, but a call that is over is then rejected as ever: most are none.
 * Pure.
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
