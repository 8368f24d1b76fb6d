import { describe, expect, test } from 'vitest';
import {
  observationQuery,
  openWords,
  type QueueFacts,
  toObserved,
  toWaitSeconds,
  whyNotOpen,
} from './queues.ts';

const place = { name: 'Support', joined: 4 };
const facts = (given: Partial<QueueFacts> = {}): QueueFacts => ({
  ...{ place, observed: { onQueue: 2, waiting: 3 } },
  ...given,
});

describe('why a queue takes no calls', () => {
  test.each<[Parameters<typeof whyNotOpen>[0], Partial<QueueFacts>, string | undefined]>([
    [{ minOnQueue: 1 }, {}, undefined],
    [{ minOnQueue: 2 }, {}, undefined],
    [{ minOnQueue: 3 }, {}, 'unstaffed: 2 agents on queue, at least 3 (minOnQueue)'],
    [
      { minOnQueue: 1 },
      { observed: null },
      'unstaffed: Genesys shows nobody in it, at least 1 on queue (minOnQueue)',
    ],
    [{ minOnQueue: 0 }, { observed: null }, undefined],
    [{ minOnQueue: 1, maxWaiting: 4 }, {}, undefined],
    [{ minOnQueue: 1, maxWaiting: 3 }, {}, 'full: 3 waiting, at most 3 (maxWaiting)'],
    [{ minOnQueue: 1, maxWaitSeconds: 60 }, { waitSeconds: 60 }, undefined],
    [{ minOnQueue: 1, maxWaitSeconds: 60 }, { waitSeconds: null }, undefined],
    [
      { minOnQueue: 1, maxWaitSeconds: 60 },
      { waitSeconds: 61 },
      'full: an estimated wait of 61 s, at most 60 (maxWaitSeconds)',
    ],
    [{ minOnQueue: 1, minJoinedMembers: 4 }, {}, undefined],
    [
      { minOnQueue: 1, minJoinedMembers: 5 },
      {},
      'unstaffed: 4 members have joined, at least 5 (minJoinedMembers)',
    ],
    [{ minOnQueue: 3 }, { closed: 'outside schedule group G' }, 'closed: outside schedule group G'],
    [
      { minOnQueue: 3 },
      { closed: 'outside schedule group G', emergency: { name: 'Fire', isOn: true } },
      'closed: emergency group Fire is on',
    ],
    [{ minOnQueue: 1 }, { closed: null, emergency: { name: 'Fire', isOn: false } }, undefined],
    [{ minOnQueue: 1, maxWaiting: 1 }, { observed: undefined }, undefined],
  ])('%j, %j', (policy, given, why) => {
    expect(whyNotOpen(policy, facts(given))).toBe(why);
  });

  test('an open one says what was seen', () => {
    expect(openWords(facts())).toBe('open: 2 agents on queue, 3 waiting');
    expect(openWords(facts({ waitSeconds: null }))).toBe(
      'open: 2 agents on queue, 3 waiting, no estimated wait',
    );
    expect(openWords({ place })).toBe('open');
  });
});

test('observations of many queues come apart again; calls of other media do not wait here', () => {
  const onQueue = (qualifier: string, count: number) => ({
    metric: 'oOnQueueUsers',
    qualifier,
    stats: { count },
  });
  const waiting = (count: number) => ({ metric: 'oWaiting', stats: { count } });
  const results = [
    { group: { queueId: 'a' }, data: [onQueue('IDLE', 2), onQueue('INTERACTING', 3)] },
    { group: { queueId: 'a', mediaType: 'voice' }, data: [waiting(4)] },
    { group: { queueId: 'a', mediaType: 'chat' }, data: [waiting(9)] },
    { group: { queueId: 'B' } },
  ];
  expect(toObserved({ results }, ['a', 'b', 'c'])).toEqual({
    a: { onQueue: 5, waiting: 4 },
    b: { onQueue: 0, waiting: 0 },
    c: null,
  });
  expect(toObserved({}, ['a'])).toEqual({ a: null });
  expect(observationQuery(['a', 'b'])).toMatchObject({
    filter: { predicates: [{ value: 'a' }, { value: 'b' }] },
  });
});

test('the best estimate counts', () => {
  const estimate = (formula: string, estimatedWaitTimeSeconds: number) => ({
    formula,
    estimatedWaitTimeSeconds,
  });
  expect(toWaitSeconds({ results: [estimate('SIMPLE', 9), estimate('BEST', 5)] })).toBe(5);
  expect(toWaitSeconds({ results: [estimate('SIMPLE', 9)] })).toBe(9);
  expect(toWaitSeconds({ results: [] })).toBeNull();
});
