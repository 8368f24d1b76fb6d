import { findDeadLetters } from '@handover/core/actions';
import { billingDeadLetters, createDeadLetterReader, replayBilling } from '@handover/core/redis';
import { type DeadLetter, deadLetterKind, replay, resolve } from '@handover/core/transfer';
import { z } from 'zod';
import { BillingDeadLetterBody } from '../billing/schemas.ts';
import { actorOf } from '../http/auth.ts';
import { cursorAfter, linkNext, placeIn, rangeOf } from '../http/page.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { answerTransfer, transferNotFound } from '../transfers/routes.ts';
import { TransferAnswer, TransferParams } from '../transfers/schemas.ts';
import { type Shown, shownNow } from '../transfers/shown.ts';
import { callHeld } from '../transfers/submit.ts';
import { itemView, transferView } from '../transfers/view.ts';
import { DeadLetterQuery, DeadLetters, ReplayBody, ResolveBody } from './schemas.ts';

const tags = ['Dead letters'];
const security = [{ operator: [] }];
const BODY_PROBLEMS = ['malformed-json', 'empty-body', 'body-too-large', 'unsupported-media-type'] as const;

/** Lists dead letters, and lets an operator replay or resolve them. */
export function addDeadLetterRoutes(app: Api, parts: ApiParts): void {
  addList(app, parts);
  addReplay(app, parts);
  addResolve(app, parts);
}

function addList(app: Api, parts: ApiParts): void {
  const { live, billing, redis } = parts;
  const letters = createDeadLetterReader(redis, live.store.lane);
  app.get(
    '/api/dead-letters',
    {
      config: { needs: 'inspect' },
      schema: {
        operationId: 'listDeadLetters',
        tags,
        security,
        summary: 'Dead letters',
        description:
          'Transfers that failed, stayed unconfirmed too long, or may have been executed before Redis lost data (see `kind`), newest first; and, under `billing`, bills and events that could not be processed. Several filters must all match. A page with a filter may be short, or empty, and still have a `next`. With `callId` each item has its timeline.',
        querystring: DeadLetterQuery,
        response: {
          200: DeadLetters,
          ...documentProblems('invalid-request', 'unauthenticated', 'redis-unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { from, to, cursor, limit, ...filter } = request.query;
      const name = { list: 'dead-letters', filters: filter };
      const range = rangeOf({ from, to });
      const query = { ...range, after: placeIn(name, cursor), limit };
      const isNarrowed = Object.values(filter).some((value) => value !== undefined);
      const [shown, page, unbilled] = await Promise.all([
        shownNow(parts),
        findDeadLetters(letters, filter, query),
        isNarrowed || cursor !== undefined ? [] : billingDeadLetters(billing),
      ]);
      const next = page.next === undefined ? null : cursorAfter(name, page.next);
      if (next !== null) linkNext(request, reply, next);
      const items =
        filter.callId === undefined
          ? page.items.map((one) => ({ ...itemView(one, shown), ...letterView(one) }))
          : await Promise.all(page.items.map((one) => withTimeline(parts, one, shown)));
      const isIn = ({ at }: { at: string }) => Date.parse(at) >= range.from && Date.parse(at) < range.to;
      return reply.code(200).send({ items, next, billing: unbilled.filter(isIn).slice(0, limit) });
    },
  );
}

function letterView({ record, deadAt }: DeadLetter) {
  return { kind: deadLetterKind(record), since: new Date(deadAt).toISOString() };
}

/** The letters of a call have their timelines, as its transfers do; they are few. */
async function withTimeline({ live }: Pick<ApiParts, 'live'>, letter: DeadLetter, shown: Shown) {
  const { timeline = [] } = (await live.store.get(letter.record.id)) ?? {};
  return { ...transferView({ record: letter.record, timeline }, shown), ...letterView(letter) };
}

function addReplay(app: Api, parts: ApiParts): void {
  const { live, billing, redis, log } = parts;
  app.post(
    '/api/dead-letters/:id/replay',
    {
      config: { isTraced: true, needs: 'act' },
      schema: {
        operationId: 'replayDeadLetter',
        tags,
        security,
        summary: 'Replay a dead letter',
        description:
          'A transfer gets a new deadline; earlier sendings are first compared with the call, so nothing is sent twice; `409` if another transfer holds its call. A billing record or event is retried for another day.',
        params: TransferParams,
        body: ReplayBody,
        response: {
          200: z.union([TransferAnswer, BillingDeadLetterBody]),
          ...documentProblems(
            'invalid-request',
            ...BODY_PROBLEMS,
            'unauthenticated',
            'transfer-not-found',
            'not-a-dead-letter',
            'call-already-in-transfer',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const letter = await replayBilling({ ...billing, redis }, id, actorOf(request), request.body.reason);
      if (letter === 'not-dead') throw notDead();
      if (letter !== undefined) return reply.code(200).send(letter);
      request.about = { transfer: id };
      let failure: unknown;
      const onJobless = (error: unknown) => {
        failure = error;
      };
      const replayed = await replay({ ...live, onJobless }, id, actorOf(request), request.body.reason);
      if (!replayed.replayed) {
        if (replayed.why === 'unknown') throw transferNotFound(id);
        if (replayed.why === 'call-held') throw callHeld(replayed.holder);
        throw notDead();
      }
      const { transfer } = replayed;
      const call = transfer.record.request?.callId;
      if (failure !== undefined) log.warn({ transfer: id, call, err: failure }, 'job.not-added');
      // The new attempts continue the transfer's own trace; this request only links to it.
      request.span?.link(id, transfer.record.traceparent);
      return reply.code(200).send(transferView(transfer, await shownNow(parts)));
    },
  );
}

function notDead(): Problem {
  return new Problem('not-a-dead-letter', 'It is not a dead letter.');
}

function addResolve(app: Api, parts: ApiParts): void {
  app.post(
    '/api/dead-letters/:id/resolve',
    {
      config: { needs: 'act' },
      schema: {
        operationId: 'resolveDeadLetter',
        tags,
        security,
        summary: 'Resolve an unconfirmed transfer',
        description:
          'An operator who has checked states whether the call was moved: the transfer ends as `transferred` or `failed`. `409` unless it is unconfirmed.',
        params: TransferParams,
        body: ResolveBody,
        response: {
          200: TransferAnswer,
          ...documentProblems(
            'invalid-request',
            ...BODY_PROBLEMS,
            'unauthenticated',
            'transfer-not-found',
            'not-unconfirmed',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.about = { transfer: id };
      const resolution = await resolve(parts.live, id, actorOf(request), request.body);
      if (!resolution.resolved) {
        if (resolution.why === 'unknown') throw transferNotFound(id);
        throw new Problem(
          'not-unconfirmed',
          'The transfer is not unconfirmed: it has ended, or nothing was sent.',
        );
      }
      return answerTransfer(parts, id, reply);
    },
  );
}
