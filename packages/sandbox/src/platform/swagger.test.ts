import { expect, test } from 'vitest';
import {
  AGENT,
  LEG,
  OTHER,
  type PlatformClient,
  QUEUE,
  startPlatform,
  talking,
} from '../../test/platform.ts';
import type { Reply } from '../../test/start.ts';
import { Swagger } from '../../test/swagger.ts';
import type { Sandbox } from '../sandbox.ts';
import { operations } from './operations.ts';

type Visit = [operation: string, method: string, path: string, body?: unknown];

const FILE = process.env.PLATFORM_API_SWAGGER ?? '';
if (FILE === '')
  console.log('Skipped: PLATFORM_API_SWAGGER names no file with the definition of the Platform API');

// Not in the definition.
const UNDEFINED = ['getOrganizationsMe'];

const call = '/api/v2/conversations/calls/c';
const leg = `/api/v2/conversations/c/participants/${LEG}`;
const callLeg = `${call}/participants/${LEG}`;
const observation = {
  filter: {
    type: 'or',
    predicates: [{ type: 'dimension', dimension: 'queueId', operator: 'matches', value: QUEUE }],
  },
  metrics: ['oOnQueueUsers', 'oWaiting', 'oMemberUsers', 'oInteracting', 'oOffQueueUsers', 'oActiveUsers'],
};

const reads: Visit[] = [
  ['getTokensMe', 'GET', '/api/v2/tokens/me'],
  ['getConversationsCall', 'GET', call],
  ['getConversation', 'GET', '/api/v2/conversations/c'],
  ['getConversationsCallParticipantWrapupcodes', 'GET', `${callLeg}/wrapupcodes`],
  ['getConversationParticipantWrapupcodes', 'GET', `${leg}/wrapupcodes`],
  ['getUser', 'GET', `/api/v2/users/${AGENT}?expand=authorization,routingStatus,presence`],
  ['getUserRoles', 'GET', `/api/v2/users/${AGENT}/roles`],
  ['getUserRoutingstatus', 'GET', `/api/v2/users/${AGENT}/routingstatus`],
  ['getUserPresencesPurecloud', 'GET', `/api/v2/users/${AGENT}/presences/purecloud`],
  ['getAuthorizationSubject', 'GET', `/api/v2/authorization/subjects/${AGENT}`],
  ['getAuthorizationSubjectsMe', 'GET', '/api/v2/authorization/subjects/me'],
  ['getRoutingQueue', 'GET', `/api/v2/routing/queues/${QUEUE}`],
  ['getRoutingQueues', 'GET', '/api/v2/routing/queues'],
  [
    'getRoutingQueueMediatypeEstimatedwaittime',
    'GET',
    `/api/v2/routing/queues/${QUEUE}/mediatypes/call/estimatedwaittime`,
  ],
  [
    'postAnalyticsQueuesObservationsQuery',
    'POST',
    '/api/v2/analytics/queues/observations/query',
    observation,
  ],
  ['getArchitectSchedulegroup', 'GET', '/api/v2/architect/schedulegroups/g'],
  ['getArchitectSchedule', 'GET', '/api/v2/architect/schedules/s'],
  ['getArchitectEmergencygroup', 'GET', '/api/v2/architect/emergencygroups/e'],
  ['getOrganizationsLimitsNamespace', 'GET', '/api/v2/organizations/limits/namespaces/platform.api'],
];

const effects: Visit[] = [
  ['postConversationParticipantReplaceQueue', 'POST', `${leg}/replace/queue`, { queueId: QUEUE }],
  ['patchRoutingConversation', 'PATCH', '/api/v2/routing/conversations/c', { skillIds: ['s'] }],
  ['postConversationParticipantReplaceAgent', 'POST', `${leg}/replace/agent`, { userId: OTHER }],
  [
    'postConversationParticipantReplaceContactExternal',
    'POST',
    `${leg}/replace/contact/external`,
    { contactId: 'k', phoneType: 'WorkPhone' },
  ],
  ['postConversationParticipantTransfer', 'POST', `${leg}/transfer`, { address: '+15550100' }],
  [
    'postConversationsCallParticipantCommunicationWrapup',
    'POST',
    `${callLeg}/communications/comm-a/wrapup`,
    { code: 'w' },
  ],
];

const refusals: Visit[] = [
  ['getConversationsCall', 'GET', '/api/v2/conversations/calls/x'],
  ['getConversation', 'GET', '/api/v2/conversations/x'],
  ['postConversationParticipantReplaceQueue', 'POST', `${leg}/replace/queue`, { queueId: 'x' }],
  ['postConversationParticipantReplaceAgent', 'POST', `${leg}/replace/agent`, {}],
  ['postConversationParticipantTransfer', 'POST', `/api/v2/conversations/c/participants/x/transfer`, {}],
  ['postConversationsCallParticipantConsultQueue', 'POST', `${callLeg}/consult/queue`, {}],
  ['postConversationsCallParticipantConsultAgent', 'POST', `${callLeg}/consult/agent`, {}],
  [
    'postConversationsCallParticipantConsultContactExternal',
    'POST',
    `${callLeg}/consult/contact/external`,
    {},
  ],
  ['postConversationsCallParticipantVoiceConsult', 'POST', `${callLeg}/voice/consult`, {}],
  ['getUser', 'GET', '/api/v2/users/x'],
  ['getRoutingQueue', 'GET', '/api/v2/routing/queues/x'],
  ['postAnalyticsQueuesObservationsQuery', 'POST', '/api/v2/analytics/queues/observations/query', {}],
];

function fill({ platform }: Sandbox): void {
  const { directory } = platform;
  const hours = { start: '2026-01-05T08:00:00.000', end: '2026-01-05T18:00:00.000', rrule: 'FREQ=DAILY' };
  directory.schedules.put('s', hours);
  directory.scheduleGroups.put('g', { openSchedules: ['s'] });
  directory.emergencyGroups.put('e', {});
  directory.contacts.put('k', { phones: { WorkPhone: '+15550100' } });
  directory.wrapupCodes.put('w', { name: 'Done' });
  platform.changeSettings({ command: { answers: false, voicemail: true } });
}

function putCall({ platform }: Sandbox): void {
  platform.putConversation('c', talking({ communicationId: 'comm-a', attributes: { a: 'b' } }));
}

async function visit(client: PlatformClient, [, method, path, body]: Visit): Promise<Reply> {
  return client.send(method, path, body);
}

test.skipIf(FILE === '')('every answer is as the definition of the Platform API has it', async () => {
  const swagger = new Swagger(FILE);
  const { sandbox, client } = await startPlatform();
  fill(sandbox);
  putCall(sandbox);
  const problems: string[] = [];
  const visited = new Set<string>();
  const check = async (each: Visit, wanted: (status: number) => boolean) => {
    const { status, body } = await visit(client, each);
    visited.add(each[0]);
    if (!wanted(status)) problems.push(`${each[0]}: ${status} ${JSON.stringify(body)}`);
    problems.push(...swagger.problems(each[0], status, body));
  };
  const succeeded = (status: number) => status < 300;
  const refused = (status: number) => status >= 400 && status < 500;
  for (const each of reads) await check(each, succeeded);
  for (const each of effects) {
    if (each[0].startsWith('postConversationParticipant')) putCall(sandbox);
    await check(each, succeeded);
    for (const shown of reads.slice(1, 3)) await check(shown, succeeded);
  }
  putCall(sandbox);
  for (const each of refusals) await check(each, refused);
  const limit = { namespace: 'conversation', key: 'some.rate', value: 1 };
  sandbox.platform.addScript({ operation: 'getUser', steps: [{ status: 429, limit }, { status: 503 }] });
  for (const user of [429, 503])
    await check(['getUser', 'GET', '/api/v2/users/x'], (status) => status === user);
  sandbox.platform.directory.clients.put('poor', { secret: 's', permissions: [] });
  await client.logIn('poor', 's');
  for (const each of effects.slice(0, 1)) await check(each, (status) => status === 403);
  sandbox.expireTokens();
  for (const each of reads.slice(0, 2)) await check(each, (status) => status === 401);
  expect(problems).toEqual([]);
  const unvisited = Object.keys(operations).filter((name) => !visited.has(name) && !UNDEFINED.includes(name));
  expect(unvisited).toEqual(['headTokensMe']);
});

test.skipIf(FILE === '')(
  'method, path and permissions of every operation are those of the definition',
  async () => {
    const swagger = new Swagger(FILE);
    for (const [name, { method, path, permissions }] of Object.entries(operations)) {
      if (UNDEFINED.includes(name)) continue;
      const known = swagger.operation(name);
      expect({ name, method, path: path.replaceAll(/:(\w+)/g, '{$1}') }).toEqual({ name, ...known.route });
      if (!path.includes('consult'))
        expect({ name, permissions: [...permissions].sort() }).toEqual({
          name,
          permissions: known.permissions,
        });
    }
  },
);
