import { type Finding, failed, ok, skipped } from '@handover/core/checks';
import type { Clocks } from './redis.ts';

const FAR_MS = 15 * 60_000;
const FIX = 'let NTP set it (chrony or systemd-timesyncd)';

/**
 * Compares the clocks of this machine, of Redis and of Genesys: Genesys' is the right one, or Redis' where Genesys told none. Pure.
 */
export function compareClocks(redis: Clocks | undefined, genesys: Clocks | undefined): Finding {
  const right = genesys ?? redis;
  if (right === undefined) return skipped('neither Genesys nor Redis told the time');
  const name = genesys === undefined ? 'Redis' : 'Genesys';
  const here = { who: 'this machine', ms: right.ours - right.theirs };
  const others =
    genesys === undefined || redis === undefined
      ? []
      : [{ who: 'Redis', ms: here.ms + (redis.theirs - redis.ours) }];
  const all = [here, ...others];
  const words = all.map(({ who, ms }) => `${who} ${aside(ms)} ${name}`).join(', ');
  const far = all.filter(({ ms }) => Math.abs(ms) > FAR_MS).map(({ who }) => who);
  if (far.length === 0) return ok(words);
  return failed(
    `${words}: attribution of events suffers`,
    `correct the clock of ${far.join(' and of ')}: ${FIX}`,
  );
}

function aside(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_500) return 'agrees with';
  const amount = size < 120_000 ? `${Math.round(size / 1_000)} s` : `${Math.round(size / 60_000)} min`;
  return `is ${amount} ${ms > 0 ? 'ahead of' : 'behind'}`;
}
