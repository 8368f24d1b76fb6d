import { validateHeaderValue } from 'node:http';
import { Axios, type AxiosHeaders } from 'axios';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import { readBody } from './body.ts';
import type { Lookups } from './connects.ts';
import { longestWait } from './retry-after.ts';
import { createTransport, NoAnswer } from './transport.ts';

export type WireRequest = {
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string> | undefined;
  /** Sent as JSON; a string is already JSON, and is sent unchanged. */
  body?: object | string | undefined;
  signal: AbortSignal;
};

export type WireAnswer =
  /**
   * Any answer with a status. `data`: `undefined` if the body was truncated or not JSON. `headers`: the kept ones that occur
   * exactly once, unchanged. `type`: the media type in lower case, without parameters, if plausible.
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
  /** `broken`: the connection broke before any byte of an answer arrived. */
  | { answered: false; failure: NoAnswerFailure; broken?: boolean; note: RequestNote };

type NoAnswerFailure = Extract<Failure, { kind: 'no-answer' }>;

const WRITES = { 'content-type': 'application/json' };

type Answer = { status: number; headers: AxiosHeaders; data: Buffer | undefined };

/** Details of a sent request, for tracing; `ms` is not rounded. */
export type Sent = { method: WireRequest['method']; url: string; at: number; ms: number };

export type OnRequest = (note: RequestNote, sent: Sent) => void;

export type WireOptions = {
  /** Response headers to keep, in lower case. */
  keep?: readonly string[];
  /** The one with the other side's id of the request. */
  correlation?: string | undefined;
  /** Look up names in place of the system's resolver. */
  lookups?: Lookups | undefined;
};

export type Wire = { send(request: WireRequest): Promise<WireAnswer>; close(): void };

/**
 * Sends requests over keep-alive connections; `timeoutMs` covers start to last byte, and a connect may take 3 s. Never throws;
 * answers and failures contain no token. `onRequest` is called for every request.
 */
export function createWire(
  timeoutMs: number,
  onRequest: OnRequest,
  { keep = [], correlation, lookups }: WireOptions = {},
): Wire {
  const transport = createTransport(correlation === undefined ? keep : [...keep, correlation], lookups);
  // Not the default instance, which merges three dozen unused defaults into each request; and no transformResponse, which is
  // half of axios' cost: the body is parsed below.
  const client = new Axios({});

  async function send({ operation, method, url, headers, body, signal }: WireRequest): Promise<WireAnswer> {
    const at = Date.now();
    const started = performance.now();
    const note = (status: number | null, correlationId?: string): RequestNote => {
      const ms = performance.now() - started;
      const made = { operation, status, ms: Math.round(ms), ...(correlationId && { correlationId }) };
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
        // Axios gets no signal: its abort error contains the token, and does not tell whether anything was sent.
        adapter: (config) => transport.exchange(config, { signal, timeoutMs }),
      });
      const { status, headers: told } = answer as Answer;
      return answeredWith(
        answer as Answer,
        note(status, correlation && correlationIn(told, correlation)),
        keep,
      );
    } catch (error) {
      // Axios errors contain the request with its token, so only their name is used.
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

/** Rejects invalid header values; axios would strip invalid characters, which could turn an `If-Match` into another one. */
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
  if (code === 'late') return `no answer within ${timeoutMs} ms`;
  if (code === 'stopped') return 'aborted at shutdown';
  const what = code.startsWith('HPE_') ? `the answer is not HTTP (${code})` : code;
  return sent || code.startsWith('ERR_') ? what : `${what}, no connection`;
}

function answeredWith(
  { status, headers, data: bytes }: Answer,
  note: RequestNote,
  keep: readonly string[],
): WireAnswer {
  // A repeated header is ambiguous and ignored, except Retry-After.
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

/** The id of the request; `undefined` if there is none, or none that fits a log line. */
function correlationIn(headers: AxiosHeaders, name: string): string | undefined {
  const [id] = linesOf(headers, name);
  return isCorrelationId(id) ? id : undefined;
}

/** Whether it may be an id that a platform gives a request: short, and fit for a log line. */
export function isCorrelationId(id: unknown): id is string {
  return typeof id === 'string' && /^[\w.:-]{1,80}$/.test(id);
}

/** The values of this header, unchanged. */
function linesOf(headers: AxiosHeaders, name: string): string[] {
  return (headers[name] as string[] | undefined) ?? [];
}

/** `Text/HTML; charset=utf-8` → `text/html`; `undefined` if it is no media type, or too long for a log line. */
function parseMediaType(value: string): string | undefined {
  return /^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})\s*(;|$)/.exec(value)?.[1]?.toLowerCase();
}
