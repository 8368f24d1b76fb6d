import { match } from '@handover/core/billing';
import type { Chore } from '../chores.ts';
import type { BillingParts } from './parts.ts';

const LIMIT = 1_000;
const SHORTEST_GAP_MS = 1_000;
const LONGEST_GAP_MS = 30_000;

/** The chore that reports discrepancies; none without billing. */
export function matching(parts: BillingParts): Chore[] {
  const { isOn, matchWindowMs } = parts.config.billing;
  if (!isOn) return [];
  const gapMs = Math.max(Math.round(matchWindowMs / 10), SHORTEST_GAP_MS);
  return [{ name: 'match', everyMs: Math.min(gapMs, LONGEST_GAP_MS), work: () => matchBoth(parts) }];
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
