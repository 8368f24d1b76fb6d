import type { Intent, TimelineEntry } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deferralOf, intentOf, markOf, openTestLane, settlementOf, type TestLane } from '../support/lane.ts';

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

const entry: TimelineEntry = { at: 7, step: 'intent', by: 'worker:w1' };

function fence(id: string, epoch: number, intent: Intent, more: { compared?: string; all?: Intent[] } = {}) {
  const { compared = '', all = [intent] } = more;
  return lane.records.fence(id, epoch, { intentId: intent.id, compared, intents: all }, [entry]);
}

async function begun(): Promise<{ id: string; epoch: number }> {
  const id = await lane.accept();
  return { id, epoch: await lane.begin(id) };
}

test('an intent is written with Redis time, together with the timeline', async () => {
  const { id, epoch } = await begun();
  const before = await lane.now();
  const intent = intentOf({ mark: markOf('W/"at":0, %1'), target: { type: 'user', id: '"at":0,' } });
  const fenced = await fence(id, epoch, intent);
  if (!fenced.fenced) throw new Error(fenced.why);
  expect(fenced.at).toBeGreaterThanOrEqual(before);
  expect(fenced.at).toBeLessThanOrEqual(await lane.now());
  expect(await lane.record(id)).toMatchObject({
    ...{ status: 'active', openIntent: intent.id, intents: [{ ...intent, at: fenced.at }] },
  });
  expect((await lane.store.get(id))?.timeline.at(-1)).toEqual(entry);
});

test('only the new intent gets a timestamp; earlier ones keep theirs', async () => {
  const { id, epoch } = await begun();
  const first = intentOf({ state: 'closed', at: 1_234, mark: markOf('"at":0,') });
  const second = intentOf();
  const fenced = await fence(id, epoch, second, { all: [first, second] });
  expect((await lane.record(id)).intents).toEqual([
    first,
    { ...second, at: fenced.fenced ? fenced.at : undefined },
  ]);
});

test('the same intent may pass again, with a new timestamp', async () => {
  const { id, epoch } = await begun();
  const intent = intentOf();
  const first = await fence(id, epoch, intent);
  const again = { ...intent, sends: 2, state: 'sending-again' as const };
  const second = await fence(id, epoch, again, { compared: intent.id });
  expect(second).toMatchObject({ fenced: true });
  if (first.fenced && second.fenced) expect(second.at).toBeGreaterThanOrEqual(first.at);
  expect((await lane.record(id)).intents).toMatchObject([
    { id: intent.id, sends: 2, state: 'sending-again' },
  ]);
});

test('repeated after a lost answer, it passes and leaves one intent', async () => {
  const { id, epoch } = await begun();
  const intent = intentOf();
  await fence(id, epoch, intent);
  expect(await fence(id, epoch, intent)).toMatchObject({ fenced: true });
  expect((await lane.record(id)).intents).toHaveLength(1);
  expect(await lane.record(id)).toMatchObject({ openIntent: intent.id });
});

test('an intent that this run has compared can be replaced', async () => {
  const { id, epoch } = await begun();
  const first = intentOf();
  await fence(id, epoch, first);
  const second = intentOf({ mark: markOf('"2"') });
  const all = [{ ...first, state: 'closed' as const }, second];
  expect(await fence(id, epoch, second, { compared: first.id, all })).toMatchObject({ fenced: true });
  expect(await lane.record(id)).toMatchObject({ openIntent: second.id });
});

describe('the fence stays closed, and nothing changes', () => {
  async function shut(id: string, epoch: number, why: string, compared = '') {
    const before = await lane.store.get(id);
    expect(await fence(id, epoch, intentOf(), { compared })).toEqual({ fenced: false, why });
    expect(await lane.store.get(id)).toEqual(before);
  }

  test('for an unknown transfer', () => shut('unknown-id', 1, 'unknown'));

  test('when another run has begun', async () => {
    const { id, epoch } = await begun();
    await lane.begin(id);
    await shut(id, epoch, 'taken-over');
  });

  test('when it was cancelled', async () => {
    const { id, epoch } = await begun();
    const cancelled = settlementOf({ guard: 'unsent', outcome: { status: 'cancelled' } });
    await lane.records.settle(id, cancelled, []);
    await shut(id, epoch, 'settled');
  });

  test('when an event has settled it', async () => {
    const { id, epoch } = await begun();
    await lane.records.settle(id, settlementOf(), []);
    await shut(id, epoch, 'settled');
  });

  test('past the deadline, by the clock of Redis', async () => {
    const { id, epoch } = await begun();
    await lane.redis.hset(lane.keys.record(id), 'expiresAt', await lane.now());
    await shut(id, epoch, 'past-deadline');
  });

  test('when an intent is open that this run did not compare', async () => {
    const { id, epoch } = await begun();
    const open = intentOf();
    await fence(id, epoch, open);
    await shut(id, epoch, 'intent-open');
    await shut(id, epoch, 'intent-open', 'quite another');
  });

  test('when a lost run left an intent that the next run did not compare', async () => {
    const { id, epoch } = await begun();
    await fence(id, epoch, intentOf());
    await shut(id, await lane.begin(id), 'intent-open');
  });
});

test('an open intent after a deferral prevents cancelling, a closed one does not', async () => {
  for (const open of [true, false]) {
    const { id, epoch } = await begun();
    const intent = intentOf();
    await fence(id, epoch, intent);
    await lane.records.defer(
      id,
      epoch,
      deferralOf({ intents: [{ ...intent, state: open ? 'in-doubt' : 'closed' }] }),
      [],
    );
    const cancel = settlementOf({ guard: 'unsent', outcome: { status: 'cancelled' } });
    expect((await lane.records.settle(id, cancel, [])).settled).toBe(!open);
  }
});

test('exactly one of concurrent cancel and fence wins', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id, epoch } = await begun();
    const cancel = settlementOf({ guard: 'unsent', outcome: { status: 'cancelled' } });
    const both = [() => fence(id, epoch, intentOf()), () => lane.records.settle(id, cancel, [])];
    if (round % 2 === 1) both.reverse();
    await Promise.all(both.map((one) => one()));
    const { status, openIntent } = await lane.record(id);
    expect(status === 'cancelled').toBe(openIntent === '');
  }
});

test('publishes the timeline change', async () => {
  const { id, epoch } = await begun();
  const listener = lane.redis.duplicate();
  await listener.subscribe(lane.keys.changed);
  const heard = new Promise((resolve) => listener.once('message', (_channel, told) => resolve(told)));
  await fence(id, epoch, intentOf());
  expect(await heard).toBe(id);
  listener.disconnect();
});
