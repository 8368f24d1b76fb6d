import type { ByAction, DeadLetters, Wakes } from './stores.ts';
import type { Actor, Replay, StoredTransfer } from './words.ts';

export type ReplayPorts = {
  store: DeadLetters;
  wakes: Pick<Wakes, 'renew'>;
  /** Called if the job could not be added: the sweep adds it. */
  onJobless: (error: unknown) => void;
};

export type Replayed = { replayed: true; transfer: StoredTransfer } | Extract<Replay, { replayed: false }>;

/**
 * Restarts a dead letter with a new deadline and a new job. Earlier intents are compared with the call first (docs/rules.md).
 * Throws what the store throws.
 * @param reason given by the operator; kept in the timeline
 * @param by the action over many that it belongs to
 */
export async function replay(
  { store, wakes, onJobless }: ReplayPorts,
  id: string,
  actor: Actor,
  reason: string,
  by?: ByAction,
): Promise<Replayed> {
  const begun = await store.replay(id, actor, reason, by);
  if (!begun.replayed) return begun;
  const transfer = await store.get(id);
  if (transfer === undefined) return { replayed: false, why: 'unknown' };
  await wakes.renew(transfer.record).catch(onJobless);
  return { replayed: true, transfer };
}
