import { isOpen } from './intents.ts';
import { type EndPorts, followSettlement } from './settled.ts';
import { consultUnderWay } from './steps.ts';
import type { RecordReader } from './stores.ts';
import { type Actor, actorLabel, type Intent, type Outcome, type TransferRecord } from './words.ts';

export type Resolution =
  | { resolved: true; outcome: Outcome }
  | { resolved: false; why: 'unknown' | 'not-unconfirmed' };

type Wanted = Pick<Intent, 'target' | 'isFallback' | 'leaves'>;

/**
 * An operator settles an unconfirmed transfer: it happened, or it did not. Throws what the ports throw.
 * @param word the operator's decision and reason; kept in the timeline
 */
export async function resolve(
  ports: EndPorts & { store: RecordReader },
  id: string,
  actor: Actor,
  word: { happened: boolean; reason: string },
): Promise<Resolution> {
  const record = await ports.store.recordOf(id);
  if (record === undefined) return { resolved: false, why: 'unknown' };
  const { target, isFallback, leaves } = wanted(record) ?? {};
  const outcome: Outcome = word.happened
    ? { status: 'transferred', confirmedBy: 'operator', target, isFallback, detail: word.reason }
    : { status: 'failed', reason: 'settled-by-operator', detail: word.reason };
  const entry = {
    at: 0,
    step: 'outcome',
    by: actorLabel(actor),
    rule: 'settled by an operator',
    decided: outcome.status,
    detail: word.reason,
  } as const;
  const settlement = { guard: 'operator', outcome, deadLetter: false, actor, leaves } as const;
  const settled = await ports.records.settle(id, settlement, [entry]);
  if (!settled.settled)
    return { resolved: false, why: settled.why === 'unknown' ? 'unknown' : 'not-unconfirmed' };
  await followSettlement(ports, record, { outcome, facts: settled.facts });
  return { resolved: true, outcome };
}

/** The latest intent, which has the intended target; if Redis lost it, the request's target. */
function wanted({ request, intents, held }: TransferRecord): Wanted | undefined {
  const asked = held && request ? { target: request.target, isFallback: false } : undefined;
  return intents.findLast(isOpen) ?? consultUnderWay(intents) ?? asked;
}
