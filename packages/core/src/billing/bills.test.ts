import { expect, test } from 'vitest';
import type { Target } from '../transfer/request.ts';
import type { Intent, TransferRecord } from '../transfer/words.ts';
import { dueBills, synthesizedBill } from './bills.ts';
import { sendingsOf } from './sendings.ts';
import type { SeenEvent } from './words.ts';

const contact = (phoneType: Target['phoneType']): Target => ({ type: 'externalContact', id: 'k', phoneType });

/** A transfer of which two numbers of one contact were tried; the second has the call. */
function moved(target: Target, earlier: Target): TransferRecord {
  const intent = (at: number, to: Target) =>
    ({ effect: 'move', at, transferType: 'blind', target: to, before: {}, state: 'closed' }) as Intent;
  const request = { callId: 'c', userId: 'u', transferType: 'blind', target, metadata: { a: 'b' } };
  return {
    ...{ id: 't', request, held: null, settledAt: 9, intents: [intent(2, target), intent(3, earlier)] },
    outcome: { status: 'transferred', target, isFallback: false },
  } as unknown as TransferRecord;
}

test('a bill names the target by type and id only, at the time of the sending that reached it', () => {
  const record = moved(contact('WorkPhone'), contact('CellPhone'));
  const [sending] = sendingsOf(record);
  if (sending === undefined) throw new Error('no sending');
  expect(sending).toMatchObject({ at: 2, target: contact('WorkPhone') });
  const target = { type: 'externalContact', id: 'k' };
  expect(synthesizedBill('c', sending, record)).toMatchObject({
    target,
    timestamp: new Date(2).toISOString(),
  });
  expect(synthesizedBill('c', sending, record).target).toEqual(target);
  const event: SeenEvent = {
    ...{ key: 'e', callId: 'c', transferType: 'blind', at: 5, receivedAt: 5 },
    target: { id: 'k', type: 'externalContact' },
  };
  expect(dueBills([event], [record]).map(({ bill }) => bill)).toMatchObject([{ id: 't', target }]);
  expect(dueBills([event], [record])[0]?.bill.target).toEqual(target);
});
