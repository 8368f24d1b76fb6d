import { HistoryAway } from '@handover/core/history';
import { type RedisErrorKind, redisErrorKind, TooFewReplicas } from '@handover/core/redis';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { bodyTooLarge, type FieldError, Problem, problemBody, underPath } from './problems.ts';

/** A body, query, headers or parameters that violate their schema. Fastify adds which (`validationContext`). */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly issues: z.core.$ZodIssue[];
  validationContext?: string;
  constructor(issues: z.core.$ZodIssue[]) {
    super('some fields are invalid');
    this.issues = issues;
  }
}

const PLACES: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** Every invalid field with its dotted path; `root` names the input if the input as a whole is invalid. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[], root = 'body'): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const name = (path: PropertyKey[]) => path.map(String).join('.') || root;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: name([...issue.path, key]), message: 'is unknown' }));
    const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
    return [{ field: name(issue.path), message: isMissing ? 'is missing' : inWords(issue) }];
  });
}

/** A message of zod's own in plain words; those of the schemas stay. */
function inWords(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid (option|input)|Too (big|small)):/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}${issue.input === undefined || !Array.isArray(issue.input) ? '' : ', and given once'}`;
    case 'invalid_type':
      return Array.isArray(issue.input) && issue.expected === 'string'
        ? 'must be given once'
        : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `must ${BE[issue.origin] ?? 'be'} at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    case 'too_small':
      return issue.origin === 'string' && Number(issue.minimum) === 1
        ? 'must not be empty'
        : `must ${BE[issue.origin] ?? 'be'} at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    default:
      return issue.message;
  }
}

const TYPES: Record<string, string> = {
  ...{ string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false' },
  ...{ array: 'a list', object: 'an object', record: 'an object', null: 'null' },
};
const BE: Record<string, string> = { string: 'have', array: 'have', set: 'have' };
const UNITS: Record<string, string> = { string: ' characters', array: ' items', set: ' items' };

/** No body of known fields has more errors; thousands of unknown fields must not produce megabytes of answer. */
const MOST_ERRORS = 100;

/** The problem `invalid-request` for these fields. */
export function invalidRequest(errors: FieldError[]): Problem {
  const fields = errors.slice(0, 5).map(({ field, message }) => `${field}: ${message}`);
  const more = errors.length > fields.length ? `; and ${errors.length - fields.length} more` : '';
  return new Problem('invalid-request', `${fields.join('; ')}${more}`, {
    errors: errors.slice(0, MOST_ERRORS),
  });
}

const RETRY_SOON = { 'retry-after': '1' };
const RETRY_LATER = { 'retry-after': '10' };

/** Maps any thrown value to a problem; an unexpected one is an `internal-error`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidInput)
    return invalidRequest(fieldErrors(error.issues, PLACES[error.validationContext ?? 'body']));
  if (error instanceof TooFewReplicas) {
    const detail = `${error.message}; repeat it with the same Idempotency-Key.`;
    return new Problem('redis-unavailable', detail, {}, RETRY_SOON);
  }
  if (error instanceof HistoryAway)
    return new Problem('history-unavailable', `${error.message}; try again.`, {}, RETRY_SOON);
  const trouble = redisErrorKind(error);
  if (trouble !== undefined) return redisTrouble(trouble);
  return (
    fromFastify(error) ??
    new Problem('internal-error', 'An unexpected error occurred; the log has it under the request id.')
  );
}

const TROUBLE: Record<Exclude<RedisErrorKind, 'full'>, string> = {
  lost: 'Redis does not answer; try again.',
  'read-only': 'Redis is a read-only replica; try again.',
  'not-yet': 'Redis is not ready yet; try again.',
  busy: 'Redis is busy; try again.',
  'cannot-write': 'Redis does not accept writes; try again.',
  cluster: 'The Redis Cluster does not serve these keys at the moment; try again.',
  slots:
    'Redis denies a command, key or channel that this service needs; see the log. Try again once this is fixed.',
  forbidden:
    'Redis denies a command, key or channel that this service needs; see the log. Try again once this is fixed.',
  unauthenticated: 'Redis rejects the user or password; see the log. Try again once this is fixed.',
  'missing-command':
    'Redis lacks a command that this service needs; see the log. Try again once this is fixed.',
};

/** The problem for a Redis error of this kind. */
export function redisTrouble(kind: RedisErrorKind): Problem {
  return kind === 'full' ? redisFull() : new Problem('redis-unavailable', TROUBLE[kind], {}, RETRY_SOON);
}

export function redisFull(): Problem {
  const detail = 'Redis is near its memory limit; no new transfers are accepted until memory is freed.';
  return new Problem('redis-full', detail, {}, RETRY_LATER);
}

/** Maps errors that Fastify raises before a handler runs. */
function fromFastify(error: unknown): Problem | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  switch (code) {
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new Problem('empty-body', 'The body is empty; it must be JSON.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('unsupported-media-type', 'The body must be application/json.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge();
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Problem('malformed-json', 'The body is not valid JSON.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('bad-request', 'The URL or the length of the body is not valid.');
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return new Problem('malformed-json', 'The body is not acceptable JSON.');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new Problem('bad-request', 'The request cannot be processed.');
  return undefined;
}

/** Sends the problem. `extra`: further members of its body. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
  extra: object = {},
): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ ...problem.headers, 'x-request-id': request.id })
    .type('application/problem+json')
    .send(JSON.stringify({ ...underPath(problemBody(problem), request.publicPath), ...extra }));
}

/** Sends the problem for a thrown value. An internal error is logged, and its details are not sent. */
export function answerFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  extra: (problem: Problem) => object = () => ({}),
): FastifyReply {
  const problem = toProblem(error);
  // Closing now would reset a client that is still sending before it reads the answer: see discardRest.
  if (!request.raw.complete) reply.removeHeader('connection');
  if (problem.code === 'internal-error') request.log.error({ err: error }, 'request.failed');
  return sendProblem(request, reply, problem, extra(problem));
}
