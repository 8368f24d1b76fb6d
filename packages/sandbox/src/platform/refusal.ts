import type { Answer } from '../answer.ts';

type Limit = { namespace: string; key: string; value: number };

/** What an `ErrorBody` carries beyond code, message and status. */
export type RefusalMore = {
  entityId?: string;
  entityName?: string;
  messageWithParams?: string;
  messageParams?: Record<string, string>;
  limit?: Limit | undefined;
};

/** A request that the platform refuses; it becomes an `ErrorBody`. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly more: RefusalMore;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: RefusalMore = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.more = more;
    this.headers = headers;
  }
}

/** The `ErrorBody` of a refusal. Its `contextId` is the correlation id of the answer. */
export function refusalAnswer(refusal: Refusal, contextId: string): Answer {
  const { status, code, message, more, headers } = refusal;
  return { status, headers, body: { message, code, status, contextId, ...more, details: [], errors: [] } };
}

/** The 429 of the Platform API, for a token or for the limit that is named. */
export function tooManyRequests(retryAfterSeconds: number, limit?: Limit, message?: string): Refusal {
  return new Refusal(
    429,
    'too.many.requests.retry.after',
    message ?? `Rate limit exceeded the maximum. Retry the request in [${retryAfterSeconds}] seconds`,
    { ...(limit && { limit }) },
    { 'retry-after': String(retryAfterSeconds) },
  );
}

export function notFound(what: string, id: string): Refusal {
  return new Refusal(404, 'not.found', `The requested resource was not found: ${what} ${id}`);
}

export function conversationNotFound(id: string): Refusal {
  return new Refusal(404, 'conversation.error.conversation.not.found', `Conversation ${id} was not found`);
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'bad.request', message);
}

/** 403: the client has none of the permissions of which one would do. */
export function missingAnyPermission(permissions: readonly string[]): Refusal {
  const list = permissions.join(', ');
  const text =
    'Unable to perform the requested action. You must have at least one of the following permissions assigned: ';
  return new Refusal(403, 'missing.any.permissions', `${text}${list}`, {
    messageWithParams: `${text}{permissions}`,
    messageParams: { permissions: list },
  });
}
