import { openDialect } from '@handover/core/genesys';
import {
  TransferBody as Body,
  cancel,
  type IdempotencyKey,
  type TransferBody,
  type TransferRequest,
  toRequest,
} from '@handover/core/transfer';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, may, notAllowed } from '../http/auth.ts';
import { invalidRequest } from '../http/failures.ts';
import { fingerprint, parseIdempotencyKey, UnreadableBody } from '../http/idempotency.ts';
import { parsePreferWait } from '../http/prefer.ts';
import { documentProblems, Problem } from '../http/problems.ts';
import type { Api, ApiParts } from '../parts.ts';
import { waitForOutcome, watchTransfer } from './outcome.ts';
import { AcceptedBody, CancelQuerystring, SubmitHeaders, TransferAnswer, TransferParams } from './schemas.ts';
import { shownNow } from './shown.ts';
import { submitOne } from './submit.ts';
import { transferPath, transferView } from './view.ts';
import type { Waits } from './waits.ts';

const ROUTE = 'POST /api/transfers';
const tags = ['Transfers'];
const security = [{ apiKey: [] }];

/** Accepts, shows and cancels transfers. */
export function addTransferRoutes(app: Api, parts: ApiParts, waits: Waits): void {
  addSubmit(app, parts, waits);
  addShow(app, parts);
  addCancel(app, parts);
}

function addSubmit(app: Api, parts: ApiParts, waits: Waits): void {
  const { live, changes, memory, config, log } = parts;
  const { checkRequest } = openDialect(config.genesys.dialect);
  const intake = { ...live, checkRequest, memory, log };

  app.post(
    '/api/transfers',
    {
      attachValidation: true,
      config: { allowsUnreadableBody: true, isTraced: true, needs: 'submit' },
      preValidation: async (request) => {
        request.idempotency = idempotencyOf(request, ROUTE);
      },
      schema: {
        operationId: 'submitTransfer',
        tags,
        security,
        summary: 'Submit a transfer',
        description:
          'Accepts a transfer, which holds its call until its outcome. With `Prefer: wait=N` the answer waits up to N seconds (at most 30) for the outcome: `200` with the transfer, else `202`. With an `Idempotency-Key` a repeated request gets the first answer again.',
        headers: SubmitHeaders,
        body: Body,
        response: {
          200: TransferAnswer.describe('The transfer with its outcome (`Prefer: wait`).'),
          202: AcceptedBody.describe('Accepted; `Location` is the URL of the transfer.'),
          ...documentProblems(
            'invalid-request',
            'malformed-json',
            'empty-body',
            'invalid-idempotency-key',
            'unauthenticated',
            'call-already-in-transfer',
            'body-too-large',
            'unsupported-media-type',
            'idempotency-key-reused',
            'redis-unavailable',
            'redis-full',
          ),
        },
      },
    },
    async (request, reply) => {
      const waitSeconds = parsePreferWait(request.headers.prefer);
      const accepted = await submitOne(intake, {
        actor: actorOf(request),
        key: request.idempotency,
        read: () => readRequest(request),
        span: request.span,
      });
      request.about = { transfer: accepted.id, call: request.body?.callId };
      reply.header('location', `${request.publicPath}${transferPath(accepted.id)}`);
      if (accepted.replayed) reply.header('idempotency-replayed', 'true');
      const answer = { id: accepted.id, status: accepted.status };
      if (waitSeconds === undefined) return reply.code(202).send(answer);

      if (!waits.open(actorOf(request), reply)) {
        const detail = `Did not wait: this API key has ${waits.most} waits and streams open, which is the limit.`;
        return reply.code(202).send({ ...answer, detail });
      }
      reply.header('preference-applied', `wait=${waitSeconds}`);
      const watch = watchTransfer(changes, live.store, accepted.id, reply);
      const transfer = await waitForOutcome(live.store, watch, accepted.id, waitSeconds * 1_000);
      if (transfer === undefined || transfer.record.outcome === null) return reply.code(202).send(answer);
      return reply.code(200).send(transferView(transfer, await shownNow(parts)));
    },
  );
}

function addShow(app: Api, parts: ApiParts): void {
  app.get(
    '/api/transfers/:id',
    {
      config: { needs: 'read' },
      schema: {
        operationId: 'getTransfer',
        tags,
        security,
        summary: 'A transfer',
        description: 'The transfer with its outcome, if any, and the timeline of every decision so far.',
        params: TransferParams,
        response: {
          200: TransferAnswer,
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'transfer-not-found',
            'redis-unavailable',
            'history-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.about = { transfer: id };
      return answerTransfer(parts, id, reply);
    },
  );
}

function addCancel(app: Api, parts: ApiParts): void {
  app.delete(
    '/api/transfers/:id',
    {
      config: { needs: 'cancel' },
      schema: {
        operationId: 'cancelTransfer',
        tags,
        security,
        summary: 'Cancel a transfer',
        description:
          'Cancels a transfer before its effect is sent. `200`: it is cancelled, and the call will not be moved. `409 too-late`: nothing changed. Repeating the request is safe. A key with the role `submit` cancels only what it submitted.',
        params: TransferParams,
        querystring: CancelQuerystring,
        response: {
          200: TransferAnswer.describe('Cancelled.'),
          ...documentProblems(
            'invalid-request',
            'unauthenticated',
            'transfer-not-found',
            'too-late',
            'redis-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      request.about = { transfer: id };
      await cancelTransfer(parts.live, id, request, request.query.reason);
      return answerTransfer(parts, id, reply);
    },
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    idempotency: IdempotencyKey | undefined;
  }
}

/** The idempotency key of a submission and the digest of its body, before validation. */
export function idempotencyOf(request: FastifyRequest, route: string): IdempotencyKey | undefined {
  const key = parseIdempotencyKey(request.headers['idempotency-key']);
  return key === undefined ? undefined : { route, key, fingerprint: fingerprint(request.body) };
}

/** The problem for an unknown id. */
export function transferNotFound(id: string): Problem {
  return new Problem('transfer-not-found', `There is no transfer ${id}.`);
}

/** Answers with the current state of the transfer, or with how it was settled if Redis has forgotten it. */
export async function answerTransfer(
  parts: Pick<ApiParts, 'redis' | 'live' | 'config' | 'history'>,
  id: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [known, shown] = await Promise.all([parts.live.store.get(id), shownNow(parts)]);
  const transfer = known ?? (await parts.history?.transfer(id));
  if (transfer === undefined) throw transferNotFound(id);
  return reply.code(200).send(transferView(transfer, shown));
}

function readRequest(request: FastifyRequest<{ Body: TransferBody }>): TransferRequest {
  const { validationError } = request;
  if (request.body instanceof UnreadableBody) throw request.body.error;
  if (validationError != null) throw validationError;
  const parsed = toRequest(request.body);
  if (!parsed.ok) throw invalidRequest(parsed.errors);
  return parsed.request;
}

async function cancelTransfer(
  live: ApiParts['live'],
  id: string,
  request: FastifyRequest,
  because: string | undefined,
): Promise<void> {
  const ownOnly = !may(request, 'cancel-any');
  const cancellation = await cancel(live, id, actorOf(request), { ownOnly, because });
  if (cancellation.cancelled) return;
  if (cancellation.why === 'unknown') throw transferNotFound(id);
  if (cancellation.why === 'not-own' && request.access !== undefined)
    throw notAllowed(request.access, 'cancel-any', 'may cancel only what it submitted');
  throw new Problem('too-late', 'The transfer was already sent, or has ended. Nothing changed.');
}
