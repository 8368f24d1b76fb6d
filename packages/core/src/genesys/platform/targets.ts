import type { z } from 'zod';
import type { Availability, Failure, Reading, TargetReader } from '../../transfer/ports.ts';
import type { Target } from '../../transfer/request.ts';
import type { Cache, Cached } from '../http/cache.ts';
import type { Client } from '../http/client.ts';
import { type Policies, policyOf, type QueuePolicy } from '../policies.ts';
import { RoutingStatus } from './people.ts';
import {
  EmergencyGroup,
  Observations,
  type Observed,
  observationQuery,
  openWords,
  Queue,
  toObserved,
  toWaitSeconds,
  Waits,
  whyNotOpen,
} from './queues.ts';
import { read } from './read.ts';
import { type Hours, kinds, type Period, Schedule, ScheduleGroup, toPeriod, whyClosed } from './schedules.ts';

export type TargetParts = {
  client: Client;
  cache: Cache;
  queueTtlMs: number;
  policies: Policies;
  /** Epoch milliseconds by Redis' clock. */
  now: () => Promise<number>;
};

/** That a queue exists changes rarely. */
const PLACE_TTL_MS = 60_000;
/** Schedules are remembered whatever the setting for queues is, or a large group would never be read whole. */
const SCHEDULES_TTL_MS = 300_000;
const SCHEDULE_TTL_MS = 60_000;
const MOST_OBSERVED = 100;
/** A group with more schedules is read in several runs. */
const SCHEDULES_AT_ONCE = 5;
const CONTINUE_AFTER_MS = 250;

const ALWAYS_OPEN: Availability = { open: true, state: 'open (has no state of its own)' };
const ANY_STATUS: Availability = { open: true, state: 'open (USER_TARGET_STATUSES=any)' };

/** The most requests that the reading of one target takes under these policies. Pure. */
export function targetRequests({ queues }: Policies): number {
  const all = [queues.default, ...Object.values(queues.queues)];
  const asks = (field: keyof QueuePolicy) => all.some((policy) => policy[field] !== undefined);
  const waits = asks('maxWaitSeconds') ? 1 : 0;
  const emergency = asks('emergencyGroupId') ? 1 : 0;
  const hours = asks('scheduleGroupId') ? 1 + SCHEDULES_AT_ONCE : 0;
  // The queue and its observations.
  return 2 + waits + emergency + hours;
}

/** Reads whether a target takes calls, by the policies. */
export function createTargetReader(
  parts: TargetParts,
): TargetReader & { forget(target: Target): Promise<void> } {
  const { client, cache, queueTtlMs, policies, now } = parts;

  const placeTtlMs = queueTtlMs === 0 ? 0 : Math.max(PLACE_TTL_MS, queueTtlMs);

  async function get<B, T>(
    { operation, path, id, hint }: { operation: string; path: string; id?: string; hint?: string },
    schema: z.ZodType<B>,
    value: (body: B) => T,
    signal: AbortSignal,
  ): Promise<Reading<T>> {
    const answer = await client.request({ operation, method: 'GET', path, signal });
    const reading = read({ phase: 'target', ...(id !== undefined && { id }) }, answer, schema, value);
    return reading.ok ? reading : { ...reading, failure: hinted(reading.failure, hint) };
  }

  async function readUser(id: string, signal: AbortSignal): Promise<Reading<Availability>> {
    const { userStatuses } = policies;
    if (userStatuses === 'any') return { ok: true, value: ANY_STATUS, ageMs: 0, requests: [] };
    const path = `/api/v2/users/${encodeURIComponent(id)}/routingstatus`;
    const what: Cached = { kind: 'status', id, ttlMs: queueTtlMs };
    const status = await cache.remember(what, () =>
      get({ operation: 'routing-status', path }, RoutingStatus, (body) => body.status, signal),
    );
    if (!status.ok) return status;
    const open = userStatuses.includes(status.value);
    const unknown =
      status.value === 'OFF_QUEUE' ? ', which Genesys also says of one that does not exist' : '';
    const state = `${status.value} (user ${id}${unknown})`;
    const wanted = `; USER_TARGET_STATUSES has ${userStatuses.join(', ')}`;
    return { ...status, value: { open, state: open ? state : `${state}${wanted}` } };
  }

  function readPlace(id: string, { minJoinedMembers }: QueuePolicy, signal: AbortSignal) {
    const ttlMs = minJoinedMembers === undefined ? placeTtlMs : queueTtlMs;
    const path = `/api/v2/routing/queues/${encodeURIComponent(id)}`;
    const hint = `queue ${id} is unknown, or in a division that the client cannot see`;
    return cache.remember({ kind: 'place', id, ttlMs }, () =>
      get(
        { operation: 'queue', path, id, hint },
        Queue,
        ({ name, joinedMemberCount }) => ({ name: name ?? id, joined: joinedMemberCount ?? null }),
        signal,
      ),
    );
  }

  function readObserved(id: string, signal: AbortSignal) {
    const what = { kind: 'observed', id, ttlMs: queueTtlMs, most: MOST_OBSERVED } as const;
    const also = Object.keys(policies.queues.queues);
    return cache.rememberAmong<Observed>({ ...what, also }, async (ids) => {
      const answer = await client.request({
        ...{ operation: 'observations', method: 'POST', signal, body: observationQuery(ids) },
        path: '/api/v2/analytics/queues/observations/query',
      });
      return read({ phase: 'target' }, answer, Observations, (body) => toObserved(body, ids));
    });
  }

  function readWait(id: string, signal: AbortSignal) {
    const path = `/api/v2/routing/queues/${encodeURIComponent(id)}/mediatypes/call/estimatedwaittime`;
    return cache.remember({ kind: 'wait', id, ttlMs: queueTtlMs }, () =>
      get({ operation: 'wait', path }, Waits, toWaitSeconds, signal),
    );
  }

  function readEmergency(id: string, signal: AbortSignal) {
    const path = `/api/v2/architect/emergencygroups/${encodeURIComponent(id)}`;
    const hint = `emergency group ${id} is unknown, or in a division that the client cannot see`;
    return cache.remember({ kind: 'emergency', id, ttlMs: queueTtlMs }, () =>
      get(
        { operation: 'emergency-group', path, id, hint },
        EmergencyGroup,
        ({ name, enabled }) => ({ name: name ?? id, isOn: enabled === true }),
        signal,
      ),
    );
  }

  /** Whether a business is closed now, and why. */
  function readClosed(id: string, signal: AbortSignal): Promise<Reading<string | null>> {
    return cache.remember({ kind: 'hours', id, ttlMs: queueTtlMs }, async () => {
      const hours = await cache.remember({ kind: 'schedules', id, ttlMs: SCHEDULES_TTL_MS }, () =>
        readHours(id, signal),
      );
      if (!hours.ok) return hours;
      return { ...hours, value: whyClosed(hours.value, await now()) ?? null };
    });
  }

  async function readHours(id: string, signal: AbortSignal): Promise<Reading<Hours>> {
    const path = `/api/v2/architect/schedulegroups/${encodeURIComponent(id)}`;
    const hint = `schedule group ${id} is unknown, or in a division that the client cannot see`;
    const group = await get(
      { operation: 'schedule-group', path, id, hint },
      ScheduleGroup,
      (body) => body,
      signal,
    );
    if (!group.ok) return group;
    const { name, timeZone, openSchedules, closedSchedules, holidaySchedules } = group.value;
    const of = { open: openSchedules, closed: closedSchedules, holiday: holidaySchedules };
    const ids = [...new Set(kinds.flatMap((kind) => of[kind] ?? []).map((each) => each.id))];
    const read = await readSchedules(ids, signal);
    const requests = [...group.requests, ...read.requests];
    if (!read.ok) return { ...read, requests };
    const periods = (kind: (typeof kinds)[number]) =>
      (of[kind] ?? []).flatMap((each) => read.value[each.id] ?? []);
    const value = {
      ...{ name: name ?? id, timeZone },
      ...{ open: periods('open'), closed: periods('closed'), holiday: periods('holiday') },
    };
    return { ok: true, value, ageMs: 0, requests };
  }

  /** Each is remembered by itself, so that a group that is too large for one run is read by the next ones. */
  async function readSchedules(
    ids: string[],
    signal: AbortSignal,
  ): Promise<Reading<Record<string, Period | null>>> {
    let left = SCHEDULES_AT_ONCE;
    const until = (await now()) + CONTINUE_AFTER_MS;
    const readings = await Promise.all(
      ids.map((id) =>
        cache.remember({ kind: 'schedule', id, ttlMs: SCHEDULE_TTL_MS }, async () => {
          left -= 1;
          if (left < 0) return notYet(until);
          const path = `/api/v2/architect/schedules/${encodeURIComponent(id)}`;
          const hint = `schedule ${id} is unknown, or in a division that the client cannot see`;
          return get(
            { operation: 'schedule', path, id, hint },
            Schedule,
            (body) => toPeriod(body) ?? null,
            signal,
          );
        }),
      ),
    );
    const requests = readings.flatMap((reading) => reading.requests);
    const failure = firstFailure(readings);
    if (failure !== undefined) return { ok: false, failure, requests };
    const value = Object.fromEntries(
      readings.map((reading, index) => [ids[index], reading.ok ? reading.value : null]),
    );
    return { ok: true, value, ageMs: 0, requests };
  }

  async function readQueue(id: string, signal: AbortSignal): Promise<Reading<Availability>> {
    const policy = policyOf(policies.queues, id);
    const { minOnQueue, maxWaiting, maxWaitSeconds, scheduleGroupId, emergencyGroupId } = policy;
    const place = await readPlace(id, policy, signal);
    // Only a queue that exists is asked about together with others.
    if (!place.ok) return place;
    const [observed, wait, closed, emergency] = await Promise.all([
      minOnQueue > 0 || maxWaiting !== undefined ? readObserved(id, signal) : undefined,
      maxWaitSeconds === undefined ? undefined : readWait(id, signal),
      scheduleGroupId === undefined ? undefined : readClosed(scheduleGroupId, signal),
      emergencyGroupId === undefined ? undefined : readEmergency(emergencyGroupId, signal),
    ]);
    const readings = [place, observed, wait, closed, emergency].filter((one) => one !== undefined);
    const requests = readings.flatMap((reading) => reading.requests);
    const ageMs = Math.max(...readings.map((reading) => (reading.ok ? reading.ageMs : 0)));
    const facts = {
      place: place.value,
      observed: known(observed),
      waitSeconds: known(wait),
      closed: known(closed),
      emergency: known(emergency),
    };
    const why = whyNotOpen(policy, facts);
    if (why !== undefined) return { ok: true, value: { open: false, state: why }, ageMs, requests };
    const failure = firstFailure(readings);
    if (failure !== undefined) return { ok: false, failure, requests };
    return { ok: true, value: { open: true, state: openWords(facts) }, ageMs, requests };
  }

  return {
    async readTarget({ type, id }, signal) {
      switch (type) {
        case 'queue':
        case 'skillGroup':
          return readQueue(id, signal);
        case 'user':
          return readUser(id, signal);
        default:
          return { ok: true, value: ALWAYS_OPEN, ageMs: 0, requests: [] };
      }
    },

    async forget({ type, id }) {
      if (type === 'user') await cache.forget('status', id);
      else await Promise.all([cache.forget('place', id), cache.forget('observed', id)]);
    },
  };
}

function known<T>(reading: Reading<T> | undefined): T | undefined {
  return reading?.ok === true ? reading.value : undefined;
}

/** A hold-off before any other: it is not about what was asked. */
function firstFailure(readings: readonly Reading<unknown>[]): Failure | undefined {
  const failures = readings.flatMap((reading) => (reading.ok ? [] : [reading.failure]));
  return failures.find(({ kind }) => kind === 'held') ?? failures[0];
}

function notYet(until: number): Reading<never> {
  const failure: Failure = { kind: 'held', until, answered: false, rule: 'the schedules are being read' };
  return { ok: false, failure, requests: [] };
}

/** What a 404 or 403 probably means. */
function hinted(failure: Failure, hint: string | undefined): Failure {
  if (hint === undefined || failure.kind !== 'answered') return failure;
  return ['not-found', 'forbidden'].includes(failure.means ?? '') ? { ...failure, hint } : failure;
}
