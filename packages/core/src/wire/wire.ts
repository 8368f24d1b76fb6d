import { validateHeaderValue } from 'node:http';
import { Axios, type AxiosHeaders } from 'axios';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import { readBody } from './body.ts';
import { longestWait } from './retry-after.ts';
import { createTransport, NoAnswer } from './transport.ts';

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
   * Any answer with a status; `data` is `undefined` where the body was cut or was not JSON. `headers`: those that the wire
   * was told to keep and that came exactly once, with their value as it came. `type`: the media type of the body, in lower
   * case and without parameters, where there is a plausible one.
   */
  | {
      answered: true;
      status: number;
      data: unknown;
      retryAfterMs: number | undefined;
      headers: Readonly<Record<string, string>>;
      type: string | undefined;
      note: RequestNote;
    }
  /** `broken`: the connection ended by itself, before any byte of an answer came. */
  | { answered: false; failure: NoAnswerFailure; broken?: boolean; note: RequestNote };

type NoAnswerFailure = Extract<Failure, { kind: 'no-answer' }>;

const WRITES = { 'content-type': 'application/json' };

type Answer = { status: number; headers: AxiosHeaders; data: Buffer | undefined };

/** When a request was sent and where to, for those who note more than how it was answered; `ms` is not rounded. */
export type Sent = { method: WireRequest['method']; url: string; at: number; ms: number };

export type OnRequest = (note: RequestNote, sent: Sent) => void;

export type Wire = { send(request: WireRequest): Promise<WireAnswer>; close(): void };

/**
 * One request over keep-alive connections, bounded by `timeoutMs` from start to last byte, and by 3 s for the
 * connect. Never throws; what comes back carries no token. `onRequest` is called for every request. `keep`: the names of
 * response headers that answers keep, in lower case.
 */
export function createWire(timeoutMs: number, onRequest: OnRequest, keep: readonly string[] = []): Wire {
  const transport = createTransport(keep);
  // The bare class: the ready-made instance merges three dozen defaults that this transport has no use for into each request.
  // And no transformResponse, which costs half of what axios costs: the body is read below.
  const client = new Axios({});

  async function send({ operation, method, url, headers, body, signal }: WireRequest): Promise<WireAnswer> {
    const at = Date.now();
    const started = performance.now();
    const note = (status: number | null): RequestNote => {
      const ms = performance.now() - started;
      const made = { operation, status, ms: Math.round(ms) };
      onRequest(made, { method, url, at, ms });
      return made;
    };
    try {
      const json = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await client.request<Buffer | undefined>({
        url,
        method,
        headers: { ...(json !== undefined && WRITES), ...checked(headers) },
        data: json,
        // Axios gets no signal: its own error for that says neither whether anything was sent, nor keeps the token out.
        adapter: (config) => transport.exchange(config, { signal, timeoutMs }),
      });
      return answeredWith(answer as Answer, note(answer.status), keep);
    } catch (error) {
      // Errors of axios carry the request with its token: nothing but their name goes on.
      const lost = error instanceof NoAnswer ? error : new NoAnswer((error as Error).name, { sent: true });
      const failure: NoAnswerFailure = {
        kind: 'no-answer',
        sent: lost.sent,
        detail: describe(lost, timeoutMs),
      };
      return { answered: false, failure, broken: lost.broken, note: note(null) };
    }
  }

  return { send, close: transport.close };
}

/** Axios takes out of a header what cannot be sent, and sends the rest: an `If-Match` would be another one. */
function checked(headers: Record<string, string> = {}): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value);
    } catch (error) {
      throw new NoAnswer((error as NodeJS.ErrnoException).code ?? 'ERR_INVALID_CHAR', { sent: false });
    }
  }
  return headers;
}

function describe({ code, sent }: NoAnswer, timeoutMs: number): string {
  if (code === 'late') return `nothing within ${timeoutMs} ms`;
  if (code === 'stopped') return 'given up at shutdown';
  const what = code.startsWith('HPE_') ? `the answer is not HTTP (${code})` : code;
  return sent || code.startsWith('ERR_') ? what : `${what}, no connection`;
}

function answeredWith(
  { status, headers, data: bytes }: Answer,
  note: RequestNote,
  keep: readonly string[],
): WireAnswer {
  // A header given twice says no single thing, but for Retry-After.
  const one = (name: string) => {
    const lines = linesOf(headers, name);
    return lines.length === 1 && lines[0] !== '' ? lines[0] : undefined;
  };
  const encoding = linesOf(headers, 'content-encoding').join();
  const data = bytes === undefined ? undefined : readBody(bytes, encoding);
  const type = one('content-type');
  const kept: Record<string, string> = {};
  for (const name of keep) {
    const value = one(name);
    if (value !== undefined) kept[name] = value;
  }
  return {
    answered: true,
    status,
    data: typeof data === 'object' ? data : undefined,
    retryAfterMs: longestWait(linesOf(headers, 'retry-after'), one('date'), Date.now()),
    headers: kept,
    type: type === undefined ? undefined : parseMediaType(type),
    note,
  };
}

/** Each line of this header, as it came. */
function linesOf(headers: AxiosHeaders, name: string): string[] {
  return (headers[name] as string[] | undefined) ?? [];
}

/** `Text/HTML; charset=utf-8` → `text/html`; what is no media type, or longer than a log line bears, is `undefined`. */
function parseMediaType(value: string): string | undefined {
  return /^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})\s*(;|$)/.exec(value)?.[1]?.toLowerCase();
}
