import { isOpen } from './intents.ts';
import type { EffectKind, Intent } from './words.ts';

type Sent = Pick<Intent, 'effect' | 'state'>;

/** Whether it moves the caller; starting or cancelling a consult does not. */
export const isMove = ({ effect }: Pick<Intent, 'effect'>): boolean =>
  effect === 'move' || effect === 'consult-complete';

/** Whether it begins something: the deadline prevents that, but not the end of a consult. */
export const isBeginning = ({ effect }: Pick<Intent, 'effect'>): boolean =>
  effect === 'move' || effect === 'consult-start';

/** Whether the transfer is over after this step. */
export function isLastStep(steps: readonly EffectKind[], { effect }: Pick<Intent, 'effect'>): boolean {
  return steps.at(-1) === effect;
}

/** The start of the consult in progress: it happened, and nothing has ended it yet. */
export function consultUnderWay<I extends Sent>(intents: readonly I[]): I | undefined {
  return intents.findLast(({ effect, state }) => effect === 'consult-start' && state === 'done');
}

/** A consult is in progress, or its start may have happened: the budget must keep the requests for its end. */
export function mayNeedEnd(intents: readonly Sent[]): boolean {
  const mayHaveBegun = (one: Sent) => one.effect === 'consult-start' && isOpen(one);
  return consultUnderWay(intents) !== undefined || intents.some(mayHaveBegun);
}
