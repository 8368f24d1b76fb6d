import type { TransferRequest } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  defaultPolicies,
  type Policies,
  type QueuePolicy,
} from '../../packages/core/src/genesys/policies.ts';
import { openTestLane, type TestLane } from '../support/lane.ts';
import { drive } from './drive.ts';
import { openPlatform } from './platform-stage.ts';

type Legs = NonNullable<Parameters<Sandbox['platform']['putConversation']>[1]>;

const support = { type: 'queue', id: 'support' } as const;
const overflow = { type: 'queue', id: 'overflow' } as const;
const agent = { purpose: 'agent', user: { id: 'agent' } };
const MAY = ['conversation:communication:blindTransfer'];
const PASSED = { start: '2020-01-01T08:00:00.000', end: '2020-01-01T18:00:00.000' };
const ALWAYS = { start: '2020-01-01T00:00:00.000', end: '2120-01-01T00:00:00.000' };

let lane: TestLane;
beforeAll(() => {
  lane = openTestLane();
});
const stages: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const stage of stages) await stage.close();
  await lane.close();
});

/** An organisation under these policies, where `support` and `overflow` are open and two agents wait. */
async function open(policies: Partial<Policies> = {}, cacheMs = 0) {
  const stage = await openPlatform(0, 0, {
    ...{ policies: { ...defaultPolicies, ...policies }, cacheMs },
    // A repeated request would be counted.
    timeoutMs: 20_000,
  });
  stages.push(stage);
  const { sandbox } = stage;
  const { directory } = sandbox.platform;

  /** Transfers a conversation to `support`; gives how it ended, and what was asked. */
  async function transfer(
    request: Partial<TransferRequest> = {},
    conversation: Legs = { participants: [agent] },
  ) {
    const callId = request.callId ?? crypto.randomUUID();
    const before = sandbox.requests.counts();
    const putCall = (id: string) => void sandbox.platform.putConversation(id, conversation);
    const found = await drive({
      lane,
      stage: { ...stage, putCall },
      request: { callId, target: support, ...request },
    });
    const asked = Object.entries(sandbox.requests.counts()).flatMap(([operation, count = 0]) => {
      const times = count - (before[operation as keyof typeof before] ?? 0);
      return times === 0 || operation === 'postOauthToken' ? [] : [[operation, times] as const];
    });
    const { outcome } = found.record;
    return { ...found, outcome, asked: Object.fromEntries(asked), moves: stage.moves(callId) };
  }
  return { ...stage, directory, transfer };
}

const queues = (support: QueuePolicy, all: QueuePolicy = {}) => ({
  queues: { default: all, queues: { support } },
});
const ruleOf = ({ timeline }: { timeline: { step: string; rule?: string | undefined }[] }) =>
  timeline.findLast(({ step }) => step === 'decided')?.rule;
const evidenceOf = ({ timeline }: { timeline: { evidence?: Record<string, unknown> | undefined }[] }) =>
  timeline.find(({ evidence }) => evidence !== undefined)?.evidence ?? {};

describe.concurrent('a private call', () => {
  const privacy = (given: Partial<Policies['privacy']>) => ({
    privacy: { ...defaultPolicies.privacy, ...given },
  });
  const untold = { participants: [agent], securePause: null, recordingState: null };

  test.each<[string, Legs, Partial<Policies>, string]>([
    ['in secure pause', { securePause: true }, {}, 'secure pause is on (PRIVATE_SIGNALS)'],
    ['paused', { recordingState: 'paused' }, {}, 'the recording is paused (PRIVATE_SIGNALS)'],
    ['untold', untold, {}, 'secure pause, recording state not told; PRIVATE_UNKNOWN=allow accepts it'],
    [
      'marked by an attribute of the caller',
      { participants: [{ purpose: 'customer', attributes: { vip: 'yes' } }, agent] },
      privacy({ attribute: { name: 'vip', value: 'yes' } }),
      'attribute vip=yes is set (PRIVATE_ATTRIBUTE)',
    ],
    [
      'in a private division',
      { divisionId: 'legal' },
      privacy({ divisions: ['legal'] }),
      'it lies in a private division (PRIVATE_DIVISIONS)',
    ],
  ])(
    '%s is rejected, with the sign and the setting, and nothing is sent',
    async (_, call, policies, detail) => {
      const { transfer } = await open(policies);
      const { outcome, moves, asked } = await transfer({}, { participants: [agent], ...call });
      expect(outcome).toMatchObject({ status: 'rejected', reason: 'call-is-private', detail });
      expect(moves).toEqual([]);
      expect(asked).not.toHaveProperty('postConversationParticipantReplaceQueue');
    },
  );

  test.each<[string, Legs, Partial<Policies>]>([
    ['untold, where that is allowed', untold, privacy({ unknown: 'allow' })],
    ['in secure pause, where no signal counts', { securePause: true }, privacy({ signals: [] })],
    ['without the attribute', {}, privacy({ attribute: { name: 'vip' } })],
    ['in another division', { divisionId: 'sales' }, privacy({ divisions: ['legal'] })],
  ])('%s: the call is moved', async (_, call, policies) => {
    const { transfer } = await open(policies);
    const { outcome, moves } = await transfer({}, { participants: [agent], ...call });
    expect([outcome?.status, moves]).toEqual(['transferred', [support]]);
  });
});

describe.concurrent('the permission of an agent', () => {
  test('is asked for by itself where the user comes without it', async () => {
    const { transfer, directory } = await open();
    directory.users.put('agent', { permissions: MAY, expandsAuthorization: false });
    const { outcome, asked } = await transfer();
    expect(outcome?.status).toBe('transferred');
    expect(asked).toMatchObject({ getUser: 1, getUserRoles: 1 });
  });

  test.each([
    ['conversation:*:*', 'transferred'],
    ['*:*:*', 'transferred'],
    ['conversation:communication:blindTransferQueue', 'transferred'],
    ['routing:*:*', 'rejected'],
  ])('%s: %s', async (permission, status) => {
    const { transfer, directory } = await open();
    directory.users.put('agent', { permissions: [permission] });
    expect((await transfer()).outcome?.status).toBe(status);
  });

  test('counts for the fallback too', async () => {
    const { transfer, directory } = await open();
    directory.users.put('agent', { permissions: ['conversation:communication:blindTransferQueue'] });
    const { outcome } = await transfer({ fallback: { type: 'user', id: 'ann' } });
    expect(outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'not-permitted' },
      detail: expect.stringContaining('blindTransferAgent'),
    });
  });

  test.each(['reject', 'allow'] as const)('that the client may not read, with %s', async (unknown) => {
    const { transfer, directory } = await open({ permissionUnknown: unknown });
    directory.users.put('agent', { permissions: [], expandsAuthorization: false });
    const all = ['conversation:*:*', 'routing:queue:view', 'analytics:queueObservation:view'];
    directory.clients.put('client', { secret: 'a-secret', permissions: all });
    const words =
      'Genesys does not tell the permissions of agent agent; PERMISSION_UNKNOWN=allow accepts that';
    const found = await transfer();
    expect(evidenceOf(found).agent).toBe(words);
    if (unknown === 'allow') expect(found.outcome?.status).toBe('transferred');
    else expect(found.outcome).toMatchObject({ status: 'rejected', reason: 'not-permitted', detail: words });
  });

  test('that cannot be read for a moment is asked for again: it is not unknown', async () => {
    const { transfer, directory, sandbox } = await open({}, 60_000);
    directory.users.put('agent', { permissions: MAY, expandsAuthorization: false });
    sandbox.platform.addScript({ operation: 'getUserRoles', steps: [{ status: 503 }] });
    const { outcome, record, asked } = await transfer();
    expect([outcome?.status, record.serverErrors]).toEqual(['transferred', 1]);
    expect(asked).toMatchObject({ getUserRoles: 2 });
  });
});

describe.concurrent('a queue', () => {
  test.each<[string, QueuePolicy, object, string]>([
    [
      'nobody on queue',
      {},
      { onQueueUsers: { IDLE: 0 } },
      'unstaffed: 0 agents on queue, at least 1 (minOnQueue)',
    ],
    [
      'not observed',
      {},
      { isObserved: false },
      'unstaffed: Genesys shows nobody in it, at least 1 on queue (minOnQueue)',
    ],
    [
      'too few on queue',
      { minOnQueue: 4 },
      { onQueueUsers: { IDLE: 1, INTERACTING: 2 } },
      'unstaffed: 3 agents on queue, at least 4 (minOnQueue)',
    ],
    ['too many waiting', { maxWaiting: 10 }, { waiting: 12 }, 'full: 12 waiting, at most 10 (maxWaiting)'],
    [
      'too long a wait',
      { maxWaitSeconds: 60 },
      { estimatedWaitTimeSeconds: 90 },
      'full: an estimated wait of 90 s, at most 60 (maxWaitSeconds)',
    ],
    [
      'too few members',
      { minJoinedMembers: 3 },
      { joinedMemberCount: 2 },
      'unstaffed: 2 members have joined, at least 3 (minJoinedMembers)',
    ],
    ['an emergency', { emergencyGroupId: 'fire' }, {}, 'closed: emergency group Fire is on'],
    ['outside its hours', { scheduleGroupId: 'over' }, {}, 'closed: outside schedule group Over'],
    ['on a holiday', { scheduleGroupId: 'holiday' }, {}, 'closed: holiday Feast of schedule group Holidays'],
    [
      'an emergency in its hours',
      { scheduleGroupId: 'always', emergencyGroupId: 'fire' },
      {},
      'closed: emergency group Fire is on',
    ],
  ])('%s: the fallback, and the timeline says why', async (_, policy, fields, words) => {
    const { transfer, directory } = await open(queues(policy));
    directory.queues.put('support', fields);
    putHours(directory);
    const found = await transfer({ fallback: overflow });
    expect(found.outcome).toMatchObject({ status: 'transferred', target: overflow, isFallback: true });
    expect(found.moves).toEqual([overflow]);
    expect(evidenceOf(found).target).toBe(words);
    expect(ruleOf(found)).toBe(`target is ${words}`);
    const alone = await transfer();
    expect(alone.outcome).toMatchObject({ reason: 'target-unavailable', detail: `target is ${words}` });
  });

  test.each<[string, QueuePolicy, object, string, object]>([
    [
      'as usual',
      {},
      {},
      'open: 1 agents on queue, 0 waiting',
      { getRoutingQueue: 1, postAnalyticsQueuesObservationsQuery: 1 },
    ],
    [
      'nobody on queue, where that does not matter',
      { minOnQueue: 0 },
      { onQueueUsers: {} },
      'open',
      { getRoutingQueue: 1 },
    ],
    [
      'by everything',
      {
        maxWaiting: 3,
        maxWaitSeconds: 60,
        minJoinedMembers: 1,
        scheduleGroupId: 'always',
        emergencyGroupId: 'calm',
      },
      { waiting: 2, estimatedWaitTimeSeconds: 60 },
      'open: 1 agents on queue, 2 waiting, estimated wait 60 s',
      {
        ...{ getRoutingQueue: 1, postAnalyticsQueuesObservationsQuery: 1, getArchitectEmergencygroup: 1 },
        ...{
          getRoutingQueueMediatypeEstimatedwaittime: 1,
          getArchitectSchedulegroup: 1,
          getArchitectSchedule: 1,
        },
      },
    ],
    [
      'without an estimate',
      { maxWaitSeconds: 60 },
      { estimatedWaitTimeSeconds: null },
      'open: 1 agents on queue, 0 waiting, no estimated wait',
      {
        ...{ getRoutingQueue: 1, postAnalyticsQueuesObservationsQuery: 1 },
        getRoutingQueueMediatypeEstimatedwaittime: 1,
      },
    ],
  ])(
    'open %s; only what the policy asks about costs a request',
    async (_, policy, fields, words, requests) => {
      const { transfer, directory } = await open(queues(policy));
      directory.queues.put('support', fields);
      putHours(directory);
      const found = await transfer();
      expect(found.outcome?.status).toBe('transferred');
      expect(evidenceOf(found).target).toBe(words);
      const { getUser, getConversationsCall, postConversationParticipantReplaceQueue, ...ofTheTarget } =
        found.asked;
      expect(ofTheTarget).toEqual(requests);
    },
  );

  test('its own policy comes before the one of all', async () => {
    const { transfer, directory } = await open(queues({ maxWaiting: 9 }, { maxWaiting: 2 }));
    for (const id of ['support', 'overflow']) directory.queues.put(id, { waiting: 5 });
    expect((await transfer()).outcome?.status).toBe('transferred');
    expect((await transfer({ target: overflow })).outcome).toMatchObject({
      detail: 'target is full: 5 waiting, at most 2 (maxWaiting)',
    });
  });

  test.each([
    ['that does not exist', undefined],
    ['in a division that the client cannot see', 404],
    ['in a division where the client has no role', 403],
  ] as const)('%s falls back and is not called closed', async (_, otherDivisionStatus) => {
    const { transfer, directory, sandbox } = await open();
    directory.queues.delete('support');
    if (otherDivisionStatus !== undefined) {
      directory.queues.put('support', { divisionId: 'sales' });
      directory.clients.put('client', { secret: 'a-secret', divisions: [HOME] });
      sandbox.platform.changeSettings({ otherDivisionStatus });
    }
    const words = 'queue support is unknown, or in a division that the client cannot see (platform: ';
    const found = await transfer({ fallback: overflow });
    expect(found.outcome).toMatchObject({ status: 'transferred', isFallback: true });
    expect(ruleOf(found)).toContain(words);
    expect(found.asked).toMatchObject({ postAnalyticsQueuesObservationsQuery: 1 });
    const alone = await transfer();
    expect(alone.outcome).toMatchObject({
      ...{ status: 'rejected', reason: 'target-unavailable' },
      detail: expect.stringContaining(words),
    });
  });

  test.each([
    ['getRoutingQueue', {}],
    ['postAnalyticsQueuesObservationsQuery', {}],
    ['getRoutingQueueMediatypeEstimatedwaittime', { maxWaitSeconds: 60 }],
    ['getArchitectEmergencygroup', { emergencyGroupId: 'calm' }],
    ['getArchitectSchedulegroup', { scheduleGroupId: 'always' }],
    ['getArchitectSchedule', { scheduleGroupId: 'always' }],
  ] as const)(
    'that cannot be read for a moment is neither open nor closed: %s',
    async (operation, policy) => {
      const { transfer, directory, sandbox } = await open(queues(policy));
      putHours(directory);
      const fail = () => sandbox.platform.addScript({ operation, steps: [{ status: 503 }] });
      fail();
      const found = await transfer({ fallback: overflow });
      expect(found.outcome).toMatchObject({ status: 'transferred', isFallback: true });
      expect(ruleOf(found)).toContain('target the platform answered 503');
      if (operation.startsWith('getArchitectSchedule')) return;
      fail();
      const again = await transfer();
      expect([again.outcome?.status, again.record.serverErrors]).toEqual(['transferred', 1]);
    },
  );

  test('what is known to be closed is closed, even if something else cannot be read', async () => {
    const { transfer, directory, sandbox } = await open(
      queues({ emergencyGroupId: 'fire', maxWaitSeconds: 60 }),
    );
    putHours(directory);
    const operation = 'getRoutingQueueMediatypeEstimatedwaittime';
    sandbox.platform.addScript({ operation, steps: [{ status: 503 }] });
    const { outcome, record } = await transfer();
    expect(outcome).toMatchObject({ detail: 'target is closed: emergency group Fire is on' });
    expect(record.serverErrors).toBe(0);
  });

  test.each([
    ['scheduleGroupId', 'schedule group nowhere'],
    ['emergencyGroupId', 'emergency group nowhere'],
  ] as const)('with an unknown %s is not called closed', async (field, words) => {
    const { transfer } = await open(queues({ [field]: 'nowhere' }));
    expect((await transfer()).outcome?.detail).toContain(
      `${words} is unknown, or in a division that the client cannot see`,
    );
  });

  test('a skill group is a queue; an external contact or an address has no state', async () => {
    const { platform, sandbox } = await open();
    const { signal } = new AbortController();
    const read = async (type: string, id = 'x') => {
      const reading = await platform.readTarget({ type, id } as never, signal);
      return reading.ok ? reading.value.open : reading.failure.kind;
    };
    expect(await read('skillGroup', 'support')).toBe(true);
    const before = sandbox.requests.entries().length;
    expect(await read('externalContact')).toBe(true);
    expect(await read('address', '+4930123456')).toBe(true);
    expect(sandbox.requests.entries()).toHaveLength(before);
  });
});

const HOME = 'd0000000-0000-4000-8000-000000000001';

function putHours(directory: Sandbox['platform']['directory']): void {
  const { schedules, scheduleGroups, emergencyGroups } = directory;
  schedules.put('passed', PASSED);
  schedules.put('ever', ALWAYS);
  schedules.put('feast', { ...ALWAYS, name: 'Feast' });
  scheduleGroups.put('over', { name: 'Over', openSchedules: ['passed'] });
  scheduleGroups.put('always', { name: 'Always', timeZone: 'Europe/Berlin', openSchedules: ['ever'] });
  scheduleGroups.put('holiday', { name: 'Holidays', openSchedules: ['ever'], holidaySchedules: ['feast'] });
  emergencyGroups.put('fire', { name: 'Fire', enabled: true });
  emergencyGroups.put('calm', { name: 'Calm', enabled: false });
}

describe.concurrent('requests for many queues', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `queue-${index + 1}`);
  const toAll = (transfer: Awaited<ReturnType<typeof open>>['transfer']) =>
    Promise.all(ids.map((id) => transfer({ target: { type: 'queue', id } })));

  test('50 transfers to 50 queues of the policy file cost one query of observations', async () => {
    const policies = { queues: { default: {}, queues: Object.fromEntries(ids.map((id) => [id, {}])) } };
    const { transfer, directory, sandbox } = await open(policies, 60_000);
    for (const id of ids) directory.queues.put(id, { waiting: 1 });
    const found = await toAll(transfer);
    expect(found.map(({ moves }) => moves)).toEqual(ids.map((id) => [{ type: 'queue', id }]));
    expect(sandbox.requests.counts()).toMatchObject({
      ...{ postAnalyticsQueuesObservationsQuery: 1, getRoutingQueue: 50, getUser: 1 },
      ...{ postConversationParticipantReplaceQueue: 50 },
    });
  });

  test('and so do 50 to queues that were asked for lately; that they exist is not asked again', async () => {
    const { transfer, directory, sandbox, lane: cached } = await open({}, 60_000);
    for (const id of ids) directory.queues.put(id, { onQueueUsers: { IDLE: 1 } });
    await toAll(transfer);
    // The period of the observations is over.
    await cached.redis.del(...ids.map((id) => cached.keys.cached('observed', id)));
    for (const id of ids) directory.queues.put(id, { onQueueUsers: { IDLE: 0 } });
    sandbox.requests.clear();
    // The first one asks for those that others asked for before.
    await transfer({ target: { type: 'queue', id: 'queue-7' } });
    const found = await toAll(transfer);
    expect(new Set(found.map(({ outcome }) => outcome?.reason))).toEqual(new Set(['target-unavailable']));
    const { getRoutingQueue, postAnalyticsQueuesObservationsQuery } = sandbox.requests.counts();
    expect([getRoutingQueue, postAnalyticsQueuesObservationsQuery]).toEqual([undefined, 1]);
  });

  test('what changes rarely is cached for longer, and members are not where they count', async () => {
    const policies = queues({ scheduleGroupId: 'always' });
    const { transfer, directory } = await open(policies, 1);
    putHours(directory);
    await transfer();
    const again = await transfer();
    expect(again.asked).toMatchObject({ postAnalyticsQueuesObservationsQuery: 1 });
    for (const operation of ['getRoutingQueue', 'getArchitectSchedulegroup', 'getArchitectSchedule'])
      expect(again.asked).not.toHaveProperty(operation);
    const members = await open(queues({ minJoinedMembers: 1 }), 1);
    await members.transfer();
    expect((await members.transfer()).asked).toMatchObject({ getRoutingQueue: 1 });
  });

  test('no run takes more requests than it was begun with', async () => {
    const busy = { maxWaiting: 3, maxWaitSeconds: 60, minJoinedMembers: 1 };
    const policy = (name: string) => ({ ...busy, scheduleGroupId: name, emergencyGroupId: name });
    const given = { support: policy('support'), overflow: policy('overflow') };
    const { transfer, directory, platform } = await open({ queues: { default: {}, queues: given } });
    directory.users.put('agent', { permissions: MAY, expandsAuthorization: false });
    for (const name of ['support', 'overflow']) {
      const names = Array.from({ length: 12 }, (_, index) => `${name}-${index}`);
      for (const id of names) directory.schedules.put(id, ALWAYS);
      directory.scheduleGroups.put(name, { openSchedules: names });
      directory.emergencyGroups.put(name, {});
      directory.queues.put(name, { waiting: name === 'support' ? 3 : 0 });
    }
    const { outcome, timeline, asked } = await transfer({ fallback: overflow });
    expect(outcome).toMatchObject({ status: 'transferred', isFallback: true });
    expect(asked).toMatchObject({ getArchitectSchedule: 24 });
    const counts: number[] = [];
    for (const { step, requests = [] } of timeline) {
      if (step === 'started') counts.unshift(0);
      counts[0] = (counts[0] ?? 0) + requests.filter((one) => one.operation !== 'token').length;
    }
    expect(counts.length).toBeGreaterThan(3);
    expect(Math.max(...counts)).toBeLessThanOrEqual(platform.costs.run);
    expect(platform.costs.run).toBe(2 + 1 + 2 * (2 + 1 + 1 + 6) + 1);
  });

  test('without a policy a run needs what it needed', async () => {
    const { platform } = await open();
    expect(platform.costs.run).toBe(2 + 1 + 2 * 2 + 1);
  });
});

describe.concurrent('a user as the target', () => {
  const ann = { type: 'user', id: 'ann' } as const;
  test.each([
    ['IDLE', 'transferred'],
    ['INTERACTING', 'transferred'],
    ['OFF_QUEUE', 'rejected'],
    ['NOT_RESPONDING', 'rejected'],
    ['COMMUNICATING', 'rejected'],
  ] as const)('%s: %s', async (routingStatus, status) => {
    const { transfer, directory } = await open();
    directory.users.put('ann', { routingStatus });
    expect((await transfer({ target: ann })).outcome?.status).toBe(status);
  });

  test('who is off queue is not called: the words say what that may mean, and the fallback is', async () => {
    const { transfer, directory } = await open();
    directory.users.put('ann', { routingStatus: 'OFF_QUEUE' });
    const detail =
      'target is OFF_QUEUE (user ann, which Genesys also says of one that does not exist); USER_TARGET_STATUSES has IDLE, INTERACTING';
    expect((await transfer({ target: ann })).outcome).toMatchObject({ reason: 'target-unavailable', detail });
    const { outcome, moves } = await transfer({ target: ann, fallback: support });
    expect(outcome).toMatchObject({ status: 'transferred', isFallback: true });
    expect(moves).toEqual([support]);
  });

  test('other statuses may be configured; with any, none is asked for', async () => {
    const off = await open({ userStatuses: ['OFF_QUEUE'] });
    expect((await off.transfer({ target: ann })).asked).toMatchObject({ getUserRoutingstatus: 1 });
    const any = await open({ userStatuses: 'any' });
    any.directory.users.put('ann', { routingStatus: 'OFF_QUEUE' });
    const { outcome, asked } = await any.transfer({ target: ann });
    expect(outcome?.status).toBe('transferred');
    expect(asked).not.toHaveProperty('getUserRoutingstatus');
  });
});
