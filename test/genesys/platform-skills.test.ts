import type { FollowUpAnswer, Target } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { openPlatform } from './platform-stage.ts';
import { type Transfer, transferOn } from './platform-transfer.ts';

const target: Target = { type: 'skillGroup', id: 'support', skills: ['german', 'billing'] };
const signal = new AbortController().signal;
const READ = 'getConversationsCall';
const SET = 'patchRoutingConversation';

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

/** A call that waits in the queue of the group, and one try of its follow-up. */
function waiting(legs: object[] = []) {
  const callId = crypto.randomUUID();
  const acd = { id: 'Q', purpose: 'acd', queue: { id: target.id } };
  stage.sandbox.platform.putConversation(callId, { participants: [acd, ...legs] as never });
  const request = { callId, userId: 'agent', transferType: 'blind', target } as const;
  const mark = { dialect: 'platform', fingerprint: '', leg: 'L1', data: null };
  const [left] = stage.platform.leaves(request, { effect: 'move', transferType: 'blind', target, mark });
  if (left === undefined) throw new Error('nothing is left to do');
  const { kind, data } = left;
  const one = { id: 'f', kind, data, dueAt: 0, giveUpAt: 1, tries: 0, state: 'waiting' } as const;
  return {
    callId,
    attempt: () => stage.platform.followUp(one, request, signal),
    skills: () =>
      stage.sandbox.platform.conversations
        .read(callId)
        ?.legs.find(({ id }) => id === 'Q')
        ?.conversationRoutingData?.skills?.map(({ id }) => id),
    act: (action: Parameters<typeof stage.sandbox.platform.act>[1]) =>
      stage.sandbox.platform.act(callId, action),
    asked: () => stage.sandbox.requests.entries(callId).map(({ operation }) => operation),
    script: (operation: typeof READ | typeof SET, step: object) =>
      stage.sandbox.platform.addScript({ operation, id: callId, steps: [step] }),
  };
}

test('a transfer to a skill group moves the call to its queue, and leaves the skills to be set', async () => {
  const participants = [{ purpose: 'agent', user: { id: 'agent' }, id: 'L1' }];
  const wrapUpCodeId = 'sold';
  const { outcome, record } = await transfer({ participants }, { target, wrapUpCodeId });
  expect(outcome).toMatchObject({ status: 'transferred', target });
  expect(record.followUps).toMatchObject([
    { kind: 'skills', state: 'waiting', data: { queue: 'support', skills: ['german', 'billing'] } },
    { kind: 'wrap-up', state: 'waiting', data: { code: 'sold', leg: 'L1' } },
  ]);
  expect(record.followUps[0]?.dueAt).toBe(record.settledAt);
});

test('a fallback leaves its own skills, and a queue none', async () => {
  const participants = [{ purpose: 'agent', user: { id: 'agent' }, id: 'L1' }];
  stage.setOpen({ id: 'shut' }, false);
  const fallback = { type: 'queue', id: 'overflow' } as const;
  const request = { target: { ...target, id: 'shut' }, fallback };
  const { outcome, record } = await transfer({ participants }, request);
  expect(outcome).toMatchObject({ status: 'transferred', isFallback: true });
  expect(record.followUps).toEqual([]);
});

describe('the skills of a call that waits', () => {
  test('are set once, and then there', async () => {
    const call = waiting();
    expect(await call.attempt()).toMatchObject({ is: 'done', why: 'the skills are set' });
    expect(call.skills()).toEqual(['german', 'billing']);
    expect(await call.attempt()).toMatchObject({ is: 'done', why: 'the call has these skills' });
    expect(call.asked()).toEqual([READ, SET, READ]);
  });

  test('are set again after a lost answer, for they are the same', async () => {
    const call = waiting();
    call.script(SET, { drop: 'after' });
    expect(await call.attempt()).toMatchObject({ is: 'later' });
    expect(await call.attempt()).toMatchObject({ is: 'done' });
    expect(call.skills()).toEqual(['german', 'billing']);
  });

  test('are given up once it waits no longer, and no other queue gets them', async () => {
    const answered = waiting();
    answered.act({ action: 'pick-up', userId: 'eve' });
    expect(await answered.attempt()).toMatchObject({
      ...{ is: 'gave-up', why: 'the call no longer waits in queue support' },
    });
    const moved = waiting();
    moved.act({ action: 'move', destination: { type: 'queue', id: 'elsewhere' } });
    stage.sandbox.platform.hurry();
    expect(await moved.attempt()).toMatchObject({ is: 'gave-up' });
    for (const call of [answered, moved]) expect(call.asked()).toEqual([READ]);
  });

  test('are set later where a reading does not show the queue yet, or Genesys is unwell', async () => {
    const call = waiting();
    call.script(READ, { status: 503 });
    expect(await call.attempt()).toMatchObject({ is: 'later', failure: { status: 503 } });
    call.script(SET, { status: 429, headers: { 'retry-after': '1' } });
    expect(await call.attempt()).toMatchObject({ is: 'later', failure: { kind: 'held' } });
    expect(await openedLater(call.attempt)).toMatchObject({ is: 'done' });
    const callId = crypto.randomUUID();
    stage.sandbox.platform.putConversation(callId, { participants: [{ purpose: 'agent' }] });
    const request = { callId, userId: 'agent', transferType: 'blind', target } as const;
    const data = { queue: target.id, skills: target.skills };
    const one = { id: 'f', kind: 'skills', data, dueAt: 0, giveUpAt: 1, tries: 0, state: 'waiting' } as const;
    const answer = await openedLater(() => stage.platform.followUp(one, request, signal));
    expect(answer).toMatchObject({ is: 'later', why: 'not seen in queue support yet' });
  });

  test.each([
    [403, 'missing.any.permissions', 'lacks routing:conversation:edit'],
    [400, 'bad.request', '400 (bad.request'],
    [404, 'not.found', '404 (not.found'],
    [400, 'not.a.user', "agent's own token"],
  ])('are given up after %i %s, in words', async (status, code, words) => {
    const call = waiting();
    call.script(SET, { status, code, message: 'no' });
    expect(await call.attempt()).toMatchObject({ is: 'gave-up', why: expect.stringContaining(words) });
  });
});

/** Repeats it until the hold-off of an earlier 429 has passed. */
async function openedLater(answer: () => Promise<FollowUpAnswer>): Promise<FollowUpAnswer> {
  for (;;) {
    const one = await answer();
    if (one.is !== 'later' || one.failure?.kind !== 'held') return one;
    await new Promise((done) => setTimeout(done, 100));
  }
}
