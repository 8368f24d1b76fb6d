import { Agent, request } from 'undici';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';

const LONGEST_CONNECT_MS = 3_000;
/** Shorter than what load balancers wait (60 s), so that it is we who close what is idle. */
const LONGEST_IDLE_MS = 30_000;
const LARGEST_BODY = 1024 * 1024;

/** A handshake that failed: the request itself was never written. */
const NO_HANDSHAKE = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** undici's own codes, in words; those of Node and of TLS are what an engineer looks up. */
const IN_WORDS: Record<string, string> = {
  UND_ERR_SOCKET: 'closed by the other side',
  UND_ERR_CONNECT_TIMEOUT: 'the connect took too long',
};

/** What was under way when the connection failed; after a read or a write the request may well have arrived. */
const BEFORE_ANY_BYTE = new Set(['connect', 'getaddrinfo']);

export type WireRequest = {
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string> | undefined;
  /** Sent as JSON; a string is JSON already, and goes as it is. */
  body?: object | string | undefined;
  signal: AbortSignal;
};

export type WireAnswer =
  /**
   * Any answer with a status; `data` is `undefined` where the body was cut or was not JSON. `allowed`: how many requests a
   * minute the other side says it allows, where it says so.
   */
  | {
      answered: true;
      status: number;
      data: unknown;
      retryAfterMs: number | undefined;
      allowed: number | undefined;
      note: RequestNote;
    }
  | { answered: false; failure: Extract<Failure, { kind: 'no-answer' }>; note: RequestNote };

type Head = { status: number; headers: Record<string, string | string[] | undefined> };

const READS = { accept: 'application/json', 'user-agent': 'handover' };
const WRITES = { 'content-type': 'application/json' };

/** When a request was sent and where to, for those who note more than how it was answered; `ms` is not rounded. */
export type Sent = { method: WireRequest['method']; url: string; at: number; ms: number };

export type OnRequest = (note: RequestNote, sent: Sent) => void;

export type Wire = { send(request: WireRequest): Promise<WireAnswer>; close(): void };

/**
 * One request over keep-alive connections, bounded by `timeoutMs` from start to last byte, and by a shorter time for
 * the connect. Never throws; what comes back carries neither headers nor tokens. `onRequest` hears of every request.
 */
export function createWire(timeoutMs: number, onRequest: OnRequest): Wire {
  const agent = new Agent({
    connect: { timeout: Math.min(LONGEST_CONNECT_MS, timeoutMs) },
    keepAliveTimeout: LONGEST_IDLE_MS,
    maxResponseSize: LARGEST_BODY,
    // Its own times are of inactivity.
    headersTimeout: 0,
    bodyTimeout: 0,
    // One broken connection is one request that may have arrived.
    allowH2: false,
  });

  async function send({ operation, method, url, headers, body, signal }: WireRequest): Promise<WireAnswer> {
    const at = Date.now();
    const started = performance.now();
    const note = (status: number | null): RequestNote => {
      const ms = performance.now() - started;
      const made = { operation, status, ms: Math.round(ms) };
      onRequest(made, { method, url, at, ms });
      return made;
    };
    const { either, timedOut, done } = limit(signal, timeoutMs);
    const json = body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body);
    let head: Head | undefined;
    try {
      const answer = await request(url, {
        dispatcher: agent,
        method,
        headers: { ...READS, ...(json !== null && WRITES), ...headers },
        body: json,
        signal: either,
      });
      head = { status: answer.statusCode, headers: answer.headers };
      const data = parse(await answer.body.text());
      return answeredWith(head, data, note(head.status));
    } catch (error) {
      const givenUp = timedOut() || signal.aborted;
      // A body that was cut or is too long still had a status line, and the status is what counts.
      if (head !== undefined && !givenUp) return answeredWith(head, undefined, note(head.status));
      const failure = noAnswer(error, { timedOut: timedOut(), stopped: signal.aborted, timeoutMs });
      return { answered: false, failure, note: note(null) };
    } finally {
      done();
    }
  }

  return { send, close: () => void agent.destroy() };
}

/** Ends with the caller's signal or after `timeoutMs`. `AbortSignal.any` on a signal that lives as long as the process leaks. */
function limit(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    abort();
  }, timeoutMs);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return {
    either: controller.signal,
    timedOut: () => late,
    done: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answeredWith({ status, headers }: Head, data: unknown, note: RequestNote): WireAnswer {
  const { 'retry-after': raw, 'inin-ratelimit-allowed': told } = headers;
  const retryAfterMs = typeof raw === 'string' ? parseRetryAfter(raw, Date.now()) : undefined;
  const allowed = typeof told === 'string' && /^[1-9]\d{0,8}$/.test(told) ? Number(told) : undefined;
  return {
    answered: true,
    status,
    data: typeof data === 'object' ? data : undefined,
    retryAfterMs,
    allowed,
    note,
  };
}

function noAnswer(
  error: unknown,
  { timedOut, stopped, timeoutMs }: { timedOut: boolean; stopped: boolean; timeoutMs: number },
): Extract<Failure, { kind: 'no-answer' }> {
  if (stopped) return { kind: 'no-answer', sent: true, detail: 'given up at shutdown' };
  if (timedOut) return { kind: 'no-answer', sent: true, detail: `nothing within ${timeoutMs} ms` };
  const { code = 'unknown' } = error as { code?: string };
  const never =
    NO_HANDSHAKE.has(code) || triesOf(error).every(({ syscall }) => BEFORE_ANY_BYTE.has(syscall ?? ''));
  const what = IN_WORDS[code] ?? code;
  return { kind: 'no-answer', sent: !never, detail: never ? `${what}, no connection` : what };
}

/** A host with several addresses fails with what became of each. */
function triesOf(error: unknown): { syscall?: string }[] {
  return error instanceof AggregateError ? error.errors : [error as { syscall?: string }];
}

/**
 * `Retry-After` in ms: seconds or an HTTP date (RFC 9110); `undefined` where it says nothing usable, which a wait of
 * nothing is too. `now` is epoch milliseconds. Not capped here.
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const text = value.trim();
  const isDate = /[a-z]/i.test(text);
  if (!isDate && !/^\d+(\.\d+)?$/.test(text)) return undefined;
  const waitMs = isDate ? Date.parse(text) - now : Number(text) * 1000;
  return waitMs > 0 ? waitMs : undefined;
}
