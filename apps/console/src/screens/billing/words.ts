import type { Discrepancy } from '@handover/client';

type Name = Discrepancy['name'];
type Side = NonNullable<Discrepancy['seen']>;

/** What each discrepancy means, and its usual cause, as the end of a sentence. */
export const discrepancyWords: Record<Name, { means: string; cause: string }> = {
  'missing-event': {
    means: 'The transfer happened, no event reports it.',
    cause: 'the event was lost, or the webhook is not registered.',
  },
  'different-target': {
    means: 'No event reports the transfer, but an event reports another target right after.',
    cause: 'someone moved the call on at once, or the platform sent it elsewhere.',
  },
  'unknown-transfer': {
    means: 'An event reports that the transfer happened, our record has it as not happened or in doubt.',
    cause: 'the platform executed it after the settle window.',
  },
};

/** The names of discrepancies that are open, with how many there are. */
export function openOnes(discrepancies: Record<string, number>): { name: Name; count: number }[] {
  return isNamed(Object.keys(discrepancyWords)).flatMap((name) => {
    const count = discrepancies[name] ?? 0;
    return count > 0 ? [{ name, count }] : [];
  });
}

/** One side of the entry: a blind transfer to queue q. */
export function sideInWords(side: Pick<Side, 'target' | 'transferType'> | undefined): string {
  if (side === undefined) return 'nothing';
  const { target, transferType } = side;
  return `a ${transferType} transfer to ${target.type === undefined ? '' : `${target.type} `}${target.id}`;
}

function isNamed(names: string[]): Name[] {
  return names.filter((name): name is Name => Object.hasOwn(discrepancyWords, name));
}
