import { AUDIT_KEPT_MS, createAuditStore } from '@handover/core/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';

const ANNA = { type: 'operator', name: 'anna', role: 'operate' } as const;

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
afterAll(() => lane.close());

test('entries are kept for their time, by Redis’ clock, and read on for a copy', async () => {
  const audit = createAuditStore(lane.redis, lane.lane);
  const now = await lane.now();
  const old = [now - AUDIT_KEPT_MS - 5_000, now - AUDIT_KEPT_MS + 60_000];
  const fields = [
    'actor',
    'operator:anna',
    'role',
    'operate',
    'action',
    'pause',
    'thing',
    'billing',
    'reason',
    'x',
  ];
  for (const at of old) await lane.redis.xadd(lane.keys.audit, `${at}-0`, ...fields);
  await audit.note(ANNA, 'replay', 'billing.1', 'again');
  const before = await audit.since('', 10);
  expect(before.map(({ action }) => action)).toEqual(['pause', 'pause', 'replay']);
  await audit.trim(now);
  const [kept, newest] = await audit.since('', 10);
  expect(kept).toEqual({
    ...{ id: `${old[1]}-0`, at: old[1], actor: 'operator:anna', role: 'operate' },
    ...{ action: 'pause', thing: 'billing', reason: 'x' },
  });
  expect(newest).toMatchObject({ role: 'operate', thing: 'billing.1', reason: 'again' });
  expect(await audit.since(kept?.id ?? '', 1)).toEqual([newest]);
  expect(await audit.since(newest?.id ?? '', 10)).toEqual([]);
});
