import { dropJob, type EndPorts, followSettlement } from './settled.ts';
import type { RecordReader } from './stores.ts';
import { type Actor, actorLabel } from './words.ts';

export type Cancellation =
  | { cancelled: true }
  | { cancelled: false; why: 'unknown' | 'too-late' | 'not-own' };

/**
 * Cancels a transfer while nothing was sent; with an open intent or an outcome it changes nothing. Idempotent. Throws what the
 * ports throw.
 * @param ownOnly refuse a transfer that another actor submitted
 * @param because why; stands in the timeline and in the audit
 */
export async function cancel(
  ports: EndPorts & { store: RecordReader },
  id: string,
  actor: Actor,
  { ownOnly = false, because }: { ownOnly?: boolean; because?: string | undefined } = {},
): Promise<Cancellation> {
  const record = await ports.store.recordOf(id);
  if (record === undefined) return { cancelled: false, why: 'unknown' };
  if (ownOnly && actorLabel(record.actor) !== actorLabel(actor)) return { cancelled: false, why: 'not-own' };
  const outcome = { status: 'cancelled' } as const;
  const told = because === undefined ? {} : { detail: because };
  const entry = { at: 0, step: 'outcome', by: actorLabel(actor), decided: 'cancelled', ...told } as const;
  const settlement = { guard: 'unsent', outcome, deadLetter: false, actor, because } as const;
  const settled = await ports.records.settle(id, settlement, [entry]);
  if (settled.settled) {
    await followSettlement(ports, record, { outcome, facts: settled.facts });
    return { cancelled: true };
  }
  if (settled.why === 'already' && settled.outcome.status === 'cancelled') {
    await dropJob(ports.wakes, id);
    return { cancelled: true };
  }
  return { cancelled: false, why: settled.why === 'unknown' ? 'unknown' : 'too-late' };
}
