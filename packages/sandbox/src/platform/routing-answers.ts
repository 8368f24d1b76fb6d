import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { type Asked, thing, wordsOf } from './asked.ts';
import { reaches } from './clients.ts';
import { HOME_DIVISION } from './directory.ts';
import { badRequest, notFound } from './refusal.ts';
import type { Thing } from './things.ts';

type Queue = Thing<'queues'>;

const MOST_REQUESTS = 1_000_000;

const pageSchema = z.object({
  pageSize: z.coerce.number().int().min(1).max(500).default(25),
  pageNumber: z.coerce.number().int().min(1).default(1),
});

const predicateSchema = z.object({ dimension: z.string(), value: z.string().optional() });
const predicatesSchema = z.array(predicateSchema).optional();
const observationSchema = z.object({
  filter: z.object({
    type: z.enum(['and', 'or']),
    predicates: predicatesSchema,
    clauses: z.array(z.object({ type: z.enum(['and', 'or']), predicates: predicatesSchema })).optional(),
  }),
  metrics: z.array(z.string()).min(1),
});

export function readQueue(asked: Asked): Answer {
  return {
    status: 200,
    body: showQueue(asked, thing(asked, asked.platform.directory.queues, asked.params.queueId ?? '')),
  };
}

/** A page of the queues that the client may see, by name; filtered by `name` (`*` stands for anything) and `id`. */
export function listQueues(asked: Asked): Answer {
  const parsed = pageSchema.safeParse(asked.query);
  if (!parsed.success) throw badRequest('pageSize and pageNumber must be whole numbers');
  const { pageSize, pageNumber } = parsed.data;
  const ids = wordsOf(asked, 'id');
  const [name = '*'] = wordsOf(asked, 'name');
  const all = asked.platform.directory.queues
    .list()
    .filter(({ divisionId = HOME_DIVISION }) => reaches(asked.client, divisionId))
    .filter((queue) => (ids.length === 0 || ids.includes(queue.id)) && matches(nameOf(queue), name))
    .sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
  const shown = all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return {
    status: 200,
    body: {
      entities: shown.map((queue) => showQueue(asked, queue)),
      pageSize,
      pageNumber,
      total: all.length,
      pageCount: Math.ceil(all.length / pageSize),
      selfUri: `/api/v2/routing/queues?pageSize=${pageSize}&pageNumber=${pageNumber}`,
    },
  };
}

/** Observations of the queues that the filter names: users in a group by queue, calls in one by queue and medium. */
export function observeQueues(asked: Asked): Answer {
  const parsed = observationSchema.safeParse(asked.body);
  if (!parsed.success) throw badRequest('filter and metrics are not as they must be');
  const { filter, metrics } = parsed.data;
  const predicates = [filter, ...(filter.clauses ?? [])].flatMap((clause) => clause.predicates ?? []);
  const valuesOf = (name: string) =>
    predicates.flatMap(({ dimension, value }) => (dimension === name && value !== undefined ? [value] : []));
  const media = valuesOf('mediaType');
  const queues = [...new Set(valuesOf('queueId'))].flatMap(
    (id) => asked.platform.directory.queues.get(id) ?? [],
  );
  const visible = queues.filter(
    ({ divisionId = HOME_DIVISION, isObserved }) => isObserved !== false && reaches(asked.client, divisionId),
  );
  const results = visible.flatMap((queue) => [
    container({ queueId: queue.id }, userMetrics(queue), metrics),
    ...(media.length === 0 || media.includes('voice')
      ? [container({ mediaType: 'voice', queueId: queue.id }, callMetrics(queue), metrics)]
      : []),
  ]);
  return { status: 200, body: { results } };
}

/** The wait that a queue estimates; nothing where it has no estimate. */
export function estimateWait(asked: Asked): Answer {
  const { estimatedWaitTimeSeconds = 60 } = thing(
    asked,
    asked.platform.directory.queues,
    asked.params.queueId ?? '',
  );
  const results =
    estimatedWaitTimeSeconds === null ? [] : [{ intent: 'CALL', formula: 'BEST', estimatedWaitTimeSeconds }];
  return { status: 200, body: { results } };
}

export function readSchedule(asked: Asked): Answer {
  const {
    id,
    name = id,
    divisionId,
    start,
    end,
    rrule,
  } = thing(asked, asked.platform.directory.schedules, asked.params.scheduleId ?? '');
  const body = { ...common(asked, 'schedules', id, name, divisionId), start, end, ...(rrule && { rrule }) };
  return { status: 200, body };
}

export function readScheduleGroup(asked: Asked): Answer {
  const group = thing(asked, asked.platform.directory.scheduleGroups, asked.params.scheduleGroupId ?? '');
  const { id, name = id, divisionId, timeZone = 'Etc/UTC' } = group;
  const { schedules } = asked.platform.directory;
  const refs = (ids: string[] = []) =>
    ids.map((each) => ({
      id: each,
      name: schedules.get(each)?.name,
      selfUri: `/api/v2/architect/schedules/${each}`,
    }));
  return {
    status: 200,
    body: {
      ...common(asked, 'schedulegroups', id, name, divisionId),
      timeZone,
      openSchedules: refs(group.openSchedules),
      closedSchedules: refs(group.closedSchedules),
      holidaySchedules: refs(group.holidaySchedules),
    },
  };
}

export function readEmergencyGroup(asked: Asked): Answer {
  const group = thing(asked, asked.platform.directory.emergencyGroups, asked.params.emergencyGroupId ?? '');
  const { id, name = id, divisionId, enabled = false } = group;
  const body = { ...common(asked, 'emergencygroups', id, name, divisionId), enabled, emergencyCallFlows: [] };
  return { status: 200, body };
}

export function readOrganization({ platform }: Asked): Answer {
  const { id, name, domain } = platform.organization;
  const body = { id, name, domain, defaultLanguage: 'en-US', state: 'active', version: 1 };
  return { status: 200, body: { ...body, selfUri: `/api/v2/organizations/${id}` } };
}

/** The limits of a namespace; the sandbox knows those of `platform.api`. */
export function readLimits({ params, shared }: Asked): Answer {
  const namespace = params.namespaceName ?? '';
  if (namespace !== 'platform.api') throw notFound('namespace', namespace);
  const perMinute = allowedRequests(shared.requestsPerMinute);
  const values = {
    'client.credentials.token.rate.per.minute': perMinute,
    'token.rate.per.minute': perMinute,
    'org.app.user.rate.per.minute': perMinute,
    'request.bytes.max': 512_000,
  };
  const entities = Object.entries(values).map(([key, value]) => ({ namespace, key, value }));
  return { status: 200, body: { entities } };
}

/** What `inin-ratelimit-allowed` says: the platform always names a number, so "no limit" is a large one. */
export function allowedRequests(requestsPerMinute: number): number {
  return requestsPerMinute === 0 ? MOST_REQUESTS : requestsPerMinute;
}

function common(
  asked: Asked,
  path: string,
  id: string,
  name: string,
  divisionId: string = HOME_DIVISION,
): Record<string, unknown> {
  return {
    ...showDivided(asked, id, name, divisionId),
    version: 1,
    state: 'active',
    selfUri: `/api/v2/architect/${path}/${id}`,
  };
}

function showDivided(
  { platform }: Asked,
  id: string,
  name: string,
  divisionId: string,
): Record<string, unknown> {
  return { id, name, division: { id: divisionId, name: platform.directory.divisionName(divisionId) } };
}

function showQueue(asked: Asked, queue: Queue): object {
  const { id, divisionId = HOME_DIVISION } = queue;
  const memberCount = queue.memberCount ?? onQueue(queue) + (queue.offQueueUsers ?? 0);
  return {
    ...showDivided(asked, id, nameOf(queue), divisionId),
    memberCount,
    userMemberCount: memberCount,
    joinedMemberCount: queue.joinedMemberCount ?? memberCount,
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    skillEvaluationMethod: 'ALL',
    enableManualAssignment: false,
    selfUri: `/api/v2/routing/queues/${id}`,
  };
}

type Metric = { metric: string; qualifier?: string; stats: { count: number } };

function container(group: Record<string, string>, data: Metric[], metrics: string[]): object {
  const wanted = data.filter(({ metric }) => metrics.includes(metric));
  return { group, ...(wanted.length > 0 && { data: wanted }) };
}

// On-queue users come once per routing status, so their number is a sum.
function userMetrics(queue: Queue): Metric[] {
  const { onQueueUsers = { IDLE: 1 }, offQueueUsers = 0 } = queue;
  const byStatus = Object.entries(onQueueUsers).map(([qualifier, count = 0]) => ({
    metric: 'oOnQueueUsers',
    qualifier,
    stats: { count },
  }));
  const members = queue.memberCount ?? onQueue(queue) + offQueueUsers;
  return [
    ...byStatus,
    { metric: 'oOffQueueUsers', stats: { count: offQueueUsers } },
    { metric: 'oMemberUsers', stats: { count: members } },
    { metric: 'oActiveUsers', stats: { count: queue.joinedMemberCount ?? members } },
  ];
}

function callMetrics({ waiting = 0, interacting = 0 }: Queue): Metric[] {
  return [
    { metric: 'oWaiting', stats: { count: waiting } },
    { metric: 'oInteracting', stats: { count: interacting } },
    { metric: 'oAlerting', stats: { count: 0 } },
  ];
}

function onQueue({ onQueueUsers = { IDLE: 1 } }: Queue): number {
  return Object.values(onQueueUsers).reduce((sum, count = 0) => sum + count, 0);
}

function nameOf({ id, name = id }: Queue): string {
  return name;
}

function matches(name: string, pattern: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i').test(name);
}
