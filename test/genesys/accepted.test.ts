import type { StoredTransfer } from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG, takeChance } from '../support/chance.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { type Death, deaths, drive } from './drive.ts';
import { type Ending, openScripted } from './scripted.ts';
import type { Scene } from './stage.ts';

const support = { type: 'queue', id: 'support' } as const;
const overflow = { type: 'queue', id: 'overflow' } as const;
const TRANSFERS = LONG ? 5_000 : 400;
const [S, L] = [3_000, 300];

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

const stageThat = (ending: (callId: string, sending: number) => Ending, isAttended = false) =>
  openScripted({ settleWindowMs: 1_200, readLagMs: 150, ending, isAttended });

test('an accepted effect is unconfirmed until a reading shows its end', async () => {
  const stage = stageThat(() => ({ as: 'complete', afterMs: 300 }));
  const { record, timeline } = await drive({ lane, stage, request: { target: support } });
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(timeline.find(({ step }) => step === 'sent')).toMatchObject({ decided: 'accepted' });
  const waits = timeline.filter(({ step }) => step === 'waiting');
  expect(waits.map(({ decided }) => decided)).toEqual(
    waits.map(() => expect.stringMatching(/^unconfirmed until/)),
  );
  expect(stage.requests(record.request?.callId ?? '')).toBe(1);
});

test('an effect given up by the target goes to the fallback', async () => {
  const stage = stageThat((_, sending) => ({ as: sending === 0 ? 'failed' : 'complete', afterMs: 50 }));
  const { record } = await drive({ lane, stage, request: { target: support, fallback: overflow } });
  expect(record.outcome).toMatchObject({ status: 'transferred', target: overflow, isFallback: true });
  expect(stage.moves(record.request?.callId ?? '')).toEqual([overflow]);
});

test('without a fallback it fails, and a replay retries it', async () => {
  const stage = stageThat((_, sending) => ({ as: sending === 0 ? 'failed' : 'complete', afterMs: 50 }));
  const { record } = await drive({ lane, stage, request: { target: support } });
  expect(record.outcome).toMatchObject({ status: 'failed', reason: 'target-gave-up' });
  expect((await lane.store.replay(record.id, { type: 'operator', name: 'o' }, 'again')).replayed).toBe(true);
  const again = await drive({ lane, stage, again: record });
  expect(again.record.outcome).toMatchObject({ status: 'transferred' });
});

test('an effect cancelled by another party is left alone', async () => {
  const stage = stageThat(() => ({ as: 'failed', afterMs: 50 }));
  const trace: typeof stage.platform.trace = (intent, call) => {
    const shown = stage.platform.trace(intent, call);
    return shown.shows === 'gave-up' ? { ...shown, by: 'somebody' } : shown;
  };
  const { record } = await drive({
    lane,
    stage: { ...stage, platform: { ...stage.platform, trace } },
    request: { target: support },
  });
  expect(record.outcome).toMatchObject({ status: 'rejected', reason: 'call-moved' });
});

test('an effect that never ends needs an operator, and is never resent', async () => {
  const stage = stageThat(() => undefined);
  const { record } = await drive({ lane, stage, request: { target: support, fallback: overflow } });
  expect(record).toMatchObject({
    status: 'unconfirmed',
    parked: true,
    intents: [{ state: 'accepted', sends: 1 }],
  });
  expect(stage.requests(record.request?.callId ?? '')).toBe(1);
});

test('an effect sent after a long doubt about an earlier one is looked for before an operator is asked', async () => {
  const stage = stageThat(() => ({ as: 'complete', afterMs: 50 }));
  stage.script('late', ['unwell-before']);
  const request = { callId: 'late', target: support };
  const { record } = await drive({ lane, stage, request, policy: { unconfirmedMaxMs: 1 } });
  expect(record.outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(stage.requests('late')).toBe(2);
});

test('an effect executed at the last moment is not failed', async () => {
  const stage = stageThat(() => ({ as: 'complete', afterMs: 1_150 }));
  for (const dies of [[], ['after-effect'], ['after-answer']] as Death[][]) {
    const { record } = await drive({ lane, stage, request: { target: support }, dies });
    expect(record.outcome?.status).toBe('transferred');
    expect(stage.moves(record.request?.callId ?? '')).toEqual([support]);
  }
});

test('ignores a reading that may be older than the refusal', async () => {
  const stage = stageThat(() => ({ as: 'complete', afterMs: 0 }));
  const request = { callId: 'lagging', target: support };
  stage.script('lagging', ['moved-by-another']);
  const { record, timeline } = await drive({ lane, stage, request });
  expect(record.outcome).toMatchObject({ status: 'rejected', reason: 'call-moved' });
  expect(timeline.filter(({ step }) => step === 'compared').map(({ decided }) => decided)).toEqual([
    'too-soon',
    'moved-by-another',
  ]);
  expect(record.conflicts).toBe(1);
});

/** Random endings, lost answers, moves by others and worker deaths for each transfer. Returns the contradictions. */
async function manyTransfers(isAttended: boolean) {
  const chance = takeChance(`attended: ${isAttended}`);
  const draws = Array.from({ length: TRANSFERS }, () => ({
    ends: Array.from({ length: 6 }, () => [chance.between(0, 1), chance.between(0, S / 2)] as const),
    scene: chance.between(0, 1),
    dies: Array.from({ length: 2 }, () => chance.between(0, 1)),
  }));
  const indexOf = (callId: string) => Number(callId.split('-').at(-1));
  const stage = openScripted({
    ...{ settleWindowMs: S, readLagMs: L, isAttended },
    ending(callId, sending) {
      const [kind = 0, afterMs = 0] = draws[indexOf(callId)]?.ends[sending] ?? [];
      return kind < 0.03 ? undefined : { as: kind < 0.1 ? 'failed' : 'complete', afterMs };
    },
  });
  const transfers = await Promise.all(
    draws.map(({ scene, dies }, index) => {
      const callId = `${isAttended}-${index}`;
      const drawn: Scene[] = [
        'lost-after',
        'lost-before',
        'unwell-after',
        'unwell-before',
        'changed',
        'moved-by-another',
      ];
      if (scene < 0.4) stage.script(callId, [drawn[Math.floor((scene / 0.4) * drawn.length)] ?? 'changed']);
      const left = dies.flatMap((die) =>
        die < 0.3 ? [deaths[Math.floor((die / 0.3) * 3)] ?? 'after-intent'] : [],
      );
      const request = { callId, target: support, ...(index % 2 === 0 && { fallback: overflow }) };
      return drive({ lane, stage, request, dies: left });
    }),
  );
  const counts: Record<string, number> = {};
  for (const { record } of transfers) counts[record.status] = (counts[record.status] ?? 0) + 1;
  console.log(`${stage.name}, ${TRANSFERS} transfers: ${JSON.stringify(counts)}`);
  return { counts, wrong: transfers.flatMap((transfer) => contradiction(transfer, stage.moves)) };
}

function contradiction({ record }: StoredTransfer, moves: (callId: string) => object[]): string[] {
  const callId = record.request?.callId ?? '';
  const count = moves(callId).length;
  const told = `${callId} is ${record.status} (${record.outcome?.reason ?? '-'}) and was moved ${count} times`;
  if (count > 1) return [told];
  if (record.outcome === null) return [];
  return (count === 1) === (record.outcome.status === 'transferred') ? [] : [told];
}

test.each([false, true])(
  'thousands of transfers, dying workers, attended: %s: none moved twice, none reported wrongly',
  { timeout: 400_000 },
  async (isAttended) => {
    const { counts, wrong } = await manyTransfers(isAttended);
    expect(wrong).toEqual([]);
    expect(counts.transferred).toBeGreaterThan(TRANSFERS / 2);
    expect(counts.unconfirmed).toBeGreaterThan(0);
  },
);
