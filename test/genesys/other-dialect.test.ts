import type { Dialect, Intent, Target, TransferRequest } from '@handover/core/transfer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGenesys } from '../../packages/core/src/genesys/genesys.ts';
import { intentOf, markOf, openTestLane, type TestLane } from '../support/lane.ts';
import { drive } from './drive.ts';
import { openPlatform } from './platform-stage.ts';

/** Handover was told to use another API of Genesys while transfers of the first one were open. */
let lane: TestLane;
let stage: Awaited<ReturnType<typeof openPlatform>>;
let voice: ReturnType<typeof createGenesys>;
beforeAll(async () => {
  lane = openTestLane();
  stage = await openPlatform(0);
  voice = createGenesys({
    ...{ dialect: 'voice', redis: lane.redis, lane: lane.lane, baseUrl: stage.baseUrl },
    ...{ clientId: 'client', clientSecret: 'a-secret', timeoutMs: 2_000 },
    ...{ budget: { requests: 0, windowMs: 0 }, cache: { userTtlMs: 0, queueTtlMs: 0 } },
    ...{ onRequest: () => undefined, onToken: () => undefined },
  });
});
afterAll(async () => {
  voice.close();
  await stage.close();
  await lane.close();
});

const on = (platform: Dialect, request: Partial<TransferRequest>) =>
  drive({ lane, stage: { ...stage, platform, putCall: () => undefined }, request });
const asked = () => stage.sandbox.requests.entries().length;

describe('a request that the other API cannot carry out ends in words, without a request', () => {
  const contact: Target = { type: 'externalContact', id: 'k', phoneType: 'WorkPhone' };
  test.each<[string, () => Dialect, Partial<TransferRequest>, string]>([
    ['a contact', () => voice.transfers, { target: contact }, 'target.type: only the Platform API'],
    [
      'a number as fallback',
      () => voice.transfers,
      { fallback: { type: 'address', id: '+4930123456' } },
      'fallback.type',
    ],
    [
      'skills',
      () => voice.transfers,
      { target: { type: 'skillGroup', id: 'q', skills: ['s'] } },
      'target.skills',
    ],
    ['a mode', () => voice.transfers, { mode: 'attended' }, 'mode: only the Platform API'],
    ['a waiting call', () => voice.transfers, { from: 'queue' }, 'from: only the Platform API'],
    [
      'a group without skills',
      () => stage.platform,
      { target: { type: 'skillGroup', id: 'q' } },
      'target.skills: is missing',
    ],
  ])('%s', async (_, platform, request, words) => {
    const before = asked();
    const { record } = await on(platform(), request);
    expect(record.outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'refused-by-platform' },
      detail: expect.stringContaining(words),
    });
    expect(asked()).toBe(before);
  });
});

test('what the other API sent proves nothing here, and is left to an operator', async () => {
  const signal = new AbortController().signal;
  const callId = crypto.randomUUID();
  stage.sandbox.platform.putConversation(callId, {
    participants: [{ purpose: 'agent', user: { id: 'agent' } }],
  });
  stage.sandbox.putCall('voice-call');
  stage.sandbox.putUser('agent');
  const legs = await stage.platform.readCall({ callId, userId: 'agent' }, signal);
  const call = await voice.transfers.readCall({ callId: 'voice-call', userId: 'agent' }, signal);
  if (!legs.ok || !call.ok) throw new Error('not read');
  const intent: Intent = intentOf({ state: 'in-doubt', mark: markOf('"7"') });
  expect(stage.platform.trace(intent, legs.value)).toMatchObject({ shows: 'proves-nothing' });
  expect(voice.transfers.trace({ ...intent, mark: legs.value.mark }, call.value)).toMatchObject({
    shows: 'proves-nothing',
  });
});
