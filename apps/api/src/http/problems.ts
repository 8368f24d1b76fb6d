import { z } from 'zod';

declare module 'fastify' {
  interface FastifyRequest {
    /** The path prefix under which the client reaches this API, without a trailing slash; '' at the root. */
    publicPath: string;
  }
}

/** Every problem of the API (RFC 9457): HTTP status, title, and when it is answered. A closed set. */
export const problems = {
  'bad-request': [
    400,
    'Bad request',
    'The request is not valid HTTP, or its URL, query or body cannot be decoded.',
  ],
  'invalid-request': [400, 'Invalid request', 'Some fields are invalid; `errors` lists each of them.'],
  'malformed-json': [
    400,
    'Malformed JSON',
    'The body is not valid JSON, or contains a forbidden key (`__proto__`).',
  ],
  'empty-body': [400, 'Empty body', 'The route requires a JSON body.'],
  'invalid-idempotency-key': [400, 'Invalid Idempotency-Key', 'It must be 1 to 255 printable characters.'],
  'unknown-scenario': [
    400,
    'Unknown scenario',
    'The simulator has no such scenario; `detail` lists all of them.',
  ],
  unauthenticated: [
    401,
    'Not authenticated',
    'The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong.',
  ],
  'host-not-allowed': [
    403,
    'Host not allowed',
    'Without API keys only requests to a loopback host are served.',
  ],
  'not-allowed': [
    403,
    'Not allowed',
    'The role of the caller does not allow it; `detail` names the roles that do.',
  ],
  'csrf-token-wrong': [
    403,
    'CSRF token missing or wrong',
    'With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it.',
  ],
  'simulated-transfer-refused': [
    403,
    'Simulated transfer refused',
    'The agent may not transfer, or the call is private.',
  ],
  'route-not-found': [404, 'No such route', 'There is no such path.'],
  'transfer-not-found': [
    404,
    'No such transfer',
    'It never existed, or its record was deleted after the retention time.',
  ],
  'callback-not-found': [404, 'No such callback', 'The transfer has no callback with this id.'],
  'run-not-found': [404, 'No such training run', 'It never existed, or was deleted after 400 days.'],
  'action-not-found': [404, 'No such action', 'It never existed, or it ended more than 35 days ago.'],
  'queue-not-found': [404, 'No such queue', '`detail` lists the queues.'],
  'method-not-allowed': [405, 'Method not allowed', 'The `Allow` header lists the allowed methods.'],
  'request-timeout': [408, 'Request timeout', 'The request did not arrive in time.'],
  'call-already-in-transfer': [
    409,
    'Call already in transfer',
    'Another transfer holds the call; `holder` identifies it.',
  ],
  'too-late': [409, 'Too late to cancel', 'The transfer was already sent, or has ended. Nothing changed.'],
  'not-a-dead-letter': [409, 'Not a dead letter', 'Only dead letters can be replayed.'],
  'not-unconfirmed': [409, 'Not unconfirmed', 'Only an unconfirmed transfer can be resolved by an operator.'],
  'callback-not-sendable': [
    409,
    'Callback cannot be sent',
    'Its API key has no receiver in CALLBACKS any more, or it was being sent at this moment; `detail` says which.',
  ],
  'simulated-transfer-conflict': [
    409,
    'Simulated transfer conflict',
    'The call changed or was moved in the meantime.',
  ],
  'body-too-large': [
    413,
    'Body too large',
    'The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression.',
  ],
  'unsupported-media-type': [
    415,
    'Unsupported media type',
    'Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br.',
  ],
  'too-many-waits': [
    429,
    'Too many waits',
    'The API key has reached its limit of open streams and waits; `detail` states it.',
  ],
  'too-many-failures': [
    429,
    'Too many failed sign-ins',
    'The address or the name must wait as long as `Retry-After` says. API keys in the header are not affected.',
  ],
  'idempotency-key-reused': [
    422,
    'Idempotency-Key reused',
    'The key was already used with a different body.',
  ],
  'headers-too-large': [431, 'Headers too large', 'The URL and headers together exceed 16 KiB.'],
  'internal-error': [
    500,
    'Internal error',
    'An unexpected error in Handover; the log has it under the request id.',
  ],
  'simulated-transfer-failed': [
    500,
    'Simulated transfer failed',
    'The transfer ended without moving the call, or took too long.',
  ],
  'redis-unavailable': [
    503,
    'Redis unavailable',
    'Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`.',
  ],
  'redis-full': [
    503,
    'Redis nearly full',
    'Redis is near its memory limit, so no new transfers are accepted.',
  ],
  'history-unavailable': [
    503,
    'History unavailable',
    'The PostgreSQL of the history does not answer, and what was asked for is no longer in Redis. Try again.',
  ],
  'webhook-not-configured': [
    503,
    'Webhook not configured',
    'WEBHOOK_SECRET is not set, so events cannot be authenticated; or HANDOVER_MODE is shadow, or GENESYS_API is platform, which sends none.',
  ],
  'simulator-not-configured': [503, 'Simulator not configured', 'SANDBOX_URL is not set.'],
  'sandbox-unreachable': [
    503,
    'Sandbox unreachable',
    'The sandbox at SANDBOX_URL does not answer, or something else answers there.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

export type FieldError = { field: string; message: string };

type Extras = {
  errors?: FieldError[];
  holder?: { id: string; href: string };
  timeline?: Record<string, unknown>[];
  run?: Record<string, unknown> | undefined;
  reason?: string;
};

/** Ends a request with this problem. `headers`: of the response; `extras`: further members of its body. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly headers: Record<string, string>;
  readonly extras: Extras;
  constructor(code: ProblemCode, detail: string, extras: Extras = {}, headers: Record<string, string> = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
    this.headers = headers;
  }

  get status(): number {
    return problems[this.code][0];
  }
}

/** The problem for a body over its route's limit. */
export function bodyTooLarge(): Problem {
  return new Problem(
    'body-too-large',
    'The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body.',
  );
}

/** The body of a problem, as sent over HTTP. */
export function problemBody({ code, status, message, extras }: Problem) {
  return { type: `/problems/${code}`, title: problems[code][1], status, code, detail: message, ...extras };
}

type Linked = { type: string; holder?: { id: string; href: string } };

/** The same problem with its links below the client's path prefix ('' = the root). */
export function underPath<P extends Linked>(problem: P, publicPath: string): P {
  if (publicPath === '') return problem;
  const { type, holder } = problem;
  const moved = { ...problem, type: `${publicPath}${type}` };
  return holder === undefined
    ? moved
    : { ...moved, holder: { ...holder, href: `${publicPath}${holder.href}` } };
}

export const ProblemCodeBody = z
  .enum(problemCodes)
  .describe('What went wrong: a closed set; `GET /problems` explains each.')
  .meta({ id: 'ProblemCode' });

export const ProblemBody = z
  .object({
    type: z.string().describe('A URI, stable per code; its page explains the problem.'),
    title: z.string(),
    status: z.int(),
    code: ProblemCodeBody,
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    holder: z
      .object({ id: z.string(), href: z.string() })
      .optional()
      .describe('The transfer that holds the call.'),
    error: z.string().optional().describe('The simulator only: the detail again.'),
    reason: z.string().optional().describe('The simulator only: why the transfer did not happen.'),
    timeline: z.array(z.looseObject({})).optional().describe('The simulator only.'),
    run: z.looseObject({}).optional().describe('The simulator only: the training run.'),
  })
  .meta({ id: 'Problem' });

type StatusOf<C extends ProblemCode> = (typeof problems)[C][0];
type DocumentedProblem = {
  description: string;
  content: { 'application/problem+json': { schema: typeof ProblemBody } };
};

/** Problems of every route. */
const ANYWHERE = [
  'bad-request',
  'invalid-request',
  'host-not-allowed',
  'not-allowed',
  'csrf-token-wrong',
  'request-timeout',
  'headers-too-large',
  'internal-error',
] as const;

/** The response schemas of a route for these problems and for those of every route. */
export function documentProblems<const C extends ProblemCode>(...codes: C[]) {
  const byStatus: Record<number, DocumentedProblem> = {};
  for (const code of new Set<ProblemCode>([...ANYWHERE, ...codes])) {
    const [status, , about] = problems[code];
    const before = byStatus[status]?.description;
    byStatus[status] = {
      description: `${before === undefined ? '' : `${before} `}\`${code}\`: ${about}`,
      content: { 'application/problem+json': { schema: ProblemBody } },
    };
  }
  return byStatus as Record<StatusOf<C | (typeof ANYWHERE)[number]>, DocumentedProblem>;
}
