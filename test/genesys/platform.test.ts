import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { drive } from './drive.ts';
import { openPlatform } from './platform-stage.ts';
import { type Legs, type Transfer, transferOn } from './platform-transfer.ts';

const support = { type: 'queue', id: 'support' } as const;
const agent = { purpose: 'agent', user: { id: 'agent' } };
const other = { purpose: 'agent', user: { id: 'bob' } };

let lane: TestLane;
let stage: Awaited<ReturnType<typeof openPlatform>>;
beforeAll(async () => {
  lane = openTestLane();
  stage = await openPlatform(0);
});
afterAll(async () => {
  await stage.close();
  await lane.close();
});

const transfer: Transfer = (...given) => transferOn(lane, stage)(...given);

describe('the leg that is replaced', () => {
  test.each([
    [
      [
        { ...agent, id: 'old', state: 'terminated' },
        { ...agent, id: 'L2' },
      ],
    ],
    [
      [
        { ...agent, id: 'L2' },
        { ...agent, id: 'old', state: 'terminated' },
      ],
    ],
    [
      [
        { ...agent, id: 'L2' },
        { ...other, id: 'L3', monitoredParticipantId: 'x' },
      ],
    ],
  ])('is the connected one of the agent: %j', async (participants) => {
    const { outcome, callId, posts } = await transfer({ participants });
    expect([outcome?.status, posts]).toEqual(['transferred', 1]);
    expect(stage.sandbox.ledger.entries(callId)).toMatchObject([{ leg: 'L2', mode: 'Unattended' }]);
  });

  test('is waited for while it is alerting; nothing is sent meanwhile', async () => {
    const participants = [{ ...agent, id: 'L1', state: 'alerting' }];
    const { sandbox } = stage;
    const connect = (callId: string) => {
      const change = () =>
        sandbox.platform.act(callId, { action: 'change-leg', leg: 'L1', change: { state: 'connected' } });
      setTimeout(change, 500);
    };
    const { outcome, posts, timeline, record } = await transfer({ participants }, {}, connect);
    expect([outcome?.status, posts, record.serverErrors]).toEqual(['transferred', 1, 0]);
    expect(timeline.find(({ step }) => step === 'waiting')?.rule).toBe(
      "agent agent's leg L1 is still alerting",
    );
  });
});

describe('a call that cannot be moved is rejected without a POST', () => {
  test.each<[string, Legs, string, string]>([
    ['another agent has it', { participants: [other] }, 'agent-not-on-call', 'connected: bob'],
    [
      'it waits in a queue',
      { participants: [{ purpose: 'acd', queue: { id: 'support' } }] },
      'agent-not-on-call',
      'waits in a queue',
    ],
    ['it is in the IVR', { participants: [{ purpose: 'ivr' }] }, 'call-not-transferable', 'still in the IVR'],
    ['it is a conference', { participants: [agent, other] }, 'call-not-transferable', '3 connected parties'],
    [
      'a consult is under way',
      { participants: [{ ...agent, consultParticipantId: 'c' }] },
      'call-not-transferable',
      'a consult is under way',
    ],
    [
      'it is in secure pause',
      { participants: [agent], securePause: true },
      'call-is-private',
      'secure pause is on',
    ],
    [
      'its recording is paused',
      { participants: [agent], recordingState: 'paused' },
      'call-is-private',
      'recording is paused',
    ],
  ])('%s', async (_, conversation, reason, words) => {
    const { outcome, posts } = await transfer(conversation);
    expect(outcome).toMatchObject({ status: 'rejected', reason, detail: expect.stringContaining(words) });
    expect(posts).toBe(0);
  });

  test('no conversation of this id', async () => {
    const putCall = () => undefined;
    const { record } = await drive({
      lane,
      stage: { ...stage, putCall },
      request: { callId: 'never-seen', target: support },
    });
    expect(record.outcome).toMatchObject({ status: 'rejected', reason: 'call-not-found' });
  });

  test('a consult costs no request at all', async () => {
    const before = stage.sandbox.requests.entries().length;
    const { outcome } = await transfer({ participants: [agent] }, { transferType: 'consult' });
    expect(outcome).toMatchObject({ status: 'rejected', reason: 'needs-user-token' });
    expect(stage.sandbox.requests.entries()).toHaveLength(before);
  });
});

test('a user is reached by a leg of their own, and one who is off queue is not called', async () => {
  const { users } = stage.sandbox.platform.directory;
  users.put('ann', { routingStatus: 'IDLE' });
  users.put('away', { routingStatus: 'OFF_QUEUE' });
  const reached = await transfer({ participants: [agent] }, { target: { type: 'user', id: 'ann' } });
  expect(reached.outcome).toMatchObject({ status: 'transferred', target: { type: 'user', id: 'ann' } });
  const away = await transfer({ participants: [agent] }, { target: { type: 'user', id: 'away' } });
  expect(away.outcome).toMatchObject({ status: 'rejected', reason: 'target-unavailable' });
});

test('an agent without the permission is rejected, and the permission is named', async () => {
  const { users } = stage.sandbox.platform.directory;
  users.put('trainee', { permissions: ['conversation:communication:blindTransferAgent'] });
  const participants = [{ purpose: 'agent', user: { id: 'trainee' } }];
  const { outcome } = await transfer({ participants }, { userId: 'trainee' });
  expect(outcome).toMatchObject({
    ...{ status: 'rejected', reason: 'not-permitted' },
    detail: expect.stringContaining('blindTransferQueue'),
  });
});

test.each([
  ['Failed', { status: 'failed', reason: 'target-gave-up' }],
  ['Timeout', { status: 'failed', reason: 'target-gave-up' }],
  ['Canceled', { status: 'rejected', reason: 'call-moved' }],
] as const)('a command that ends as %s', async (ends, expected) => {
  const callId = crypto.randomUUID();
  stage.sandbox.platform.addScript({
    ...{ operation: 'postConversationParticipantReplaceQueue', id: callId },
    steps: [{ command: { ends, afterMs: 20 } }],
  });
  const { outcome } = await transfer({ participants: [agent] }, { callId });
  expect(outcome).toMatchObject(expected);
  expect(stage.moves(callId)).toEqual([]);
});

describe('a wrap-up code', () => {
  async function wrapUp(callId: string, code: string) {
    const followUps = [
      stage.platform.leaves(
        { callId, userId: 'agent', transferType: 'blind', target: support, wrapUpCodeId: code },
        {
          effect: 'move',
          transferType: 'blind',
          target: support,
          mark: { dialect: 'platform', fingerprint: '', leg: 'L1', data: null },
        },
      ),
    ].flat();
    const [left] = followUps;
    if (left === undefined) throw new Error('nothing is left to do');
    const one = {
      id: 'f',
      kind: left.kind,
      data: left.data,
      dueAt: 0,
      giveUpAt: 1,
      tries: 0,
      state: 'waiting',
    } as const;
    return stage.platform.followUp(
      one,
      { callId, userId: 'agent', transferType: 'blind', target: support },
      new AbortController().signal,
    );
  }

  test('is set once the leg has ended, and given up where Genesys wants the agent', async () => {
    const { platform } = stage.sandbox;
    platform.directory.wrapupCodes.put('sold', {});
    const callId = crypto.randomUUID();
    platform.putConversation(callId, { participants: [{ ...agent, id: 'L1' }] });
    expect(await wrapUp(callId, 'sold')).toMatchObject({ is: 'later' });
    platform.act(callId, { action: 'change-leg', leg: 'L1', change: { state: 'terminated' } });
    platform.changeSettings({ wrapupNeedsUser: true });
    expect(await wrapUp(callId, 'sold')).toMatchObject({
      is: 'gave-up',
      why: expect.stringContaining("agent's own token"),
    });
    platform.changeSettings({ wrapupNeedsUser: false });
    expect(await wrapUp(callId, 'sold')).toMatchObject({ is: 'done' });
    expect(await wrapUp(callId, 'sold')).toMatchObject({ is: 'superseded' });
  });
});
