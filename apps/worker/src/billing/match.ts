import { billFromRecords, match } from '@handover/core/billing';
import type { Chore } from '../chores.ts';
import type { BillingParts } from './parts.ts';

const LIMIT = 1_000;
const SHORTEST_GAP_MS = 1_000;
const LONGEST_GAP_MS = 30_000;

/**
 * The chores of double entry: reporting transfers or events without a counterpart in time or, where no events come, billing from
 * our own records. None if billing is off.
 */
export function matching(parts: BillingParts): Chore[] {
  const { isOn, from, matchWindowMs } = parts.config.billing;
  if (!isOn) return [];
  if (from === 'records')
    return [
      { name: 'bill', everyMs: SHORTEST_GAP_MS, work: () => billAll(parts) },
      { name: 'forget-bills', everyMs: LONGEST_GAP_MS, work: parts.trails.forgetOld },
    ];
  const gapMs = Math.max(Math.round(matchWindowMs / 10), SHORTEST_GAP_MS);
  return [{ name: 'match', everyMs: Math.min(gapMs, LONGEST_GAP_MS), work: () => matchBoth(parts) }];
}

async function billAll({ trails, transfers, dispatcher, clock, meter, log }: BillingParts): Promise<void> {
  const bills = await billFromRecords({ trails, transfers, dispatcher }, LIMIT);
  meter.bills('synthesized', bills.length);
  for (const { id, transferId, callId, billingCode } of bills)
    log.info(
      { actor: 'system:records', bill: id, transfer: transferId, call: callId, billingCode },
      'billing.billed',
    );
  await trails.matched(await clock.now());
}

async function matchBoth(parts: BillingParts): Promise<void> {
  const { trails, transfers, dispatcher, config, clock, meter, log } = parts;
  const { matchWindowMs: windowMs, synthesize } = config.billing;
  const report = await match({ trails, transfers, dispatcher }, { windowMs, synthesize, limit: LIMIT });
  meter.bills('synthesized', report.synthesized.length);
  for (const { name, transferId: transfer, callId: call, synthesized } of report.named) {
    meter.named(name);
    log.error({ name, transfer, call, synthesized }, 'billing.discrepancy-found');
  }
  await trails.forgetOld();
  await trails.matched(await clock.now());
}
