import { z } from 'zod';

declare module 'fastify' {
  interface FastifyRequest {
    /** The path under which the client sees this API, without a slash at its end; '' at the root. */
    publicPath: string;
  }
}

/** Every problem that the API may answer: its HTTP status, its title, and when it comes (RFC 9457). A closed set. */
export const problems = {
  'bad-request': [400, 'Bad request', 'The request is not HTTP, or its URL cannot be decoded.'],
  'invalid-request': [400, 'Invalid request', 'Some fields are not as they must be; `errors` lists each.'],
  'malformed-json': [400, 'Malformed JSON', 'The body is not JSON, or holds a key that no body may hold.'],
  'empty-body': [400, 'Empty body', 'The route needs a JSON body.'],
  'invalid-idempotency-key': [400, 'Invalid Idempotency-Key', 'It is not 1 to 255 printable characters.'],
  'unknown-scenario': [
    400,
    'Unknown scenario',
    'The simulator has no such scenario; `detail` names them all.',
  ],
  unauthenticated: [
    401,
    'Not authenticated',
    'The API key, the name and password of an operator, or what proves an event, is missing or wrong.',
  ],
  'host-not-allowed': [
    403,
    'Host not allowed',
    'Without keys only requests to a loopback host are answered.',
  ],
  'simulated-transfer-refused': [
    403,
    'Simulated transfer refused',
    'The agent may not transfer, or the call is private.',
  ],
  'route-not-found': [404, 'No such route', 'Nothing is served here.'],
  'transfer-not-found': [
    404,
    'No such transfer',
    'It never was, or its record was deleted after the retention.',
  ],
  'method-not-allowed': [405, 'Method not allowed', 'The header `Allow` names those that are.'],
  'request-timeout': [408, 'Request timeout', 'The request did not arrive in time.'],
  'call-already-in-transfer': [
    409,
    'Call already in transfer',
    'Another transfer holds the call; `holder` names it.',
  ],
  'too-late': [409, 'Too late to cancel', 'It was sent, or it has ended. Nothing changed.'],
  'not-a-dead-letter': [409, 'Not a dead letter', 'Only dead letters can be started again.'],
  'not-unconfirmed': [409, 'Not unconfirmed', 'Only an unconfirmed transfer can be settled by a person.'],
  'simulated-transfer-conflict': [
    409,
    'Simulated transfer conflict',
    'The call changed or was moved meanwhile.',
  ],
  'body-too-large': [
    413,
    'Body too large',
    'A batch has at most 4 MiB, everything else 64 KiB, counted after decompression.',
  ],
  'unsupported-media-type': [
    415,
    'Unsupported media type',
    'Bodies are `application/json`, as they are or compressed with gzip, deflate or br.',
  ],
  'too-many-waits': [
    429,
    'Too many waits',
    'The key has as many streams and waits open as it may; `detail` says how many.',
  ],
  'idempotency-key-reused': [422, 'Idempotency-Key reused', 'The key came before, with another body.'],
  'headers-too-large': [431, 'Headers too large', 'URL and headers together have at most 16 KiB.'],
  'internal-error': [500, 'Internal error', 'A mistake of ours; the log has it under the request id.'],
  'simulated-transfer-failed': [
    500,
    'Simulated transfer failed',
    'It ended without the call being moved, or took too long.',
  ],
  'redis-unavailable': [503, 'Redis unavailable', 'Nothing can be promised without it. Try again.'],
  'redis-full': [503, 'Redis nearly full', 'Near its memory limit no new transfers are accepted.'],
  'webhook-not-configured': [
    503,
    'Webhook not configured',
    'WEBHOOK_SECRET is not set, so no event can be trusted.',
  ],
  'simulator-not-configured': [503, 'Simulator not configured', 'SANDBOX_URL is not set.'],
  'sandbox-unreachable': [503, 'Sandbox unreachable', 'The sandbox at SANDBOX_URL does not answer.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

export type FieldError = { field: string; message: string };

type Extras = {
  errors?: FieldError[];
  holder?: { id: string; href: string };
  timeline?: Record<string, unknown>[];
  reason?: string;
};

/** A request ends with this problem. `headers` go out with the answer; `extras` are members of its body. */
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

/** The problem of a body over the limit of its route. */
export function bodyTooLarge(): Problem {
  return new Problem(
    'body-too-large',
    'A batch has at most 4 MiB, every other body 64 KiB: send less at once.',
  );
}

/** The body of a problem, as it goes over HTTP. */
export function problemBody({ code, status, message, extras }: Problem) {
  return { type: `/problems/${code}`, title: problems[code][1], status, code, detail: message, ...extras };
}

type Linked = { type: string; holder?: { id: string; href: string } };

/** The same problem with its links below the path under which the client sees this API ('' = the root). */
export function underPath<P extends Linked>(problem: P, publicPath: string): P {
  if (publicPath === '') return problem;
  const { type, holder } = problem;
  const moved = { ...problem, type: `${publicPath}${type}` };
  return holder === undefined
    ? moved
    : { ...moved, holder: { ...holder, href: `${publicPath}${holder.href}` } };
}

export const ProblemBody = z
  .object({
    type: z.string().describe('A URI that is stable per code; it says when the problem comes.'),
    title: z.string(),
    status: z.int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    holder: z
      .object({ id: z.string(), href: z.string() })
      .optional()
      .describe('The transfer that holds the call.'),
    error: z.string().optional().describe('The simulator only: the detail again.'),
    reason: z.string().optional().describe('The simulator only: why the transfer did not happen.'),
    timeline: z.array(z.looseObject({})).optional().describe('The simulator only.'),
  })
  .meta({ id: 'Problem' });

type StatusOf<C extends ProblemCode> = (typeof problems)[C][0];
type DocumentedProblem = {
  description: string;
  content: { 'application/problem+json': { schema: typeof ProblemBody } };
};

/** Problems that any route may answer. */
const ANYWHERE = [
  'bad-request',
  'host-not-allowed',
  'request-timeout',
  'headers-too-large',
  'internal-error',
] as const;

/** The response schemas of a route for these problems, and for those that any route may answer. */
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
