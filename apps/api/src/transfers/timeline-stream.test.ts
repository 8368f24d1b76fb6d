import type { StoredTransfer } from '@handover/core/transfer';
import { expect, test } from 'vitest';
import { timelineEvents } from './timeline-stream.ts';

/** The transfer as it stands with these entries, after so many were folded. */
function transfer(names: string[], folded: number, hasEnded = false): StoredTransfer {
  const timeline = names.map((decided) => ({ at: 0, step: 'waiting', by: 'worker:w1', decided }));
  const record = { id: 't', folded, outcome: hasEnded ? { status: 'expired' } : null };
  return { record, timeline } as unknown as StoredTransfer;
}

/** The entries that a client is sent that has seen so many and then sees the transfer at each of these stages. */
async function sent(stages: StoredTransfer[], seen = 0): Promise<string[]> {
  const [first, ...later] = stages;
  if (first === undefined) throw new Error('no stage');
  const store = { get: async () => later.shift() };
  const watch = { next: async () => 'changed' as const, end: () => undefined };
  let text = '';
  for await (const part of timelineEvents({ first, store, watch, seen })) text += part;
  return [...text.matchAll(/id: (\d+)\ndata: .*?"decided":"(\w+)"/g)].map(([, id, name]) => `${id} ${name}`);
}

test('entries that are folded away move no number: what comes after them is sent once', async () => {
  const stages = [
    transfer(['a', 'b', 'w1'], 0),
    transfer(['a', 'b', 'w1', 'read', 'intent'], 0),
    transfer(['a', 'b', 'w2'], 2),
    transfer(['a', 'b', 'w2', 'read', 'intent'], 2),
    transfer(['a', 'b', 'w3'], 4),
    transfer(['a', 'b', 'w3', 'last', 'sent', 'end'], 4, true),
  ];
  expect(await sent(stages)).toEqual([
    ...['0 a', '1 b', '2 w1', '3 read', '4 intent', '5 read', '6 intent', '7 last', '8 sent', '9 end'],
  ]);
});

test('a slow client that saw nothing of it gets what is new, and nothing twice', async () => {
  const stages = [transfer(['a', 'b', 'w1'], 0), transfer(['a', 'b', 'w9', 'last', 'end'], 40, true)];
  expect(await sent(stages)).toEqual([
    '0 a',
    '1 b',
    '2 w1',
    ...['40 a', '41 b', '42 w9', '43 last', '44 end'],
  ]);
});

test('a client that comes back goes on behind what it has seen', async () => {
  const ended = transfer(['a', 'b', 'w3', 'last', 'end'], 4, true);
  expect(await sent([ended], 7)).toEqual(['7 last', '8 end']);
  expect(await sent([ended], 9)).toEqual([]);
  expect(await sent([ended])).toEqual(['4 a', '5 b', '6 w3', '7 last', '8 end']);
});
