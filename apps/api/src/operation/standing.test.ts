import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { statusOf } from './standing.ts';
import type { Facts, Status } from './standing-words.ts';

const answersOf = (answers: number, failed: number, since = 0) => ({
  ...{ minutes: 5, answers, failed, limited: 0, since },
  lastFailedAt: failed > 0 ? '2026-11-20T07:58:00.000Z' : null,
});
const seen: NonNullable<Facts['seen']> = {
  ...{
    token: 'valid',
    answers: answersOf(60, 2),
    holdOffUntil: null,
    holds: [],
  },
  ...{ remaining: 280, limit: 300, paused: [], open: 4, waiting: 1, oldestWaitMs: 20, workers: 2 },
  ...{
    deadLetters: 0,
    newestDeadAt: null,
    billingDeadLetters: 0,
    unconfirmed: 0,
    discrepancies: 0,
    billingWaits: 3,
    disabled: [],
  },
  webhook: { state: 'registered' },
  callbacks: { waiting: 0, failing: [] },
  history: { waiting: 1, lagMs: 900 },
};
const well: Facts = {
  mode: 'live',
  redis: { isReady: true, durability: 'durable' },
  recovery: { state: 'none' },
  replicas: { needed: 0, following: null },
  isBillingOn: true,
  hasReceivers: true,
  hasHistory: true,
  seen,
};
const UNTIL = '2026-11-20T08:00:00.000Z';

test('all is well: every part says so, and nothing is to be done', () => {
  const status = statusOf(well);
  expect(status).toMatchObject({
    is: 'fine',
    says: 'All is well: 2 workers, 4 open transfers.',
    mode: 'live',
  });
  expect(JSON.stringify(status)).not.toMatch(/"todo"|"runbook"|trouble|waiting":"/);
  expect(status.genesys).toMatchObject({ is: 'fine', answers: 60, failed: 2 });
  expect(status.budget).toMatchObject({ remaining: 280, limit: 300 });
});

const pause = { queue: 'transfers', since: UNTIL, actor: 'operator:anna', reason: 'fire drill' };
const bad = { state: 'failing', detail: '401' };

test.each<[keyof Status, Status['is'], RegExp, Partial<Facts>]>([
  [
    'redis',
    'trouble',
    /does not answer\. Nothing is accepted/,
    { redis: { isReady: false, durability: 'x' }, seen: undefined },
  ],
  ['redis', 'trouble', /may forget/, { redis: { isReady: true, durability: 'volatile' } }],
  ['redis', 'trouble', /has lost data.*until 2026/, { recovery: { state: 'open', until: UNTIL } }],
  ['redis', 'trouble', /0 of 1 replica/, { replicas: { needed: 1, following: 0 } }],
  ['genesys', 'trouble', /no token: 401/, { seen: { ...seen, token: 'failing', tokenDetail: '401' } }],
  [
    'genesys',
    'trouble',
    /41 of the 60 answers of the last 5 minutes failed, the last at 2026-11-20T07:58:00\.000Z\. Transfers/,
    { seen: { ...seen, answers: answersOf(60, 41) } },
  ],
  [
    'genesys',
    'trouble',
    /Since then 7 answers came and none failed: it may be over\./,
    { seen: { ...seen, answers: answersOf(60, 41, 7) } },
  ],
  ['genesys', 'fine', /2 of the 2 answers/, { seen: { ...seen, answers: answersOf(2, 2) } }],
  ['genesys', 'fine', /not asked/, { seen: { ...seen, answers: answersOf(0, 0) } }],
  ['holdOff', 'waiting', /until 2026/, { seen: { ...seen, holdOffUntil: UNTIL } }],
  ['holdOff', 'waiting', /limits call;/, { seen: { ...seen, holds: [{ operation: 'call', until: UNTIL }] } }],
  ['budget', 'waiting', /300 requests/, { seen: { ...seen, remaining: 0 } }],
  ['budget', 'fine', /No limit/, { seen: { ...seen, limit: Number.POSITIVE_INFINITY } }],
  ['workers', 'trouble', /No worker/, { seen: { ...seen, workers: 0 } }],
  [
    'queues',
    'waiting',
    /transfers is paused, by operator:anna since 2026.*: fire drill\./,
    { seen: { ...seen, paused: [pause] } },
  ],
  ['queues', 'trouble', /the oldest for 61 s/, { seen: { ...seen, oldestWaitMs: 61_000 } }],
  [
    'deadLetters',
    'trouble',
    /^190 transfers and 1 bill need/,
    { seen: { ...seen, deadLetters: 190, billingDeadLetters: 1 } },
  ],
  ['deadLetters', 'trouble', /^1 bill or event needs/, { seen: { ...seen, billingDeadLetters: 1 } }],
  ['billing', 'trouble', /billing-http/, { seen: { ...seen, disabled: ['billing-http'] } }],
  ['billing', 'trouble', /about 1 transfer\./, { seen: { ...seen, discrepancies: 1 } }],
  ['billing', 'fine', /off/, { isBillingOn: false, seen: { ...seen, discrepancies: 1 } }],
  ['webhook', 'trouble', /not registered: 401/, { seen: { ...seen, webhook: bad } }],
  ['webhook', 'waiting', /being registered/, { seen: { ...seen, webhook: { state: 'pending' } } }],
  [
    'callbacks',
    'trouble',
    /^The receiver of crm fails, since 2026.*; messages waiting: 12/,
    { seen: { ...seen, callbacks: { waiting: 12, failing: [{ key: 'crm', since: UNTIL }] } } },
  ],
  ['callbacks', 'fine', /^No receivers/, { hasReceivers: false }],
  [
    'history',
    'trouble',
    /^7 wait .* for 61 s/,
    { seen: { ...seen, history: { waiting: 7, lagMs: 61_000 } } },
  ],
  [
    'history',
    'fine',
    /^No history/,
    { hasHistory: false, seen: { ...seen, history: { waiting: 7, lagMs: 61_000 } } },
  ],
])('%s: %s, %s', (name, is, says, facts) => {
  const status = statusOf({ ...well, ...facts });
  const part = status[name] as { is: string; says: string; todo?: string; runbook?: string };
  expect(part.is).toBe(is);
  expect(part.says).toMatch(says);
  if (is === 'trouble') expect(part.todo).toMatch(/\.$/);
  if (is !== 'fine' && name !== 'budget') expect(part.runbook).toBeDefined();
  if (part.runbook !== undefined)
    expect(existsSync(resolve(import.meta.dirname, '../../../..', part.runbook)), part.runbook).toBe(true);
  expect(status.is).toBe(is);
  if (is !== 'fine') expect(status.says).toBe(part.says);
});

test('trouble comes before what only waits', () => {
  const status = statusOf({
    ...well,
    seen: { ...seen, paused: [pause], deadLetters: 2, newestDeadAt: UNTIL },
  });
  expect(status.says).toBe(`2 transfers need an operator, the newest since ${UNTIL}.`);
});

test('without Redis nothing else is claimed', () => {
  const status = statusOf({ ...well, redis: { isReady: false, durability: 'not-checked' }, seen: undefined });
  const { redis: _, mode: __, is: ___, says: ____, todo: _____, runbook: ______, ...others } = status;
  expect(Object.values(others).map(({ is }) => is)).toEqual(Array(10).fill('unknown'));
});
