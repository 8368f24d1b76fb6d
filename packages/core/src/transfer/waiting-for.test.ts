import { describe, expect, test } from 'vitest';
import { recordOf } from './tell.testing.ts';
import { waitingFor } from './waiting-for.ts';
import { outcomeStatuses, waitReasons } from './words.ts';

const NOW = 1_000_000;
const LATER = NOW + 5_000;
const pace = { now: NOW, paused: false };

test.each(outcomeStatuses)('a transfer that is %s waits for nothing', (status) => {
  expect(waitingFor(recordOf({ status, outcome: { status } }), { ...pace, paused: true })).toBeUndefined();
});

test('one that a worker works on waits for nothing', () => {
  expect(waitingFor(recordOf({ status: 'active' }), pace)).toBeUndefined();
});

describe('one whose time has come', () => {
  const record = recordOf({ status: 'queued' });
  test('waits for its turn', () => {
    expect(waitingFor(record, pace)).toEqual({ reason: 'turn' });
    expect(waitingFor(recordOf({ status: 'delayed', nextAt: NOW, epoch: 2 }), pace)).toEqual({
      reason: 'turn',
    });
  });
  test.each(['hold-off', 'budget'] as const)('waits for the end of a %s that holds all', (reason) => {
    expect(waitingFor(record, { ...pace, held: { reason, until: LATER } })).toEqual({ reason, until: LATER });
    expect(waitingFor(record, { ...pace, held: { reason, until: NOW } })).toEqual({ reason: 'turn' });
  });
  test('waits for an operator while the queue is paused, whatever else holds it', () => {
    const held = { reason: 'budget', until: LATER } as const;
    expect(waitingFor(record, { ...pace, paused: true, held })).toEqual({ reason: 'paused' });
  });
});

describe('one that sleeps', () => {
  test('before its first run: until it may start', () => {
    const record = recordOf({ status: 'delayed', nextAt: LATER });
    expect(waitingFor(record, { ...pace, paused: true })).toEqual({ reason: 'not-before', until: LATER });
  });
  test.each(waitReasons)('as its last run stored it: %s', (waitsFor) => {
    const record = recordOf({ status: 'delayed', nextAt: LATER, epoch: 1, waitsFor });
    expect(waitingFor(record, pace)).toEqual({ reason: waitsFor, until: LATER });
  });
  test.each([
    ['delayed', undefined, 'retry'],
    ['unconfirmed', { effect: 'move', state: 'in-doubt' }, 'proof'],
    ['unconfirmed', { effect: 'move', state: 'accepted' }, 'confirmation'],
    ['consulting', { effect: 'consult-start', state: 'done' }, 'consult'],
  ] as const)('%s, where an older version stored no reason: by its intents', (status, intent, reason) => {
    const intents = intent === undefined ? [] : [intent];
    const record = recordOf({ status, nextAt: LATER, epoch: 1, intents: intents as never });
    expect(waitingFor(record, pace)).toEqual({ reason, until: LATER });
  });
});

test('one that stayed unconfirmed too long waits for an operator or an event, without a time', () => {
  const record = recordOf({ status: 'unconfirmed', parked: true, epoch: 3 });
  expect(waitingFor(record, pace)).toEqual({ reason: 'confirmation' });
});
