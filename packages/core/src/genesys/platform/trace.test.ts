import { describe, expect, test } from 'vitest';
import type { Target } from '../../transfer/request.ts';
import { type Command, fingerprintOf, type Leg } from './conversation.ts';
import { callOf, commandOf, legOf } from './pure.testing.ts';
import { beforeOf, traceSent } from './trace.ts';

const CALLER = 'customer C1 connected';
const LEG = legOf('agent ann L1 connected');
const GONE = legOf('agent ann L1 terminated');
const QUEUE: Target = { type: 'queue', id: 'q2' };
const BOB: Target = { type: 'user', id: 'bob' };
const EARLIER = ['acd q1 L0 terminated', CALLER] as const;
const before = beforeOf(callOf([...EARLIER, LEG], [commandOf('old', 'Complete')]), LEG);

const traced = (target: Target, legs: (string | Leg)[], commands: Command[] = []) =>
  traceSent(
    { target, leg: 'L1', before },
    callOf([...EARLIER.slice(0, 1), ...legs], [commandOf('old', 'Complete'), ...commands]),
  );

describe('a sending to a queue', () => {
  test.each(['connected', 'terminated', 'alerting'])(
    'was carried out once the queue has a new leg: %s',
    (state) => {
      expect(traced(QUEUE, [CALLER, GONE, `acd q2 L2 ${state}`])).toMatchObject({ shows: 'moved' });
    },
  );

  test('also where somebody of that queue has answered since', () => {
    expect(traced(QUEUE, [CALLER, GONE, 'acd q2 L2 terminated', 'agent eve L3 connected'])).toMatchObject({
      shows: 'moved',
    });
  });

  test('is not shown by the leg that the queue had before', () => {
    expect(traced({ type: 'queue', id: 'q1' }, [CALLER, LEG])).toMatchObject({ shows: 'nothing-new' });
  });

  test('is not shown by the queue of a leg that is none of the queue', () => {
    const answered = legOf('agent eve L3 connected', { queue: { id: 'q2' } });
    expect(traced(QUEUE, [CALLER, GONE, answered])).toMatchObject({ shows: 'elsewhere' });
  });
});

describe('a sending to a user', () => {
  test('was carried out once a new leg of theirs was ever connected', () => {
    expect(traced(BOB, [CALLER, GONE, 'agent bob L2 connected'])).toMatchObject({ shows: 'moved' });
    const left = legOf('agent bob L2 terminated', { connectedTime: '2026-11-27T10:00:00.000Z' });
    expect(traced(BOB, [CALLER, GONE, left])).toMatchObject({ shows: 'moved' });
  });

  test('is under way while it rings, and moved once it has rung in vain: the caller is off the old leg', () => {
    expect(traced(BOB, [CALLER, GONE, 'agent bob L2 alerting'])).toMatchObject({ shows: 'under-way' });
    expect(traced(BOB, [CALLER, GONE, 'agent bob L2 terminated', 'voicemail L3 connected'])).toMatchObject({
      shows: 'moved',
      words: 'rang at bob, went to voicemail',
    });
    expect(traced(BOB, [CALLER, GONE, 'agent bob L2 terminated'])).toMatchObject({
      shows: 'moved',
      words: 'rang at bob, was not answered (agent of bob, terminated)',
    });
  });

  test('is under way while it rings and the agent still has the call (attended)', () => {
    const pending = [commandOf('new', 'Pending', { destination: { userId: 'bob' } })];
    for (const commands of [pending, []])
      expect(traced(BOB, [CALLER, LEG, 'agent bob L2 alerting'], commands)).toMatchObject({
        shows: 'under-way',
      });
  });

  test.each(['monitoredParticipantId', 'coachedParticipantId', 'bargedParticipantId'] as const)(
    'is not shown by a leg with a %s',
    (field) => {
      const silent = legOf('agent bob L2 connected', { [field]: 'C1' });
      expect(traced(BOB, [CALLER, LEG, silent])).toMatchObject({ shows: 'nothing-new' });
    },
  );
});

describe('a sending to the outside', () => {
  const target: Target = { type: 'address', id: '+4930123456' };
  const contact: Target = { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' };
  const outside = (line: string, given: Partial<Leg> = {}) => [CALLER, GONE, legOf(line, given)];

  test('was carried out once the other side was connected, or its command is complete, also on an ended call', () => {
    expect(traced(target, [CALLER, GONE, 'external L2 connected'])).toMatchObject({ shows: 'moved' });
    const ended = ['customer C1 terminated', GONE];
    expect(traced(target, ended, [commandOf('new', 'Complete')])).toMatchObject({ shows: 'moved' });
    expect(traced(target, ended)).toMatchObject({ shows: 'proves-nothing' });
    expect(traced(contact, ended, [commandOf('new', 'Complete')])).toMatchObject({ shows: 'moved' });
  });

  test('is under way while it is dialled, and while its command is', () => {
    expect(traced(target, outside('external L2 dialing'))).toMatchObject({ shows: 'under-way' });
    expect(traced(target, [CALLER, LEG, 'external L2 dialing'])).toMatchObject({ shows: 'under-way' });
    const destination = { address: 'tel:+4930123456' };
    const pending = [commandOf('new', 'Pending', { destination })];
    expect(traced(target, [CALLER, LEG], pending)).toMatchObject({ shows: 'under-way' });
    expect(traced(contact, [CALLER, LEG], pending)).toMatchObject({ shows: 'under-way' });
  });

  test.each([
    [undefined, 'moved'],
    ['tel:+4930123456', 'moved'],
    ['sip:+49 30 123-456@trunk.example;user=phone', 'moved'],
    ['030123456', 'moved'],
    ['sip:trunk@edge', 'moved'],
    ['+4930999999', 'elsewhere'],
  ])('to a number is shown by a leg of the address %s: %s', (address, shows) => {
    expect(traced(target, outside('external L2 connected', { address }))).toMatchObject({ shows });
  });

  test('to a SIP address is shown by a leg of its name', () => {
    const sip: Target = { type: 'address', id: 'sip:bob@example.com' };
    expect(traced(sip, outside('external L2 connected', { address: 'sip:bob@edge' }))).toMatchObject({
      shows: 'moved',
    });
    expect(traced(sip, outside('external L2 connected', { address: 'sip:eve@edge' }))).toMatchObject({
      shows: 'elsewhere',
    });
  });

  test('is not shown by the leg of another contact, nor by a command to another number', () => {
    const eve = outside('external L2 connected', { externalContact: { id: 'eve' } });
    expect(traced(contact, eve)).toMatchObject({ shows: 'elsewhere' });
    const other = commandOf('new', 'Complete', { destination: { address: '+4930999999' } });
    expect(traced(target, ['customer C1 terminated', GONE], [other])).toMatchObject({
      shows: 'proves-nothing',
    });
  });
});

describe('its command', () => {
  test.each([
    ['Pending', { shows: 'under-way' }],
    ['ACTIVE', { shows: 'under-way' }],
    ['Failed', { shows: 'gave-up', by: 'genesys' }],
    ['Timeout', { shows: 'gave-up', by: 'genesys' }],
    ['Canceled', { shows: 'gave-up', by: 'somebody' }],
    ['Unknown', { shows: 'nothing-new' }],
  ])('%s', (state, shows) => {
    expect(traced(QUEUE, [CALLER, LEG], [commandOf('new', state)])).toMatchObject(shows);
  });

  test('is not one that was there before, and not one to somebody else', () => {
    expect(traced(QUEUE, [CALLER, LEG])).toMatchObject({ shows: 'nothing-new' });
    const other = commandOf('new', 'Pending', { destination: { userId: 'eve' } });
    expect(traced(QUEUE, [CALLER, LEG], [other])).toMatchObject({ shows: 'nothing-new' });
  });
});

test('why a leg ended never counts', () => {
  for (const why of [
    'transfer',
    'transfer.noanswer',
    'TRANSFER',
    'peer',
    'client',
    'something new',
    undefined,
  ]) {
    const old = legOf('agent ann L1 terminated', { disconnectType: why });
    const fresh = legOf('acd q2 L2 connected', { disconnectType: why });
    expect(traced(QUEUE, [CALLER, old, fresh])).toMatchObject({ shows: 'moved' });
    expect(traced(QUEUE, [CALLER, old])).toMatchObject({ shows: 'under-way' });
  }
});

describe('the fingerprint', () => {
  const call = callOf([CALLER, LEG], [commandOf('old', 'Complete')]);

  test('stays while no party joins, leaves or is transferred', () => {
    const held = legOf('agent ann L1 connected', {
      held: true,
      muted: true,
      recordingState: 'paused',
      disconnectType: 'x',
    });
    expect(fingerprintOf(callOf([CALLER, held], [commandOf('old', 'complete')]))).toBe(fingerprintOf(call));
  });

  test.each([
    ['a leg comes', callOf([CALLER, LEG, 'acd q2 L2 connected'], [commandOf('old', 'Complete')])],
    ['a leg leaves', callOf([CALLER, GONE], [commandOf('old', 'Complete')])],
    ['a command comes', callOf([CALLER, LEG], [commandOf('old', 'Complete'), commandOf('new', 'Pending')])],
    ['a command ends', callOf([CALLER, LEG], [commandOf('old', 'Failed')])],
    [
      'a consult begins',
      callOf(
        [CALLER, legOf('agent ann L1 connected', { consultParticipantId: 'C1' })],
        [commandOf('old', 'Complete')],
      ),
    ],
  ])('changes when %s', (_, changed) => {
    expect(fingerprintOf(changed)).not.toBe(fingerprintOf(call));
  });
});
