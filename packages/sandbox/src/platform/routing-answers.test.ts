import { expect, test } from 'vitest';
import { startPlatform } from '../../test/platform.ts';

const OBSERVATIONS = '/api/v2/analytics/queues/observations/query';

function observing(queueIds: string[], metrics: string[]) {
  const predicates = queueIds.map((value) => ({
    type: 'dimension',
    dimension: 'queueId',
    operator: 'matches',
    value,
  }));
  return { filter: { type: 'or', predicates }, metrics };
}

test('a queue has no state, but members', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.queues.put('q', { name: 'Q', memberCount: 7, joinedMemberCount: 5 });
  const { body } = await client.get('/api/v2/routing/queues/q');
  expect(body).toMatchObject({ id: 'q', name: 'Q', memberCount: 7, joinedMemberCount: 5 });
  expect(await client.get('/api/v2/routing/queues/x')).toMatchObject({
    status: 404,
    body: { code: 'not.found' },
  });
});

test('the queues come in pages, by name', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.queues.clear();
  for (const name of ['C', 'A', 'B']) sandbox.platform.directory.queues.put(`q-${name}`, { name });
  const page = await client.get('/api/v2/routing/queues?pageSize=2&pageNumber=2');
  expect(page.body).toMatchObject({ entities: [{ name: 'C' }], total: 3, pageCount: 2, pageNumber: 2 });
  const named = await client.get('/api/v2/routing/queues?name=b*');
  expect(named.body).toMatchObject({ entities: [{ id: 'q-B' }], total: 1 });
  expect((await client.get('/api/v2/routing/queues?id=q-A&id=q-C')).body).toMatchObject({ total: 2 });
  expect((await client.get('/api/v2/routing/queues?pageSize=0')).status).toBe(400);
});

test('on-queue users are observed by routing status, calls by medium, for several queues at once', async () => {
  const { sandbox, client } = await startPlatform();
  const { queues } = sandbox.platform.directory;
  queues.put('q1', { onQueueUsers: { IDLE: 2, INTERACTING: 3 }, waiting: 4 });
  queues.put('q2', { onQueueUsers: {}, offQueueUsers: 5 });
  const asked = observing(['q1', 'q2', 'q3'], ['oOnQueueUsers', 'oWaiting', 'oMemberUsers']);
  const { body } = await client.send('POST', OBSERVATIONS, asked);
  expect(body).toEqual({
    results: [
      {
        group: { queueId: 'q1' },
        data: [
          { metric: 'oOnQueueUsers', qualifier: 'IDLE', stats: { count: 2 } },
          { metric: 'oOnQueueUsers', qualifier: 'INTERACTING', stats: { count: 3 } },
          { metric: 'oMemberUsers', stats: { count: 5 } },
        ],
      },
      { group: { mediaType: 'voice', queueId: 'q1' }, data: [{ metric: 'oWaiting', stats: { count: 4 } }] },
      { group: { queueId: 'q2' }, data: [{ metric: 'oMemberUsers', stats: { count: 5 } }] },
      { group: { mediaType: 'voice', queueId: 'q2' }, data: [{ metric: 'oWaiting', stats: { count: 0 } }] },
    ],
  });
});

test('a queue that is not observed is missing, and a bad query is refused', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.queues.put('q', { isObserved: false });
  const { body } = await client.send('POST', OBSERVATIONS, observing(['q'], ['oWaiting']));
  expect(body).toEqual({ results: [] });
  expect((await client.send('POST', OBSERVATIONS, { metrics: [] })).status).toBe(400);
});

test('a queue estimates a wait, or does not', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.queues.put('q', { estimatedWaitTimeSeconds: 90 });
  const path = '/api/v2/routing/queues/q/mediatypes/call/estimatedwaittime';
  expect((await client.get(path)).body).toMatchObject({ results: [{ estimatedWaitTimeSeconds: 90 }] });
  sandbox.platform.directory.queues.put('q', { estimatedWaitTimeSeconds: null });
  expect((await client.get(path)).body).toEqual({ results: [] });
});

test('opening hours are schedules in groups, and an emergency closes', async () => {
  const { sandbox, client } = await startPlatform();
  const { schedules, scheduleGroups, emergencyGroups } = sandbox.platform.directory;
  const hours = { start: '2026-01-05T08:00:00.000', end: '2026-01-05T18:00:00.000', rrule: 'FREQ=DAILY' };
  schedules.put('s1', { name: 'Day', ...hours });
  scheduleGroups.put('g1', { timeZone: 'Europe/Berlin', openSchedules: ['s1'] });
  emergencyGroups.put('e1', { enabled: true });
  expect((await client.get('/api/v2/architect/schedules/s1')).body).toMatchObject({ id: 's1', ...hours });
  expect((await client.get('/api/v2/architect/schedulegroups/g1')).body).toMatchObject({
    timeZone: 'Europe/Berlin',
    openSchedules: [{ id: 's1', name: 'Day' }],
    closedSchedules: [],
    holidaySchedules: [],
  });
  expect((await client.get('/api/v2/architect/emergencygroups/e1')).body).toMatchObject({ enabled: true });
  expect((await client.get('/api/v2/architect/schedules/x')).status).toBe(404);
});

test('the organisation and the limits of platform.api', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.changeSettings({ requestsPerMinute: 300 });
  const organization = await client.get('/api/v2/organizations/me');
  expect(organization.body).toMatchObject({ name: 'Handover Sandbox', state: 'active' });
  const { body } = await client.get('/api/v2/organizations/limits/namespaces/platform.api');
  const key = 'client.credentials.token.rate.per.minute';
  expect(body.entities).toContainEqual({ namespace: 'platform.api', key, value: 300 });
  expect((await client.get('/api/v2/organizations/limits/namespaces/x')).status).toBe(404);
});
