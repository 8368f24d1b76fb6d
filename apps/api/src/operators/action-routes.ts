import { type Action, type ActionFilter, type Deed, select, startAction } from '@handover/core/actions';
import { billingDeadLetters, createActionStore, createDeadLetterReader } from '@handover/core/redis';
import { actorLabel } from '@handover/core/transfer';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actorOf } from '../http/auth.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import {
  ActionAnswer,
  ActionList,
  ActionParams,
  filterOf,
  PreviewAnswer,
  ReplayManyBody,
  ResolveManyBody,
  StartedAnswer,
} from './action-schemas.ts';
import { ReplayBody } from './schemas.ts';

/** A thousand ids of 200 characters, and the ids that are too many. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const MOST_SHOWN = 1_000;
const MOST_LISTED = 100;
const common = { tags: ['Dead letters'], security: [{ operator: [] }] };
const BODY_PROBLEMS = ['malformed-json', 'empty-body', 'body-too-large', 'unsupported-media-type'] as const;

type Actions = ReturnType<typeof createActionStore>;

/** Replays or resolves many dead letters in one action, which workers carry out. */
export function addActionRoutes(app: Api, parts: ApiParts): void {
  const actions = createActionStore(parts.redis, parts.live.store.lane);
  addStarts(app, parts, actions);
  addReads(app, actions);
  addStop(app, actions);
}

function addStarts(app: Api, { redis, live, billing }: ApiParts, actions: Actions): void {
  const ports = {
    actions,
    letters: createDeadLetterReader(redis, live.store.lane),
    billingLetters: (most: number) => billingDeadLetters(billing, most),
  };
  const options = { config: { needs: 'act' }, bodyLimit: BODY_LIMIT_BYTES } as const;
  const response = {
    200: PreviewAnswer,
    202: StartedAnswer,
    ...documentProblems(
      'invalid-request',
      ...BODY_PROBLEMS,
      'unauthenticated',
      'redis-unavailable',
      'redis-full',
    ),
  };

  async function preview(action: Deed['action'], filter: ActionFilter) {
    const { ids, ...rest } = await select(ports, action, filter);
    return { dryRun: true as const, ...rest, ids: ids.slice(0, MOST_SHOWN) };
  }

  app.post(
    '/api/dead-letters/replay',
    {
      ...options,
      schema: {
        ...common,
        operationId: 'replayDeadLetters',
        summary: 'Replay many dead letters',
        description:
          'Like the replay of each that matches now, at most 10,000, oldest first. Workers carry it out within the budget, behind the transfers that wait; one that fails anew is not replayed again. `held` ones are left out unless `kind` says `held`, since a replay may move their call twice. `dryRun` answers `200` with how many and which; else `202` with the id of the action.',
        body: ReplayManyBody,
        response,
      },
    },
    async (request, reply) => {
      const { filter: given, reason, dryRun } = request.body;
      const filter = filterOf(given);
      if (dryRun) return reply.code(200).send(await preview('replay', filter));
      const asked = { deed: { action: 'replay' }, filter, reason, actor: actorOf(request) } as const;
      const id = await startAction(ports, asked);
      return reply.code(202).header('location', actionPath(request, id)).send({ id });
    },
  );

  app.post(
    '/api/dead-letters/resolve',
    {
      ...options,
      schema: {
        ...common,
        operationId: 'resolveDeadLetters',
        summary: 'Resolve many unconfirmed transfers',
        description:
          'Like the resolution of each that matches now, at most 10,000: an operator who has checked states whether the calls were moved. It concerns those of the kinds `unconfirmed` and `held`; others are left out. `dryRun` answers `200` with how many and which; else `202` with the id of the action.',
        body: ResolveManyBody,
        response,
      },
    },
    async (request, reply) => {
      const { filter: given, happened, reason, dryRun } = request.body;
      const filter = filterOf(given);
      if (dryRun) return reply.code(200).send(await preview('resolve', filter));
      const asked = {
        deed: { action: 'resolve', happened },
        filter,
        reason,
        actor: actorOf(request),
      } as const;
      const id = await startAction(ports, asked);
      return reply.code(202).header('location', actionPath(request, id)).send({ id });
    },
  );
}

function addReads(app: Api, actions: Actions): void {
  app.get(
    '/api/actions',
    {
      config: { needs: 'inspect' },
      schema: {
        ...common,
        operationId: 'listActions',
        summary: 'Actions over many dead letters',
        description: 'The latest 100, newest first. An action that has ended is kept for 35 days.',
        querystring: z.strictObject({}),
        response: { 200: ActionList, ...documentProblems('unauthenticated', 'redis-unavailable') },
      },
    },
    async (_request, reply) =>
      reply.code(200).send({ items: (await actions.latest(MOST_LISTED)).map(actionView) }),
  );

  app.get(
    '/api/actions/:id',
    {
      config: { needs: 'inspect' },
      schema: {
        ...common,
        operationId: 'getAction',
        summary: 'An action and its progress',
        description: '`done`, `failed` and all of `skipped` together make `total` once its status is `done`.',
        params: ActionParams,
        querystring: z.strictObject({}),
        response: {
          200: ActionAnswer,
          ...documentProblems('invalid-request', 'unauthenticated', 'action-not-found', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const action = await actions.get(request.params.id);
      if (action === undefined) throw actionNotFound(request.params.id);
      return reply.code(200).send(actionView(action));
    },
  );
}

function addStop(app: Api, actions: Actions): void {
  app.post(
    '/api/actions/:id/stop',
    {
      config: { needs: 'act' },
      schema: {
        ...common,
        operationId: 'stopAction',
        summary: 'Stop an action',
        description:
          'What it has done stays done; the one in progress still ends. One that has ended stays as it is. To go on, start another one with the same filter: what was replayed or resolved is no dead letter any more.',
        params: ActionParams,
        body: ReplayBody,
        response: {
          200: ActionAnswer,
          ...documentProblems(
            'invalid-request',
            ...BODY_PROBLEMS,
            'unauthenticated',
            'action-not-found',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const action = await actions.stop(id, actorOf(request), request.body.reason);
      if (action === undefined) throw actionNotFound(id);
      return reply.code(200).send(actionView(action));
    },
  );
}

function actionNotFound(id: string): Problem {
  return new Problem('action-not-found', `There is no action "${id}".`);
}

function actionPath({ publicPath }: FastifyRequest, id: string): string {
  return `${publicPath}/api/actions/${id}`;
}

function actionView(action: Action): z.infer<typeof ActionAnswer> {
  const { filter, actor, waits, startedAt, endedAt, ...rest } = action;
  const { from, to, ...fields } = filter;
  return {
    ...rest,
    filter: {
      ...fields,
      ...(from !== undefined && { from: iso(from) }),
      ...(to !== undefined && { to: iso(to) }),
    },
    actor: actorLabel(actor),
    ...(waits !== '' && { waitsFor: waits }),
    startedAt: iso(startedAt),
    endedAt: endedAt === 0 ? null : iso(endedAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
