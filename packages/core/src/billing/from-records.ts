import { synthesizedBill } from './bills.ts';
import type { MatchPorts } from './match.ts';
import { sendingsOf } from './sendings.ts';
import type { Bill } from './words.ts';

/**
 * Bills each transfer of ours that happened from our own record, where no events come (docs/billing.md); at most `limit` in one
 * run. A transfer is dropped from the list only after its bill is made, so a run that dies is repeated. Idempotent. Throws what the
 * ports throw.
 */
export async function billFromRecords(ports: MatchPorts, limit: number): Promise<Bill[]> {
  const { trails, dispatcher } = ports;
  const { expected, undispatched } = await trails.overdue(0, limit);
  for (const bill of undispatched) await dispatcher.dispatch(bill);
  const made: Bill[] = [];
  for (const id of expected) {
    const bill = await billOfRecord(id, ports);
    if (bill !== undefined && (await trails.bill(bill, 'record')) === 'billed') {
      made.push(bill);
      await dispatcher.dispatch(bill);
    }
    await trails.drop(id, 'expected');
  }
  return made;
}

async function billOfRecord(id: string, { transfers }: MatchPorts): Promise<Bill | undefined> {
  const record = await transfers.recordOf(id);
  const sending = record === undefined ? undefined : sendingsOf(record).at(-1);
  if (record?.request == null || sending === undefined) return undefined;
  return synthesizedBill(record.request.callId, sending, record);
}
