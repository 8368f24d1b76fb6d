import type { EffectKind, StoredTransfer, TransferRequest } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBudget } from '../../packages/core/src/redis/pace/budget.ts';
import { createRecordStore } from '../../packages/core/src/redis/transfers/record-store.ts';
import { LONG, takeChance } from '../support/chance.ts';
import { deferralOf, intentOf, openTestLane, RETENTION_MS, type TestLane } from '../support/lane.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { type Meets, openConsulting, type Script } from './consulting.ts';
import { type Death, deaths, drive } from './drive.ts';

const support = { type: 'user', id: 'support' } as const;
const overflow = { type: 'user', id: 'overflow' } as const;
const CONSULTS = LONG ? 5_000 : 600;
const steps = ['consult-start', 'consult-complete', 'consult-cancel'] as const;

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

type Play = { dies?: (Death | 'lives')[]; request?: Partial<TransferRequest>; longestMs?: number };

/** Plays a consult to its end. Gives how it was told, and what really happened. */
async function play(script: Script, { dies = [], request, longestMs = 600 }: Play = {}) {
  const stage = openConsulting({ settleWindowMs: 500, readLagMs: 30, longestMs });
  const callId = `call-${Math.random()}`;
  stage.putCall(callId, script);
  const wanted = { callId, target: support, transferType: 'consult', ...request } as const;
  const transfer = await drive({
    lane,
    stage: { ...stage, putCall: () => undefined },
    request: wanted,
    dies,
    policy: { settleWindowMs: 500 },
  });
  return { ...transfer, ledger: stage.ledger(callId) };
}

const statusesIn = ({ timeline }: Pick<StoredTransfer, 'timeline'>) =>
  timeline.flatMap(({ step, decided = '' }) => (step === 'waiting' ? [decided.split(' ')[0]] : []));

describe('a consult in two steps', () => {
  test('is started, waits for an answer, and is completed, each behind a fence of its own', async () => {
    const { record, timeline, ledger } = await play({ answersMs: 120 });
    expect(record.outcome).toMatchObject({ status: 'transferred', target: support, confirmedBy: 'answer' });
    expect(ledger).toMatchObject({ started: 1, completed: 1, asked: ['consult-start', 'consult-complete'] });
    const effects = timeline.flatMap(({ step, evidence }) => (step === 'intent' ? [evidence?.effect] : []));
    expect(effects).toEqual(['consult-start', 'consult-complete']);
    expect(new Set(statusesIn({ timeline }))).toEqual(new Set(['consulting']));
  });

  test('without an answer is cancelled, and the fallback is called', async () => {
    const { record, ledger } = await play({}, { request: { fallback: overflow } });
    expect(ledger.asked).toEqual(['consult-start', 'consult-cancel', 'consult-start', 'consult-cancel']);
    expect(record.outcome).toMatchObject({ status: 'failed', reason: 'target-gave-up' });
    expect(ledger).toMatchObject({ completed: 0, isOn: false });
  });

  test('whose caller hangs up is let go, and told as such', async () => {
    const { record, ledger } = await play({ callerLeavesMs: 150 });
    expect(record.outcome).toMatchObject({ status: 'rejected', reason: 'call-ended' });
    expect(ledger).toMatchObject({ started: 1, completed: 0, isOn: false });
    expect(ledger.asked.at(-1)).toBe('consult-cancel');
  });

  test('whose target leaves has nothing to cancel', async () => {
    const { record, ledger } = await play({ partyLeavesMs: 150 });
    expect(record.outcome).toMatchObject({ status: 'failed', reason: 'target-gave-up' });
    expect(ledger.asked).toEqual(['consult-start']);
  });

  test('that was begun before its deadline is completed after it', async () => {
    const request = { expiresAt: Date.now() + 3_000 };
    const { record, ledger } = await play({ answersMs: 3_300 }, { request, longestMs: 60_000 });
    expect(record.outcome?.status).toBe('transferred');
    expect(record.settledAt).toBeGreaterThan(record.expiresAt);
    expect(ledger.completed).toBe(1);
  });

  test('that is not answered by then is let go after it, and expired', async () => {
    const request = { expiresAt: Date.now() + 3_000 };
    const { record, ledger } = await play({}, { request, longestMs: 3_300 });
    expect(record.outcome?.status).toBe('expired');
    expect(ledger).toMatchObject({ asked: ['consult-start', 'consult-cancel'], isOn: false });
  });

  test('that may not be completed is let go before that is told', async () => {
    const meets = Array.from({ length: 20 }, (): Meets => ({ answer: 'changed' }));
    const { record, ledger } = await play({ answersMs: 50, meets: { 'consult-complete': meets } });
    expect(record.outcome).toMatchObject({ status: 'failed', reason: 'conflict' });
    expect(ledger).toMatchObject({ completed: 0, isOn: false });
  });

  test('is never started again: a start that was lost is found, or left to a person', async () => {
    const found = await play({ answersMs: 100, meets: { 'consult-start': [{ answer: 'lost-after' }] } });
    expect(found.record.outcome?.status).toBe('transferred');
    expect(found.ledger).toMatchObject({ started: 1, completed: 1 });
    const lost = await play({ answersMs: 100, meets: { 'consult-start': [{ answer: 'lost-before' }] } });
    expect(lost.record).toMatchObject({ status: 'unconfirmed', parked: true });
    expect(lost.ledger).toMatchObject({ started: 0, asked: ['consult-start'] });
  });

  test.each(deaths.flatMap((death) => steps.map((step) => [death, step] as const)))(
    'whose worker dies %s of a %s goes on where it was',
    async (death, step) => {
      const dies = step === 'consult-start' ? [death] : (['lives', death] as const);
      const script: Script = step === 'consult-cancel' ? {} : { answersMs: 100 };
      const { record, ledger } = await play(script, { dies: [...dies] });
      const isNeverSent = step === 'consult-start' && death === 'after-intent';
      if (isNeverSent) expect(record).toMatchObject({ status: 'unconfirmed', parked: true });
      else expect(record.outcome?.status).toBe(step === 'consult-cancel' ? 'failed' : 'transferred');
      expect(ledger).toMatchObject({ started: isNeverSent ? 0 : 1, isOn: false, carriedOutTwice: false });
    },
  );

  test.each(['cancel', 'expire'] as const)('is not ended by a %s while it is under way', async (how) => {
    const id = await lane.accept();
    const epoch = await lane.begin(id);
    const start = intentOf({ effect: 'consult-start', state: 'done' });
    await lane.records.defer(id, epoch, deferralOf({ status: 'consulting', intents: [start] }), []);
    await lane.redis.hset(lane.keys.record(id), 'expiresAt', (await lane.now()) - 1);
    const guard = how === 'cancel' ? 'unsent' : 'overdue';
    const outcome = { status: how === 'cancel' ? 'cancelled' : 'expired' } as const;
    const actor = { type: 'system', name: 's' } as const;
    const settled = await lane.records.settle(id, { guard, outcome, deadLetter: false, actor }, []);
    expect(settled).toEqual({ settled: false, why: 'too-late' });
    expect((await lane.record(id)).status).toBe('consulting');
  });
});

describe('what the end of a consult needs', () => {
  const costs = { run: 4, confirm: 1, consultEnd: 3, followUp: 0 };
  const budgeted = (requests: number) => {
    const budget = { requests, windowMs: 60_000 };
    const records = createRecordStore(lane.redis, lane.lane, {
      ...{ retentionMs: RETENTION_MS, isBilled: false, budget, costs },
      latestFenceMs: PATIENCE_MS,
    });
    return { records, budget: createBudget(lane.redis, lane.lane, budget) };
  };
  const fence = async (
    { records }: ReturnType<typeof budgeted>,
    id: string,
    effect: EffectKind,
    compared = '',
  ) => {
    const intent = intentOf({ effect });
    const { epoch } = await lane.record(id);
    const fenced = await records.fence(id, epoch, { intentId: intent.id, compared, intents: [intent] }, []);
    return { fenced, intent };
  };
  const takeAll = async ({ budget }: ReturnType<typeof budgeted>) => {
    let taken = 0;
    while ((await budget.take()) === undefined) taken += 1;
    return taken;
  };

  test('is kept from its start on, for it alone, and given back at its end', async () => {
    lane = openTestLane();
    const all = budgeted(12);
    const id = await lane.accept();
    expect(await all.records.begin(id)).toMatchObject({ begun: true });
    const { fenced, intent } = await fence(all, id, 'consult-start');
    expect(fenced).toMatchObject({ fenced: true });
    const { epoch } = await lane.record(id);
    const waits = deferralOf({ status: 'consulting', intents: [{ ...intent, state: 'done' }] });
    await all.records.defer(id, epoch, waits, []);
    // 12, less its reading and its start, less 3 for its end.
    expect(await takeAll(all)).toBe(7);
    const verdict = { status: 'expired' } as const;
    expect(await all.records.begin(id)).toMatchObject({ begun: false, why: 'held' });
    await lane.redis.hset(lane.keys.record(id), 'endsConsult', '1');
    expect(await all.records.begin(id)).toMatchObject({ begun: true });
    const end = await fence(all, id, 'consult-cancel', intent.id);
    expect(end.fenced).toMatchObject({ fenced: true });
    const outcome = { ...verdict };
    const actor = { type: 'worker', name: 'w' } as const;
    const settlement = { guard: 'attempt', epoch: epoch + 1, outcome, deadLetter: false, actor } as const;
    expect(await all.records.settle(id, settlement, [])).toMatchObject({ settled: true });
    expect(await lane.redis.exists(lane.keys.consults)).toBe(0);
  });

  test('has to be there, or it is not begun', async () => {
    lane = openTestLane();
    const all = budgeted(6);
    const id = await lane.accept();
    expect(await all.records.begin(id)).toMatchObject({ begun: true });
    for (let taken = 0; taken < 2; taken += 1) expect(await all.budget.take()).toBeUndefined();
    expect((await fence(all, id, 'consult-start')).fenced).toMatchObject({ why: 'held' });
    expect((await fence(all, id, 'move')).fenced).toMatchObject({ fenced: true });
  });
});

/** Answers, hang-ups, lost answers, late ends, deadlines and deaths, drawn for each consult. */
function drawn(chance: ReturnType<typeof takeChance>) {
  const draw = () => chance.between(0, 1);
  const meets = (): Meets[] =>
    Array.from({ length: 3 }, () => {
      const kind = draw();
      const afterMs = draw() < 0.3 ? Math.round(draw() * S * 0.9) : 0;
      const answer =
        kind < 0.1 ? 'lost-after' : kind < 0.15 ? 'lost-before' : kind < 0.2 ? 'unwell-after' : undefined;
      return { ...(kind > 0.95 ? { answer: 'changed' as const } : answer && { answer }), afterMs };
    });
  const sometimes = (share: number, ms: number) => (draw() < share ? Math.round(draw() * ms) : undefined);
  const script: Script = {
    answersMs: sometimes(0.75, 1.2 * LONGEST),
    callerLeavesMs: sometimes(0.25, 1.5 * LONGEST),
    partyLeavesMs: sometimes(0.1, 1.5 * LONGEST),
    meets: { 'consult-start': meets(), 'consult-complete': meets(), 'consult-cancel': meets() },
  };
  const dies = Array.from({ length: 4 }, () =>
    draw() < 0.3 ? (deaths[Math.floor(draw() * 3)] ?? 'after-intent') : ('lives' as const),
  );
  return {
    script,
    dies,
    hasFallback: draw() < 0.3,
    deadlineMs: draw() < 0.3 ? 3_000 + draw() * 3_000 : 900_000,
  };
}

const [S, L, LONGEST] = [2_500, 300, 2_000];

test('many consults, with workers that die: none started or completed twice, none told wrong, none left', {
  timeout: 400_000,
}, async () => {
  lane = openTestLane();
  const chance = takeChance('consults');
  const stage = openConsulting({ settleWindowMs: S, readLagMs: L, longestMs: LONGEST });
  const draws = Array.from({ length: CONSULTS }, () => drawn(chance));
  let kills = 0;
  const played = await Promise.all(
    draws.map(async ({ script, dies, hasFallback, deadlineMs }, index) => {
      const callId = `consult-${index}`;
      stage.putCall(callId, script);
      const { record } = await drive({
        ...{ lane, dies, stage: { ...stage, putCall: () => undefined } },
        request: {
          ...{ callId, target: support, transferType: 'consult', expiresAt: Date.now() + deadlineMs },
          ...(hasFallback && { fallback: overflow }),
        },
      });
      kills += record.interruptions;
      return { record, ledger: stage.ledger(callId) };
    }),
  );
  const counts: Record<string, number> = {};
  for (const { record } of played) {
    const told = `${record.status} ${record.outcome?.reason ?? ''}`.trim();
    counts[told] = (counts[told] ?? 0) + 1;
  }
  console.log(`${CONSULTS} consults, ${kills} workers lost: ${JSON.stringify(counts)}`);
  const wrong = played.flatMap(({ record, ledger }, index) => {
    const { started, completed, carriedOutTwice, isOn } = ledger;
    const told = `consult-${index} ${record.status} ${record.outcome?.reason} ${JSON.stringify(ledger)} ${JSON.stringify(draws[index])}`;
    const starts = record.intents.filter(({ effect }) => effect === 'consult-start').length;
    if (started > starts || started > (draws[index]?.hasFallback ? 2 : 1)) return [`started twice: ${told}`];
    if (completed > 1 || carriedOutTwice) return [`completed twice: ${told}`];
    if (record.status === 'consulting') return [`left consulting: ${told}`];
    if (record.outcome === null) return record.parked ? [] : [`left: ${told}`];
    if ((completed === 1) !== (record.outcome.status === 'transferred')) return [`told wrong: ${told}`];
    return isOn ? [`not let go: ${told}`] : [];
  });
  expect(wrong).toEqual([]);
  expect(counts.transferred).toBeGreaterThan(CONSULTS / 4);
  expect(kills).toBeGreaterThan(CONSULTS / 10);
  expect(await lane.redis.exists(lane.keys.consults)).toBe(0);
});
