import { HandoverProblem, HandoverUnreachable } from './errors.ts';
import type { Problem } from './words.ts';

export type RetryOptions = {
  /** How often one call is sent at most; 4 by default, 1 = no retries. */
  tries?: number;
  /** A longer `Retry-After` is not waited for: the problem is thrown. 10 s by default. */
  mostWaitMs?: number;
};

/** Where and how requests are sent. */
export type Transport = {
  url: string;
  headers: () => Record<string, string>;
  fetch: typeof fetch;
  retry: Required<RetryOptions>;
  /** How long one try may take. */
  timeoutMs: number;
};

export type CallOptions = { signal?: AbortSignal | undefined };

export type Asked = CallOptions & {
  method: string;
  /** With its parameters filled in. */
  path: string;
  query?: Record<string, unknown> | undefined;
  headers?: Record<string, string> | undefined;
  body?: unknown;
};

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/**
 * Sends a request and returns the body of its answer: JSON, or text of other types, or undefined. Sends it again where that is
 * safe: reading, cancelling, and what has an idempotency key. Throws `HandoverProblem` or `HandoverUnreachable`.
 */
export async function call(transport: Transport, asked: Asked): Promise<unknown> {
  const { tries, mostWaitMs } = transport.retry;
  const isRepeatable =
    ['GET', 'DELETE'].includes(asked.method) || asked.headers?.['idempotency-key'] !== undefined;
  for (let tried = 1; ; tried += 1) {
    try {
      const timeout = AbortSignal.timeout(transport.timeoutMs);
      const signal = asked.signal ? AbortSignal.any([asked.signal, timeout]) : timeout;
      return await readAnswer(await open(transport, { ...asked, signal }));
    } catch (error) {
      asked.signal?.throwIfAborted();
      const failure = unreachable(error, asked);
      const waitMs = delayOf(failure, tried);
      if (!isRepeatable || !mayPass(failure) || tried >= tries || waitMs > mostWaitMs) throw failure;
      await pause(waitMs, asked.signal);
    }
  }
}

/** Sends a request once; the answer is a good one, its body not read. Throws as `call` does, or what `fetch` throws. */
export async function open(transport: Transport, asked: Asked): Promise<Response> {
  const { method, path, query = {}, headers, body, signal } = asked;
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  const response = await transport.fetch(`${transport.url}${path}${given.length > 0 ? `?${search}` : ''}`, {
    method,
    headers: {
      ...transport.headers(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  throw await failureOf(response, asked);
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!isJson(response, 'application/json')) return response.status === 204 ? undefined : text;
  return JSON.parse(text);
}

async function failureOf(response: Response, asked: Asked): Promise<Error> {
  const { status, headers } = response;
  const retryAfterMs = afterMs(headers.get('retry-after'));
  const text = await response.text();
  const problem = isJson(response, 'application/problem+json') ? problemIn(text) : undefined;
  if (problem !== undefined) return new HandoverProblem(problem, retryAfterMs);
  const words = `${asked.method} ${asked.path} got ${status}, but not from Handover: something in between answered.`;
  return new HandoverUnreachable(words, { status, retryAfterMs });
}

function isJson({ headers }: Response, type: string): boolean {
  return headers.get('content-type')?.split(';', 1)[0]?.trim() === type;
}

function problemIn(text: string): Problem | undefined {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.code === 'string' ? (body as Problem) : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in milliseconds: seconds, or a date. */
function afterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** An error of ours as it is; any other is one of the network. */
export function unreachable(error: unknown, { method, path }: Pick<Asked, 'method' | 'path'>): KnownFailure {
  if (error instanceof HandoverProblem || error instanceof HandoverUnreachable) return error;
  return new HandoverUnreachable(`${method} ${path} got no answer: ${causeOf(error)}`, { cause: error });
}

export type KnownFailure = HandoverProblem | HandoverUnreachable;

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message} (${cause.message})`
    : error.message;
}

/** Whether a failure may be gone soon: no answer, 429 or 503, or a gateway that reached nobody. */
export function mayPass({ status }: KnownFailure): boolean {
  return status === undefined || [429, 502, 503, 504].includes(status);
}

/** How long to wait after so many failures in a row: what was asked for, or growing and spread. */
export function delayOf({ retryAfterMs }: KnownFailure, failures: number, firstMs = FIRST_DELAY_MS): number {
  const most = Math.min(firstMs * 2 ** (failures - 1), LONGEST_DELAY_MS);
  return Math.max(retryAfterMs ?? 0, most / 2 + (Math.random() * most) / 2);
}

/** Waits; rejects with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
