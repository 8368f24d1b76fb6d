import type { IncomingMessage } from 'node:http';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import { CONNECT_TIMED_OUT, createAgents } from './agents.ts';

const LONGEST_CONNECT_MS = 3_000;
const LARGEST_BODY = 1024 * 1024;

/** A handshake that failed: the request itself was never written. */
const NO_HANDSHAKE = new Set([
  CONNECT_TIMED_OUT,
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What was under way when the connection failed; after a read or a write the request may well have arrived. */
const BEFORE_ANY_BYTE = new Set(['connect', 'getaddrinfo']);

export type WireRequest = {
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string> | undefined;
  body?: unknown;
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

/** When a request was sent and where to, for those who note more than how it was answered; `ms` is not rounded. */
export type Sent = { method: WireRequest['method']; url: string; at: number; ms: number };

export type OnRequest = (note: RequestNote, sent: Sent) => void;

export type Wire = { send(request: WireRequest): Promise<WireAnswer>; close(): void };

/**
 * One request over keep-alive connections, bounded by `timeoutMs` from start to last byte, and by a shorter time for
 * the connect. Never throws; what comes back carries neither headers nor tokens. `onRequest` hears of every request.
 */
export function createWire(timeoutMs: number, onRequest: OnRequest): Wire {
  const agents = createAgents(Math.min(LONGEST_CONNECT_MS, timeoutMs));
  const client: AxiosInstance = axios.create({
    httpAgent: agents.httpAgent,
    httpsAgent: agents.httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: LARGEST_BODY,
    validateStatus: () => true,
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
    try {
      const answer = await client.request<unknown>({
        method,
        url,
        ...(headers === undefined ? {} : { headers }),
        data: body,
        signal: either,
      });
      return answeredWith(answer.status, answer.data, answer.headers, note(answer.status));
    } catch (error) {
      // A body that was cut or is too long still had a status line, and the status is what counts.
      const head = headOf(error);
      if (head !== undefined) return answeredWith(head.status, undefined, head.headers, note(head.status));
      const failure = noAnswer(error, { timedOut: timedOut(), stopped: signal.aborted, timeoutMs });
      return { answered: false, failure, note: note(null) };
    } finally {
      done();
    }
  }

  return { send, close: agents.destroy };
}

/** The status and headers that had come when the answer failed. */
function headOf(error: unknown): { status: number; headers: unknown } | undefined {
  if (!axios.isAxiosError(error)) return undefined;
  if (error.response !== undefined) return error.response;
  // axios keeps no response of a body over its limit, but the request still has it.
  const { res } = (error.request ?? {}) as { res?: IncomingMessage };
  return error.code === AxiosError.ERR_BAD_RESPONSE && res?.statusCode !== undefined
    ? { status: res.statusCode, headers: res.headers }
    : undefined;
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

function answeredWith(status: number, data: unknown, headers: unknown, note: RequestNote): WireAnswer {
  const { 'retry-after': raw, 'inin-ratelimit-allowed': told } = headers as Record<string, unknown>;
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
  const code = axios.isAxiosError(error) ? (error.code ?? 'unknown') : 'unknown';
  const { syscall } = (axios.isAxiosError(error) ? (error.cause ?? error) : {}) as { syscall?: string };
  const never = NO_HANDSHAKE.has(code) || BEFORE_ANY_BYTE.has(syscall ?? '');
  return { kind: 'no-answer', sent: !never, detail: never ? `${code}, no connection` : code };
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
