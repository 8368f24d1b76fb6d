import { setMaxListeners } from 'node:events';
import { createWire, type WireAnswer, type WireRequest } from '../wire/wire.ts';
import { failureOf } from './http/answers.ts';
import type { Cache } from './http/cache.ts';
import type { AnswerReader, Client } from './http/client.ts';
import { LIMIT } from './http/limit.ts';

const COUNT = 'inin-ratelimit-count';

type Asked = Pick<WireRequest, 'operation' | 'method' | 'body'> & { path: string };

export type ProbeOptions = {
  dialect: AnswerReader & { readonly headers: readonly string[]; readonly queries: readonly string[] };
  baseUrl: string;
  timeoutMs: number;
};

/** Genesys' clock in ms as the `Date` of an answer showed it, and this machine's at that moment; good to a second. */
export type Clocks = { theirs: number; ours: number };

/** How many requests of its limit a token had spent, this one included, as an answer told. */
export type Spent = { count: number; allowed: number };

export type Probe = {
  /** The token of the checks, once there is one. */
  token: string | undefined;
  /** As the first answer told. */
  readonly clocks: Clocks | undefined;
  /** As the first answer to the token told. */
  readonly spent: Spent | undefined;
  /** Sends one request to any URL, without the token. */
  send(request: Omit<WireRequest, 'signal'>): Promise<WireAnswer>;
  /** Asks the API, with the token if there is one. Throws for a request that may change something. */
  ask(request: Asked): Promise<WireAnswer>;
  /** The same for the readers of a dialect. */
  readonly client: Client;
  /** Remembers every reading, for as long as the checks take. */
  readonly cache: Cache;
  close(): void;
};

/**
 * Sends the requests of checks, each once: with a token of its own, outside of hold-off and budget, and nothing that changes
 * anything. The caller closes it.
 */
export function createProbe({ dialect, baseUrl, timeoutMs }: ProbeOptions): Probe {
  const wire = createWire(timeoutMs, () => undefined, {
    keep: [...new Set([...dialect.headers, LIMIT, COUNT, 'date'])],
  });
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  let token: string | undefined;
  let clocks: Clocks | undefined;
  let spent: Spent | undefined;

  async function send(request: Omit<WireRequest, 'signal'>): Promise<WireAnswer> {
    const at = Date.now();
    const answer = await wire.send({ ...request, signal });
    const theirs = answer.answered ? Date.parse(answer.headers.date ?? '') : Number.NaN;
    // The header is cut to whole seconds.
    if (!Number.isNaN(theirs)) clocks ??= { theirs: theirs + 500, ours: at + answer.note.ms / 2 };
    return answer;
  }

  async function ask({ path, ...rest }: Asked): Promise<WireAnswer> {
    if (rest.method !== 'GET' && !dialect.queries.includes(rest.operation))
      throw new Error(`a check must not send ${rest.method} ${path}`);
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await send({ ...rest, url: `${baseUrl}${path}`, headers });
    if (answer.answered && token !== undefined) spent ??= spentIn(answer.headers);
    return answer;
  }

  async function request({ operation, method, body, path }: Asked): ReturnType<Client['request']> {
    const answer = await ask({ operation, method, body, path });
    const requests = [answer.note];
    if (!answer.answered) return { ok: false, gate: 'opened', failure: answer.failure, requests };
    if (answer.status >= 200 && answer.status < 300) return { ok: true, said: answer, requests };
    const failure = failureOf(answer, dialect.errorWords(answer.data));
    return { ok: false, gate: 'opened', failure, requests };
  }

  return {
    get token() {
      return token;
    },
    set token(given) {
      token = given;
    },
    get clocks() {
      return clocks;
    },
    get spent() {
      return spent;
    },
    send,
    ask,
    client: { request },
    cache: createMemory(),
    close: wire.close,
  };
}

function spentIn({ [COUNT]: count, [LIMIT]: allowed }: Readonly<Record<string, string>>): Spent | undefined {
  if (!/^\d{1,9}$/.test(count ?? '') || !/^\d{1,9}$/.test(allowed ?? '')) return undefined;
  return { count: Number(count), allowed: Number(allowed) };
}

function createMemory(): Cache {
  const known = new Map<string, Promise<unknown>>();
  return {
    remember<T>({ kind, id }: { kind: string; id: string }, load: () => Promise<T>) {
      const key = `${kind} ${id}`;
      const reading = (known.get(key) as Promise<T> | undefined) ?? load();
      known.set(key, reading);
      return reading;
    },
    async rememberAmong({ id }, load) {
      const reading = await load([id]);
      if (!reading.ok) return reading;
      return { ...reading, value: Object.values(reading.value)[0] as never };
    },
    forget: async () => undefined,
  };
}
