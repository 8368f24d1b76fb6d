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
    for (const legs of [
      ['agent ann L1 connected', 'agent ann L2 connected'],
      ['agent ann L1 connected', 'agent ann L2 connected', 'agent ann L3 terminated'],
    ])
      expect(find([CALLER, ...legs])).toMatchObject({ leg: { id: 'L2' } });
  });

  test('is named, with what became of the agent’s others', () => {
    expect(find([CALLER, 'agent ann L2 connected'])).toMatchObject({
      words: 'leg L2 of agent ann, their last connected one',
    });
    const silent = legOf('agent ann L3 connected', { coachedParticipantId: 'C1' });
    expect(find([CALLER, 'agent ann L1 terminated', 'agent ann L2 connected', silent])).toMatchObject({
      words: 'leg L2 of agent ann, their last connected one; L1 is terminated, L3 only listens',
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
    expect(find(waiting, true)).toMatchObject({
      leg: { id: 'L4' },
      words: 'leg L4, which waits in queue q1 with no agent connected',
    });
    expect(find([...waiting, 'agent bob L5 alerting'], true)).toMatchObject({ leg: { id: 'L4' } });
    expect(find(waiting)).toEqual({
      no: 'agent-not-on-call',
      words: 'agent ann is not connected on this call; it waits in a queue',
    });
  });

  test('is that of the agent who has it, also if the request would take it from a queue', () => {
    expect(find([CALLER, 'acd q1 L4 connected', 'agent ann L5 connected'], true)).toMatchObject({
      leg: { id: 'L5' },
    });
  });

  test('is not a caller’s, although that may name a queue', () => {
    const caller = legOf(CALLER, { queue: { id: 'q1' } });
    expect(find([caller], true)).toMatchObject({ no: 'agent-not-on-call' });
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
      'a party outside has it',
      ['agent ann L1 terminated', 'external L2 connected'],
      'call-not-transferable',
      'held by an external party (leg L2)',
    ],
    [
      'it is a conference with a party outside',
      ['agent ann L1 connected', 'external L2 connected'],
      'call-not-transferable',
      '3 connected parties',
    ],
    ['the caller alone is left', ['external L1 terminated'], 'agent-not-on-call', 'no agent is'],
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
