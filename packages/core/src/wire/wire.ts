import { Agent, request } from 'undici';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import { createConnects } from './connects.ts';

const LONGEST_CONNECT_MS = 3_000;
/** Shorter than what load balancers wait (60 s), so that it is we who close what is idle. */
const LONGEST_IDLE_MS = 30_000;
const LARGEST_BODY = 1024 * 1024;

/** What an engineer cannot look up as it stands. */
const IN_WORDS: Record<string, string> = {
  UND_ERR_SOCKET: 'closed by the other side',
  UND_ERR_DESTROYED: 'given up at shutdown',
  HTTPParserError: 'the answer is not HTTP',
};

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
   * minute the other side says it allows, where it says so. `etag`: the header `ETag` as it came, quotes and `W/` included.
   * `type`: the media type of the body, in lower case and without parameters, where there is a plausible one.
   */
  | {
      answered: true;
      status: number;
      data: unknown;
      retryAfterMs: number | undefined;
      allowed: number | undefined;
      etag: string | undefined;
      type: string | undefined;
      note: RequestNote;
    }
  | { answered: false; failure: Extract<Failure, { kind: 'no-answer' }>; note: RequestNote };

type Head = { status: number; headers: Record<string, string | string[] | undefined> };

const READS = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'handover' };
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
  const connects = createConnects(Math.min(LONGEST_CONNECT_MS, timeoutMs));
  const agent = new Agent({
    connect: connects.connect,
    keepAliveTimeout: LONGEST_IDLE_MS,
    keepAliveMaxTimeout: LONGEST_IDLE_MS,
    maxResponseSize: LARGEST_BODY,
    // Its own times are of inactivity.
    headersTimeout: 0,
    bodyTimeout: 0,
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
    const { either, ended, timedOut, done } = limit(signal, timeoutMs);
    const json = body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body);
    let head: Head | undefined;
    try {
      const asked = request(url, {
        dispatcher: agent,
        method,
        headers: { ...READS, ...(json !== null && WRITES), ...headers },
        body: json,
        signal: either,
      });
      // undici tells of an end only once the connect has come to its own; it sends nothing then.
      const answer = await Promise.race([asked, ended]);
      head = { status: answer.statusCode, headers: answer.headers };
      const data = parse(await answer.body.text());
      return answeredWith(head, data, note(head.status));
    } catch (error) {
      const givenUp = timedOut() || signal.aborted;
      // A body that was cut or is too long still had a status line, and the status is what counts.
      if (head !== undefined && !givenUp) return answeredWith(head, undefined, note(head.status));
      const why = {
        timedOut: timedOut(),
        stopped: signal.aborted,
        timeoutMs,
        failed: connects.failed(error),
      };
      const failure = noAnswer(error as NodeJS.ErrnoException, why);
      return { answered: false, failure, note: note(null) };
    } finally {
      done();
    }
  }

  return {
    send,
    close: () => {
      void agent.destroy();
      connects.destroy();
    },
  };
}

/** Ends with the caller's signal or after `timeoutMs`. `AbortSignal.any` on a signal that lives as long as the process leaks. */
function limit(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  let end: (why: unknown) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  ended.catch(() => {});
  const abort = () => {
    controller.abort();
    end(controller.signal.reason);
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    abort();
  }, timeoutMs);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return {
    either: controller.signal,
    ended,
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
  const { 'retry-after': waits = [], 'inin-ratelimit-allowed': told, etag, 'content-type': type } = headers;
  // A gateway and what is behind it may each say one.
  const retryAfterMs = [waits].flat().map((wait) => parseRetryAfter(wait, Date.now()) ?? 0);
  const allowed = typeof told === 'string' && /^[1-9]\d{0,8}$/.test(told) ? Number(told) : undefined;
  return {
    answered: true,
    status,
    data: typeof data === 'object' ? data : undefined,
    retryAfterMs: Math.max(0, ...retryAfterMs) || undefined,
    allowed,
    // Given twice it names no single state.
    etag: typeof etag === 'string' && etag !== '' ? etag : undefined,
    type: typeof type === 'string' ? parseMediaType(type) : undefined,
    note,
  };
}

/** `Text/HTML; charset=utf-8` → `text/html`; what is no media type, or longer than a log line bears, is `undefined`. */
function parseMediaType(value: string): string | undefined {
  return /^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})\s*(;|$)/.exec(value)?.[1]?.toLowerCase();
}

function noAnswer(
  { code, name }: NodeJS.ErrnoException,
  why: { timedOut: boolean; stopped: boolean; failed: boolean; timeoutMs: number },
): Extract<Failure, { kind: 'no-answer' }> {
  if (why.stopped) return { kind: 'no-answer', sent: true, detail: 'given up at shutdown' };
  if (why.timedOut) return { kind: 'no-answer', sent: true, detail: `nothing within ${why.timeoutMs} ms` };
  const what = IN_WORDS[code ?? name] ?? code ?? name;
  if (why.failed) return { kind: 'no-answer', sent: false, detail: `${what}, no connection` };
  return { kind: 'no-answer', sent: code !== 'UND_ERR_INVALID_ARG', detail: what };
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
