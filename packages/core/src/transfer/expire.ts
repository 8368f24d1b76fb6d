import { type EndPorts, followSettlement } from './settled.ts';
import type { RecordReader } from './stores.ts';
import { type Actor, actorLabel, type TransferRecord } from './words.ts';

export type Expiry = { expired: true; record: TransferRecord | undefined } | { expired: false; why: string };

/** Expires a transfer past its deadline if nothing was sent; costs no Genesys request. Throws what the ports throw. */
export async function expire(
  ports: EndPorts & { store: RecordReader },
  id: string,
  actor: Actor,
): Promise<Expiry> {
  const outcome = { status: 'expired' } as const;
  const entry = {
    at: 0,
    step: 'outcome',
    by: actorLabel(actor),
    rule: 'past the deadline',
    decided: 'expired',
  } as const;
  const settlement = { guard: 'overdue', outcome, deadLetter: false, actor } as const;
  const settled = await ports.records.settle(id, settlement, [entry]);
  if (!settled.settled) return { expired: false, why: settled.why };
  const record = await ports.store.recordOf(id);
  await followSettlement(ports, record ?? { id, request: null }, { outcome, facts: settled.facts });
  return { expired: true, record };
}
