import { describe, expect, test } from 'vitest';
import type { Leg } from './conversation.ts';
import { findHolder } from './holder.ts';
import { callOf, legOf } from './pure.testing.ts';

const CALLER = 'customer C1 connected';
const find = (legs: (string | Leg)[], fromQueue = false) => findHolder(callOf(legs), 'ann', fromQueue);

describe('the leg to replace', () => {
  test.each([
    [['agent ann L1 terminated', 'agent ann L2 connected']],
    [['agent ann L2 connected', 'agent ann L1 terminated']],
    [['agent ann L1 terminated', 'agent ann L2 connected', 'agent ann L3 disconnected']],
    [['user ann L2 connected', 'agent bob L3 terminated']],
  ])('is the connected one of the agent: %j', (legs) => {
    expect(find([CALLER, ...legs])).toMatchObject({ leg: { id: 'L2' } });
  });

  test('is the last of several connected ones', () => {
    expect(find([CALLER, 'agent ann L1 connected', 'agent ann L2 connected'])).toMatchObject({
      no: 'call-not-transferable',
    });
    expect(find([CALLER, 'agent ann L1 terminated', 'agent ann L2 connected'])).toMatchObject({
      leg: { id: 'L2' },
    });
  });

  test.each(['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'] as const)(
    'is never one with a %s',
    (field) => {
      const silent = legOf('agent ann L9 connected', { [field]: 'C1' });
      expect(find([CALLER, 'agent ann L1 connected', silent])).toMatchObject({ leg: { id: 'L1' } });
      expect(find([CALLER, 'agent bob L1 connected', silent])).toMatchObject({ no: 'agent-not-on-call' });
    },
  );

  test('is that of the queue for a call that waits, if the request says so', () => {
    const waiting = [CALLER, 'acd q1 L4 connected'];
    expect(find(waiting, true)).toMatchObject({ leg: { id: 'L4' } });
    expect(find(waiting)).toEqual({
      no: 'agent-not-on-call',
      words: 'agent ann is not connected on this call; it waits in a queue',
    });
  });

  test('is not that of a queue where another agent has the call', () => {
    expect(find([CALLER, 'acd q1 L4 connected', 'agent bob L5 connected'], true)).toMatchObject({
      no: 'agent-not-on-call',
    });
  });
});

describe('there is none', () => {
  test('yet, while the agent is alerting', () => {
    expect(find([CALLER, 'agent ann L1 alerting'])).toEqual({ wait: "agent ann's leg L1 is still alerting" });
  });

  test.each<[string, (string | Leg)[], string, string]>([
    [
      'another agent has it',
      ['agent ann L1 terminated', 'agent bob L2 connected'],
      'agent-not-on-call',
      'connected: bob',
    ],
    ['no agent has it', ['agent ann L1 terminated'], 'agent-not-on-call', 'no agent is'],
    ['it is in the IVR', ['ivr L1 connected'], 'call-not-transferable', 'is still in the IVR'],
    [
      'it is a conference',
      ['agent ann L1 connected', 'agent bob L2 connected'],
      'call-not-transferable',
      '3 connected parties',
    ],
    [
      'a consult is under way',
      [legOf('agent ann L1 connected', { consultParticipantId: 'C1' })],
      'call-not-transferable',
      'a consult is under way',
    ],
  ])('since %s', (_, legs, no, words) => {
    expect(find([CALLER, ...legs])).toEqual({ no, words: expect.stringContaining(words) });
  });

  test('since the caller has left', () => {
    expect(find(['customer C1 terminated', 'agent ann L1 connected'])).toMatchObject({ no: 'call-ended' });
  });
});
