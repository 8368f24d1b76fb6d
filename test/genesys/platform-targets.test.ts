import type { Intent, Target } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { openPlatform } from './platform-stage.ts';
import { type Transfer, transferOn } from './platform-transfer.ts';

const overflow = { type: 'queue', id: 'overflow' } as const;
const ann = { purpose: 'agent', user: { id: 'agent' }, id: 'L1' };
const calls = { participants: [ann] };
const waits = { participants: [{ purpose: 'acd', queue: { id: 'elsewhere' }, id: 'L4' }] };

let lane: TestLane;
let stage: Awaited<ReturnType<typeof openPlatform>>;
beforeAll(async () => {
  lane = openTestLane();
  stage = await openPlatform(0);
  const { users, contacts } = stage.sandbox.platform.directory;
  users.put('bob', { routingStatus: 'IDLE' });
  contacts.put('k', { phones: { WorkPhone: '+4930111111', CellPhone: '+4930222222' } });
});
afterAll(async () => {
  await stage.close();
  await lane.close();
});

const transfer: Transfer = (...given) => transferOn(lane, stage)(...given);
const OPERATIONS = {
  queue: 'postConversationParticipantReplaceQueue',
  skillGroup: 'postConversationParticipantReplaceQueue',
  user: 'postConversationParticipantReplaceAgent',
  externalContact: 'postConversationParticipantReplaceContactExternal',
  address: 'postConversationParticipantTransfer',
} as const satisfies Record<Target['type'], string>;

/** The next transfers of this call to such a target meet these steps. */
function script(callId: string, type: Target['type'], steps: object[]): void {
  stage.sandbox.platform.addScript({ operation: OPERATIONS[type], id: callId, steps });
}

const targets: Target[] = [
  { type: 'queue', id: 'support' },
  { type: 'skillGroup', id: 'support', skills: ['german', 'billing'] },
  { type: 'user', id: 'bob' },
  { type: 'externalContact', id: 'k', phoneType: 'CellPhone' },
  { type: 'address', id: '+4930123456' },
  { type: 'address', id: 'sip:desk@example.com' },
];

describe.each(['attended', 'unattended', undefined] as const)('in the mode %s', (mode) => {
  test.concurrent.each(targets)('a call is moved to $type $id', async (target) => {
    const { outcome, record, posts, moves } = await transfer(calls, { target, mode });
    expect(outcome).toEqual({ status: 'transferred', target, isFallback: false, confirmedBy: 'reading' });
    expect(posts).toBe(1);
    const { type, id } = target;
    expect(moves).toMatchObject([
      {
        ...{ by: 'api', leg: 'L1', mode: mode === 'attended' ? 'Attended' : 'Unattended' },
        target: { type: type === 'skillGroup' ? 'queue' : type, id },
      },
    ]);
    expect(record.intents[0]?.repeatable).toBe(mode === 'attended' ? 'never' : 'same-leg');
  });
});

test('the phone of a contact that was asked for is called', async () => {
  const target = { type: 'externalContact', id: 'k', phoneType: 'CellPhone' } as const;
  const { callId } = await transfer(calls, { target });
  expect(stage.sandbox.platform.conversations.read(callId)?.legs.at(-1)).toMatchObject({
    ...{ purpose: 'external', address: '+4930222222' },
  });
  const home = await transfer(calls, { target: { ...target, phoneType: 'HomePhone' } });
  expect(home.outcome).toMatchObject({
    ...{ status: 'rejected', reason: 'refused-by-platform' },
    detail: expect.stringContaining('HomePhone'),
  });
});

test('a call that has left Genesys Cloud for good was moved', async () => {
  const callId = crypto.randomUUID();
  script(callId, 'address', [{ command: { releases: true } }]);
  const { outcome, moves } = await transfer(calls, {
    callId,
    target: { type: 'address', id: '+4930123456' },
  });
  expect(outcome).toMatchObject({ status: 'transferred', confirmedBy: 'reading' });
  expect(moves).toHaveLength(1);
});

describe('a call that waits in a queue', () => {
  test.concurrent.each([...targets.slice(0, 1), ...targets.slice(2, 5)])(
    'is moved to $type, attended, if the request says so',
    async (target) => {
      const request = { target, from: 'queue', mode: 'unattended' } as const;
      const { outcome, moves, timeline, record } = await transfer(waits, request);
      expect(outcome).toMatchObject({ status: 'transferred', target });
      expect(moves).toMatchObject([{ leg: 'L4', mode: 'Attended' }]);
      expect(record.intents[0]?.repeatable).toBe('never');
      expect(timeline.find(({ step }) => step === 'read')?.evidence?.call).toContain(
        'leg L4, which waits in queue elsewhere with no agent connected',
      );
    },
  );

  test('is left alone without that, and where an agent has it', async () => {
    const other = { purpose: 'agent', user: { id: 'bob' }, id: 'L5' };
    const answered = {
      participants: [{ ...waits.participants[0], purpose: 'acd', state: 'terminated' }, other],
    };
    for (const [legs, from] of [
      [waits, undefined],
      [answered, 'queue'],
    ] as const) {
      const { outcome, posts } = await transfer(legs, { from });
      expect([outcome, posts]).toMatchObject([{ status: 'rejected', reason: 'agent-not-on-call' }, 0]);
    }
  });
});

test('the timeline names the leg, and why not another one', async () => {
  const old = { ...ann, id: 'L0', state: 'terminated' };
  const { timeline, moves } = await transfer({
    participants: [old, ann, { ...ann, id: 'L2', state: 'terminated' }],
  });
  expect(moves).toMatchObject([{ leg: 'L1' }]);
  expect(timeline.find(({ step }) => step === 'read')?.evidence?.call).toContain(
    'leg L1 of agent agent, their last connected one; L0 is terminated, L2 is terminated',
  );
});

describe('a conversation that is no call', () => {
  test.each([
    ['callback', 'is a callback'],
    ['chat', 'is a chat'],
    ['email', 'is an e-mail'],
  ] as const)('but a %s is told by one more request', async (media, words) => {
    const { outcome, posts, asked } = await transfer({ participants: [ann], media });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'call-not-transferable' },
      detail: expect.stringContaining(words),
    });
    expect([posts, asked]).toEqual([0, ['getConversationsCall', 'getConversation']]);
  });

  test('is no conversation at all', async () => {
    const callId = crypto.randomUUID();
    const unknown = () => stage.sandbox.platform.deleteConversation(callId);
    const { outcome, posts, asked } = await transfer(calls, { callId }, unknown);
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'call-not-found' },
      detail: expect.stringContaining(
        'no conversation of this id: it has ended, or this is a participant or communication id, or another region',
      ),
    });
    expect([posts, asked]).toEqual([0, ['getConversationsCall', 'getConversation']]);
  });

  test('is asked about only after a 404, and only where something is decided', async () => {
    const signal = new AbortController().signal;
    const [unknown, unwell] = [crypto.randomUUID(), crypto.randomUUID()];
    stage.sandbox.platform.addScript({
      operation: 'getConversationsCall',
      id: unwell,
      steps: [{ status: 503 }],
    });
    await stage.platform.readCall({ callId: unknown, userId: 'agent' }, signal);
    await stage.platform.readCall({ callId: unwell, userId: 'agent', decides: true }, signal);
    for (const id of [unknown, unwell])
      expect(stage.sandbox.requests.entries(id).map(({ operation }) => operation)).toEqual([
        'getConversationsCall',
      ]);
  });

  test('cannot be told where the client may not view conversations', async () => {
    const callId = crypto.randomUUID();
    stage.sandbox.platform.addScript({
      ...{ operation: 'getConversation', id: callId },
      steps: [{ status: 403, code: 'missing.any.permissions' }],
    });
    const { outcome } = await transfer({ participants: [ann], media: 'chat' }, { callId });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'call-not-found' },
      detail: expect.stringContaining('no call of this id'),
    });
  });
});

test('a call that a party outside holds is not taken back', async () => {
  const outside = { purpose: 'external', id: 'X1' };
  const left = { ...ann, state: 'terminated' };
  const { outcome, posts } = await transfer({ participants: [{ purpose: 'customer' }, left, outside] });
  expect(outcome).toMatchObject({
    ...{ status: 'rejected', reason: 'call-not-transferable' },
    detail: expect.stringContaining('held by an external party (leg X1)'),
  });
  expect(posts).toBe(0);
});

describe('a leg that is not connected when it is to be replaced', () => {
  const alerts = { action: 'change-leg', leg: 'L1', change: { state: 'alerting' } } as const;
  const connects = { action: 'change-leg', leg: 'L1', change: { state: 'connected' } } as const;

  test.each<[string, object]>([
    ['bad.request', {}],
    ['not.a.participant', { status: 400, code: 'not.a.participant' }],
  ])('is waited for after a %s, and replaced once', async (_, answer) => {
    const callId = crypto.randomUUID();
    script(callId, 'queue', [{ before: alerts, ...answer }]);
    const connectSoon = (conversation: { id: string }) => {
      if (conversation.id !== callId) return;
      stage.sandbox.off('conversation', connectSoon);
      setTimeout(() => stage.sandbox.platform.act(callId, connects), 500);
    };
    const listen = () => void stage.sandbox.on('conversation', connectSoon);
    const { outcome, posts, moves, record, timeline } = await transfer(calls, { callId }, listen);
    expect(outcome).toMatchObject({ status: 'transferred' });
    expect([posts, moves.length, record.conflicts, record.serverErrors]).toEqual([2, 1, 1, 0]);
    expect(timeline.some(({ rule }) => rule === "agent agent's leg L1 is still alerting")).toBe(true);
  });

  // A machine that is busy for a second may miss the last look.
  test('past the deadline has expired, and is named; nothing was sent', { retry: 3 }, async () => {
    const expiresAt = (await lane.now()) + 4_000;
    const { outcome, posts } = await transfer(
      { participants: [{ ...ann, state: 'alerting' }] },
      { expiresAt },
    );
    expect(outcome).toMatchObject({ status: 'expired', detail: "agent agent's leg L1 is still alerting" });
    expect(posts).toBe(0);
  });
});

describe('a target that the platform refuses', () => {
  const gone = (status: number, code: string) => ({ status, code, message: 'refused' });
  const refusals = [
    ['queue', 404, 'conversations.error.queue.not.found'],
    ['queue', 400, 'conversations.error.queue.not.found'],
    ['user', 400, 'conversations.error.transfer.same.party'],
    ['user', 400, 'conversation.error.cannot.transfer.to.self'],
  ] as const;
  const targetOf = (type: 'queue' | 'user') => ({ type, id: type === 'queue' ? 'support' : 'bob' });

  test.concurrent.each(refusals)('%s with %i %s: the fallback', async (type, status, code) => {
    const callId = crypto.randomUUID();
    script(callId, type, [gone(status, code)]);
    const request = { callId, target: targetOf(type), fallback: overflow };
    const { outcome, posts, moves, timeline } = await transfer(calls, request);
    expect(outcome).toMatchObject({ status: 'transferred', target: overflow, isFallback: true });
    expect([posts, moves.length]).toEqual([2, 1]);
    expect(timeline.findLast(({ step }) => step === 'decided')?.rule).toContain(code);
  });

  test.concurrent.each(refusals)('%s with %i %s and no fallback: rejected', async (type, status, code) => {
    const callId = crypto.randomUUID();
    script(callId, type, [gone(status, code)]);
    const { outcome, posts } = await transfer(calls, { callId, target: targetOf(type) });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'target-unavailable' },
      detail: expect.stringContaining(code),
    });
    expect(posts).toBe(1);
  });

  test('and whose fallback it refuses too is rejected with both reasons', async () => {
    const callId = crypto.randomUUID();
    const answer = gone(404, 'conversations.error.queue.not.found');
    script(callId, 'queue', [
      { ...answer, message: 'one' },
      { ...answer, message: 'other' },
    ]);
    const { outcome, posts } = await transfer(calls, { callId, fallback: overflow });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'target-unavailable' },
      detail: expect.stringMatching(/target: .*one.*; fallback: .*other/),
    });
    expect(posts).toBe(2);
  });

  test('as a contact that it does not know leads to the fallback, too', async () => {
    const target = { type: 'externalContact', id: 'nobody', phoneType: 'WorkPhone' } as const;
    const found = await transfer(calls, { target, fallback: overflow });
    expect(found.outcome).toMatchObject({ status: 'transferred', target: overflow });
    expect(found.record.conflicts).toBe(0);
  });

  test('as part of a conference is no matter of the target', async () => {
    const callId = crypto.randomUUID();
    script(callId, 'queue', [gone(400, 'conversation.error.cannot.transfer.conference')]);
    const { outcome, posts } = await transfer(calls, { callId, fallback: overflow });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'call-not-transferable' },
      detail: expect.stringContaining('conference'),
    });
    expect(posts).toBe(1);
  });
});

describe('a permission that is lacking', () => {
  test.concurrent.each([
    [
      { type: 'queue', id: 'support' },
      'one of conversation:communication:blindTransfer, conversation:communication:blindTransferQueue',
    ],
    [{ type: 'address', id: '+4930123456' }, 'lacks conversation:communication:blindTransfer ('],
  ] as [Target, string][])('to the client for $0.type is named', async (target, words) => {
    const callId = crypto.randomUUID();
    script(callId, target.type, [{ status: 403, code: 'missing.any.permissions', message: 'no' }]);
    const { outcome, posts } = await transfer(calls, { callId, target, fallback: overflow });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'forbidden' },
      detail: expect.stringMatching(
        /^the OAuth client lacks .*\(platform: missing.any.permissions(, trace .+)?\)$/,
      ),
    });
    expect(outcome?.detail).toContain(words);
    expect(posts).toBe(1);
  });

  test.each([
    [
      'externalContact',
      { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' },
      'blindTransferExternalContact',
    ],
    ['address', { type: 'address', id: '+4930123456' }, 'blindTransfer'],
  ] as [string, Target, string][])(
    'to the agent for %s, also as fallback, is named',
    async (type, target, lacks) => {
      const { users } = stage.sandbox.platform.directory;
      const userId = `poor-${type}`;
      users.put(userId, { permissions: ['conversation:communication:blindTransferQueue'] });
      const participants = [{ ...ann, user: { id: userId } }];
      for (const request of [{ target }, { fallback: target }]) {
        const { outcome, posts } = await transfer({ participants }, { userId, ...request });
        expect(outcome).toMatchObject({ status: 'rejected', reason: 'not-permitted' });
        expect(outcome?.detail?.endsWith(lacks)).toBe(true);
        expect(posts).toBe(0);
      }
    },
  );
});

test('who is rung in vain has the call no longer: it went to voicemail', async () => {
  const callId = crypto.randomUUID();
  script(callId, 'user', [{ command: { answers: false, voicemail: true, ringMs: 200 } }]);
  const { outcome, timeline, moves } = await transfer(calls, {
    ...{ callId, target: { type: 'user', id: 'bob' }, fallback: overflow },
  });
  expect(outcome).toMatchObject({ status: 'transferred', target: { type: 'user', id: 'bob' } });
  expect(timeline.at(-1)?.rule).toBe('rang at bob, went to voicemail');
  expect(moves).toHaveLength(1);
});

describe('whatever the old leg reads meanwhile', () => {
  const ends = [
    { state: 'disconnected', disconnectType: 'transfer' },
    { state: 'disconnected', disconnectType: 'peer' },
    { state: 'terminated', disconnectType: 'peer', wrapupRequired: true },
  ];

  test.each([
    ['a queue', { type: 'queue', id: 'support' }],
    ['a user', { type: 'user', id: 'bob' }],
  ] as [string, Target][])('a move to %s is seen at each moment', async (_, target) => {
    const callId = crypto.randomUUID();
    const signal = new AbortController().signal;
    const { platform, sandbox } = stage;
    sandbox.platform.putConversation(callId, calls);
    const reading = async () => {
      const read = await platform.readCall({ callId, userId: 'agent' }, signal);
      if (!read.ok) throw new Error('not read');
      return read.value;
    };
    const { mark, placement: before } = await reading();
    const intent: Intent = {
      ...{ id: 'i', at: 0, effect: 'move', transferType: 'blind', target, isFallback: false, sends: 1 },
      ...{ mark, before, repeatable: 'same-leg', state: 'accepted' },
    };
    script(callId, target.type, [
      { command: { afterMs: 10_000, connectMs: 10_000, legEnds: [{ afterMs: 0, state: 'connected' }] } },
    ]);
    const command = { effect: 'move', callId, userId: 'agent', transferType: 'blind', target, mark } as const;
    expect(await platform.move(command, async () => true, signal)).toMatchObject({ moved: 'accepted' });
    expect(platform.trace(intent, await reading())).toMatchObject({ shows: 'under-way' });
    // Carried out; and where it rings, answered.
    sandbox.platform.hurry();
    sandbox.platform.hurry();
    for (const change of ends) {
      sandbox.platform.act(callId, { action: 'change-leg', leg: 'L1', change });
      expect(platform.trace(intent, await reading())).toMatchObject({ shows: 'moved' });
    }
  });
});
