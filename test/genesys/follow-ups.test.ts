import { type FollowUpQueue, giveFollowUpsJobs, openFollowUpQueue } from '@handover/core/redis';
import {
  FOLLOW_UP_GAPS,
  type FollowUpNext,
  followUp,
  followUpId,
  resolve,
  type StoredTransfer,
} from '@handover/core/transfer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { take } from '../../packages/core/src/billing/take.ts';
import { createBillingStore } from '../../packages/core/src/redis/billing/store.ts';
import { createFollowUpStore } from '../../packages/core/src/redis/transfers/follow-ups.ts';
import { openTestLane, RETENTION_MS, requestOf, settlementOf, type TestLane } from '../support/lane.ts';
import { drive } from './drive.ts';
import { type Ending, openScripted, type WrapUp } from './scripted.ts';

const support = { type: 'queue', id: 'support' } as const;
const OPERATOR = { type: 'operator', name: 'o' } as const;
const GAPS = { firstMs: 1, longestMs: 2 };

let lane: TestLane;
let queue: FollowUpQueue;
beforeAll(() => {
  lane = openTestLane();
  queue = openFollowUpQueue(lane.redis, lane.prefix);
});
afterAll(async () => {
  await queue.close();
  await lane.close();
});

const stageThat = (meets: WrapUp[] = [], ending?: (callId: string, sending: number) => Ending) =>
  openScripted({
    ...{ settleWindowMs: 400, readLagMs: 50, ...(ending && { ending }) },
    wrapUp: (_, attempt) => meets[Math.min(attempt, meets.length - 1)] ?? 'set',
  });
type Scripted = ReturnType<typeof stageThat>;

const request = { target: support, wrapUpCodeId: 'sold' };
const moved = (stage: Scripted) => drive({ lane, stage, request });
const callOf = ({ record }: StoredTransfer) => record.request?.callId ?? '';
const idOf = ({ record }: StoredTransfer) => followUpId(record.id, 1);
const sweep = async () =>
  giveFollowUpsJobs(lane.redis, queue, lane.lane, { now: await lane.now(), limit: 500, againMs: 60_000 });

type Ports = Parameters<typeof followUp>[0];
function portsOf(stage: Scripted, more: Partial<Ports> = {}): Ports {
  const store = createFollowUpStore(lane.redis, lane.lane);
  const { signal } = new AbortController();
  const random = () => 0;
  return {
    store,
    platform: stage.platform,
    room: async () => undefined,
    gaps: GAPS,
    random,
    signal,
    ...more,
  };
}

/** One try after another, as the queue does, until it has ended. */
async function carryOut(stage: Scripted, id: string): Promise<FollowUpNext> {
  for (;;) {
    const { next } = await followUp(portsOf(stage), id);
    if (next.do !== 'sleep') return next;
    await new Promise((done) => setTimeout(done, next.inMs));
  }
}

/** What must stay as it was, whatever becomes of the follow-up. */
async function untouched(id: string) {
  const { record, timeline, report } = await lane.snapshot(id, 'c');
  const { status, outcome, settledAt, attempts, intents } = record;
  return { status, outcome, settledAt, attempts, intents, timeline, report };
}

test('a move that happened leaves a wrap-up, in the step that settles it, as long as the record is kept', async () => {
  const { record } = await moved(stageThat());
  const [one] = record.followUps;
  expect(record.outcome?.status).toBe('transferred');
  expect(record.followUps).toHaveLength(1);
  expect(one).toMatchObject({ kind: 'wrap-up', state: 'waiting', tries: 0, data: { code: 'sold' } });
  expect(one).toMatchObject({ dueAt: record.settledAt, giveUpAt: record.settledAt + 30_000 });
  expect(await lane.redis.pttl(lane.keys.record(record.id))).toBeLessThanOrEqual(RETENTION_MS);
  expect(await lane.redis.zscore(lane.keys.followUps, one?.id ?? '')).toBe(String(record.settledAt));
});

test('a move without a wrap-up code leaves nothing', async () => {
  const { record } = await drive({ lane, stage: stageThat(), request: { target: support } });
  expect(record.followUps).toEqual([]);
  expect(record.intents[0]).not.toHaveProperty('leaves');
});

test('what did not happen leaves nothing', async () => {
  const stage = stageThat([], () => ({ as: 'failed', afterMs: 10 }));
  const { record } = await drive({ lane, stage, request });
  expect(record.outcome).toMatchObject({ status: 'failed', reason: 'target-gave-up' });
  expect(record.followUps).toEqual([]);
});

test('it is done once, and then stays as it is', async () => {
  const stage = stageThat();
  const transfer = await moved(stage);
  const before = await untouched(transfer.record.id);
  expect(await carryOut(stage, idOf(transfer))).toEqual({ do: 'done', end: 'done', why: 'set' });
  expect((await lane.record(transfer.record.id)).followUps[0]).toMatchObject({ state: 'done', why: 'set' });
  expect(await carryOut(stage, idOf(transfer))).toMatchObject({ do: 'nothing' });
  expect(stage.wrapUp(callOf(transfer))).toEqual({ tries: 1, code: 'sold' });
  expect(await untouched(transfer.record.id)).toEqual(before);
  expect(await lane.redis.zscore(lane.keys.followUps, idOf(transfer))).toBeNull();
});

test('one that is refused is shown as given up, and the outcome stays', async () => {
  const stage = stageThat(['not-offered']);
  const transfer = await moved(stage);
  const before = await untouched(transfer.record.id);
  expect(await carryOut(stage, idOf(transfer))).toMatchObject({ do: 'done', end: 'gave-up' });
  const { followUps } = await lane.record(transfer.record.id);
  expect(followUps[0]).toMatchObject({ state: 'gave-up', why: 'code not allowed here' });
  expect(await untouched(transfer.record.id)).toEqual(before);
});

test('one that the agent has done already is superseded', async () => {
  const stage = stageThat(['there-already']);
  const transfer = await moved(stage);
  expect(await carryOut(stage, idOf(transfer))).toMatchObject({ do: 'done', end: 'superseded' });
  expect(stage.wrapUp(callOf(transfer))).toEqual({ tries: 1 });
});

test('trouble, and an answer that is lost, make it try again at growing gaps', async () => {
  const stage = stageThat(['unwell', 'unwell', 'lost']);
  const transfer = await moved(stage);
  const id = idOf(transfer);
  const gaps = { firstMs: 1_000, longestMs: 1_500 };
  const first = await followUp(portsOf(stage, { gaps }), id);
  expect(first.next).toMatchObject({ do: 'sleep', inMs: 1_000 });
  const [waits] = (await lane.record(transfer.record.id)).followUps;
  const makeDue = async () => {
    const found = (await lane.record(transfer.record.id)).followUps[0];
    if (found === undefined) throw new Error('it left nothing');
    await createFollowUpStore(lane.redis, lane.lane).note({ ...found, dueAt: 0 }, found.tries);
  };
  expect(waits).toMatchObject({ state: 'waiting', tries: 1, why: 'not set: the platform answered 503' });
  expect((await followUp(portsOf(stage, { gaps }), id)).next).toMatchObject({ why: 'not due yet' });
  await makeDue();
  expect((await followUp(portsOf(stage, { gaps }), id)).next).toMatchObject({ do: 'sleep', inMs: 1_500 });
  await makeDue();
  expect(await carryOut(stage, id)).toMatchObject({ end: 'done', why: 'our code is there' });
  expect(stage.wrapUp(callOf(transfer))).toEqual({ tries: 4, code: 'sold' });
});

test('after its time it is given up without a request, and sooner where the next try would come too late', async () => {
  const stage = stageThat(['unwell']);
  const late = await moved(stage);
  const [one] = late.record.followUps;
  if (one === undefined) throw new Error('it left nothing');
  await createFollowUpStore(lane.redis, lane.lane).note({ ...one, giveUpAt: 1 }, 0);
  expect(await carryOut(stage, one.id)).toMatchObject({ end: 'gave-up', why: 'giveUpAt has passed' });
  expect(stage.wrapUp(callOf(late)).tries).toBe(0);

  const soon = await moved(stage);
  const gaps = { firstMs: 60_000, longestMs: 60_000 };
  expect((await followUp(portsOf(stage, { gaps }), idOf(soon))).next).toMatchObject({ end: 'gave-up' });
  expect((await lane.record(soon.record.id)).followUps[0]).toMatchObject({ state: 'gave-up', tries: 1 });
});

test('while the budget is needed for transfers it waits, asks nothing, and burns no try', async () => {
  const stage = stageThat();
  const transfer = await moved(stage);
  const until = (await lane.now()) + 5_000;
  const room = async () => ({ until, rule: 'budget used up' });
  const { next } = await followUp(portsOf(stage, { room }), idOf(transfer));
  expect(next).toMatchObject({ do: 'sleep', why: 'budget used up' });
  expect((await lane.record(transfer.record.id)).followUps[0]).toMatchObject({ dueAt: until, tries: 0 });
  expect(stage.wrapUp(callOf(transfer)).tries).toBe(0);
});

test('of two that tried at once the later word counts for nothing', async () => {
  const stage = stageThat(['unwell', 'set']);
  const transfer = await moved(stage);
  const other = portsOf(stage);
  const platform: Ports['platform'] = {
    async followUp(...given) {
      const answer = await stage.platform.followUp(...given);
      await followUp(other, idOf(transfer));
      return answer;
    },
  };
  expect((await followUp(portsOf(stage, { platform }), idOf(transfer))).next).toMatchObject({
    do: 'nothing',
  });
  expect((await lane.record(transfer.record.id)).followUps[0]?.state).toBe('done');
});

test('a worker that dies after the settlement leaves no job, and the sweep gives it one; also where a job was lost', async () => {
  const stage = stageThat();
  const transfer = await drive({ lane, stage, request, dies: ['after-settlement'] });
  const id = idOf(transfer);
  expect(transfer.record.outcome?.status).toBe('transferred');
  expect(await queue.getJob(id)).toBeUndefined();
  expect(await sweep()).toContain(id);
  expect((await queue.getJob(id))?.data).toEqual({ v: 1, id });
  expect(await sweep()).not.toContain(id);
  await queue.remove(id);
  await lane.redis.zadd(lane.keys.followUps, 0, id);
  expect(await sweep()).toContain(id);
  expect(await carryOut(stage, id)).toMatchObject({ end: 'done' });
  await queue.remove(id);
  expect(await sweep()).not.toContain(id);
});

test('one whose record was forgotten is looked for no more', async () => {
  const stage = stageThat();
  const transfer = await moved(stage);
  await lane.redis.del(lane.keys.record(transfer.record.id));
  expect(await carryOut(stage, idOf(transfer))).toEqual({ do: 'nothing', why: 'unknown' });
  expect(await lane.redis.zscore(lane.keys.followUps, idOf(transfer))).toBeNull();
});

const never = () => undefined;
const ports = () => ({
  records: lane.records,
  store: lane.store,
  meter: { ended: () => undefined },
  wakes: { remove: async () => undefined },
});

test('what an operator settles as moved leaves it too, and as not moved leaves nothing', async () => {
  for (const happened of [true, false]) {
    const { record } = await drive({ lane, stage: stageThat([], never), request });
    expect(record.status).toBe('unconfirmed');
    await resolve(ports(), record.id, OPERATOR, { happened, reason: 'I saw it' });
    const kinds = (await lane.record(record.id)).followUps.map(({ kind }) => kind);
    expect(kinds).toEqual(happened ? ['wrap-up'] : []);
  }
});

test('what an event settles leaves it too', async () => {
  const { record } = await drive({ lane, stage: stageThat([], never), request });
  const trails = createBillingStore(lane.redis, lane.lane, { retentionMs: RETENTION_MS });
  const transfers = { ...lane.store, isTraining: async () => false };
  const dispatcher = { dispatch: async () => undefined };
  const { callId = '' } = record.request ?? {};
  const at = (await lane.now()) + 1;
  const event = { id: 'e', callId, transferType: 'blind', target: support, at } as const;
  const actor = { type: 'genesysEvent', name: 'e' } as const;
  await take(event, { ...ports(), trails, transfers, dispatcher }, { windowMs: 0, actor });
  const { outcome, followUps } = await lane.record(record.id);
  expect(outcome).toMatchObject({ status: 'transferred', confirmedBy: 'event' });
  expect(followUps).toMatchObject([{ kind: 'wrap-up', state: 'waiting' }]);
});

test('what was settled otherwise and is seen to have happened stays as it was told, and leaves nothing', async () => {
  const id = await lane.accept(requestOf());
  const leaves = [{ kind: 'wrap-up', data: {}, afterMs: 0, forMs: 1 } as const];
  const expired = { status: 'expired' } as const;
  const epoch = await lane.begin(id);
  await lane.records.settle(id, settlementOf({ guard: 'attempt', epoch, outcome: expired, leaves }), []);
  await lane.records.settle(id, settlementOf({ leaves }), []);
  expect(await lane.record(id)).toMatchObject({ status: 'expired', followUps: [] });
});

test('the gaps are those of docs/rules.md', () => {
  expect(FOLLOW_UP_GAPS).toEqual({ firstMs: 5_000, longestMs: 300_000 });
});
