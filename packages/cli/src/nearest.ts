import { distance } from 'fastest-levenshtein';

/** ` Did you mean …?`, where one of these is at most two letters away; else nothing. Pure. */
export function didYouMean(given: string, known: readonly string[]): string {
  const [nearest] = known
    .map((meant) => ({ meant, away: distance(given.toLowerCase(), meant.toLowerCase()) }))
    .filter(({ meant, away }) => away <= Math.min(2, Math.floor(meant.length / 2)))
    .sort((a, b) => a.away - b.away);
  return nearest === undefined ? '' : ` Did you mean ${nearest.meant}?`;
}
