import type { Actor, Callback } from '../transfer/words.ts';
import { TRIED_FOR_MS } from './deliver.ts';
import type { CallbackStore } from './ports.ts';

export type SentAgain =
  | { sent: true; callback: Callback }
  /** `no-receiver`: its API key has none any more. `busy`: it was tried meanwhile, again and again. */
  | { sent: false; why: 'unknown' | 'no-receiver' | 'busy' };

const MOST_TRIES = 3;

/**
 * Makes a callback due now and tries it for a day from now, whatever became of it before; its message stays the same. Throws what
 * the store throws.
 * @param keys the API keys that have a receiver, by name
 * @param by who asks for it; written to the audit in the same step
 */
export async function sendAgain(
  { store, now, keys }: { store: CallbackStore; now: () => Promise<number>; keys: readonly string[] },
  id: string,
  by: Actor,
): Promise<SentAgain> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const found = await store.find(id);
    if (found === undefined) return { sent: false, why: 'unknown' };
    const { actor } = found.record;
    if (actor.type !== 'apiKey' || !keys.includes(actor.name)) return { sent: false, why: 'no-receiver' };
    const at = await now();
    const callback: Callback = {
      ...found.callback,
      ...{ state: 'waiting', nextAt: at, giveUpAt: at + TRIED_FOR_MS, why: undefined },
    };
    const noted = await store.note(actor.name, found.before, callback, by);
    if (noted === 'noted') return { sent: true, callback };
  }
  return { sent: false, why: 'busy' };
}
