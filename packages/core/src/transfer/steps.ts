import { isOpen } from './intents.ts';
import type { EffectKind, Intent } from './words.ts';

type Sent = Pick<Intent, 'effect' | 'state'>;

/** Does it move the caller? A consult that is only started or let go does not. */
export const isMove = ({ effect }: Pick<Intent, 'effect'>): boolean =>
  effect === 'move' || effect === 'consult-complete';

/** Does it begin something? Then it is barred by the deadline; what ends a consult is not. */
export const isBeginning = ({ effect }: Pick<Intent, 'effect'>): boolean =>
  effect === 'move' || effect === 'consult-start';

/** Is this the step after which the transfer is over? */
export function isLastStep(steps: readonly EffectKind[], { effect }: Pick<Intent, 'effect'>): boolean {
  return steps.at(-1) === effect;
}

/** The start of the consult that is under way: it happened, and nothing has ended it yet. */
export function consultUnderWay<I extends Sent>(intents: readonly I[]): I | undefined {
  return intents.findLast(({ effect, state }) => effect === 'consult-start' && state === 'done');
}

/** A consult is under way, or its start may have happened: what its end needs is to be kept for it. */
export function mayNeedEnd(intents: readonly Sent[]): boolean {
  const mayHaveBegun = (one: Sent) => one.effect === 'consult-start' && isOpen(one);
  return consultUnderWay(intents) !== undefined || intents.some(mayHaveBegun);
}
