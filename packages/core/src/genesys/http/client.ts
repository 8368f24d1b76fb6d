import type { Budget } from '../../redis/pace/budget.ts';
import type { HoldOff } from '../../redis/pace/hold-off.ts';
import { describeFailure } from '../../transfer/classify.ts';
import type { Failure } from '../../transfer/ports.ts';
import type { Purse } from '../../transfer/purse.ts';
import type { RequestNote } from '../../transfer/words.ts';
import type { Wire, WireRequest } from '../../wire/wire.ts';
import { type ErrorWords, failureOf, type Said, toldWaitMs } from './answers.ts';
import type { TokenSource } from './token.ts';

export type ClientRequest = Omit<WireRequest, 'url'> & {
  path: string;
  /** Awaited immediately before each sending, instead of the check of hold-off and budget; `false`: send nothing. */
  gate?: (() => Promise<boolean>) | undefined;
  /** May hold requests reserved from the budget in advance. */
  purse?: Purse | undefined;
};

export type ClientAnswer =
  /** A 2xx. The operation must check that it has the platform's form (`notAbout`). */
  | { ok: true; said: Said; requests: RequestNote[] }
  | { ok: false; gate: 'shut'; requests: RequestNote[] }
  | { ok: false; gate: 'opened' | 'not-reached'; failure: Failure; requests: RequestNote[] };

export type Client = { request(request: ClientRequest): Promise<ClientAnswer> };

/** How a dialect reads answers. Pure. */
export interface AnswerReader {
  /** The code and message of an error answer; `undefined` if the body is not in the dialect's form, so not from Genesys. */
  errorWords(body: unknown): ErrorWords | undefined;
  /** The limit of requests per minute that Genesys reports in headers, if any. */
  requestsAllowed(headers: Readonly<Record<string, string>>): number | undefined;
}

export type ClientOptions = {
  dialect: AnswerReader;
  wire: Wire;
  token: TokenSource;
  holdOff: Pick<HoldOff, 'raise'>;
  budget: Pick<Budget, 'take' | 'learn'>;
  baseUrl: string;
  /** Divides the waits of `Retry-After`: 1 for live work, 100 for training. */
  speed: number;
};

/**
 * Sends requests to Genesys with a token, within the shared hold-off and budget. Retries once with a new token after a 401 of the
 * platform, and a GET once after a broken connection (docs/rules.md). Throws only what Redis throws.
 */
export function createClient(options: ClientOptions): Client {
  const { dialect, wire, token, holdOff, budget, baseUrl, speed } = options;

  async function once(request: ClientRequest): Promise<ClientAnswer & { token?: string; broken?: boolean }> {
    const { path, gate, purse, ...rest } = request;
    if (request.signal.aborted) return notReached({ kind: 'stopped' });
    const access = await token.get();
    if (!access.ok) return notReached(access.failure, access.requests);
    if (request.signal.aborted) return notReached({ kind: 'stopped' }, access.requests);
    if (gate === undefined) {
      const held = purse?.take() === true ? undefined : await budget.take();
      if (held !== undefined) return notReached({ kind: 'held', ...held, answered: false }, access.requests);
    } else if (!(await gate())) return { ok: false, gate: 'shut', requests: access.requests };
    const headers = { ...request.headers, authorization: `Bearer ${access.token}` };
    const answer = await wire.send({ ...rest, headers, url: `${baseUrl}${path}` });
    const requests = [...access.requests, answer.note];
    if (!answer.answered) {
      // An aborted read, or an effect aborted before sending, is a shutdown, not a failure of the platform.
      const stopped = request.signal.aborted && (gate === undefined || !answer.failure.sent);
      const failure: Failure = stopped ? { kind: 'stopped' } : answer.failure;
      return { ok: false, gate: 'opened', failure, requests, broken: answer.broken === true };
    }
    const allowed = dialect.requestsAllowed(answer.headers);
    if (allowed !== undefined) await budget.learn(allowed);
    const said = { ...answer, retryAfterMs: toldWaitMs(answer.retryAfterMs, speed) };
    if (said.status >= 200 && said.status < 300) return { ok: true, said, requests };
    const failure = failureOf(said, dialect.errorWords(said.data));
    if (said.status === 429) {
      // A 429 counts whether the platform or an intermediary sent it.
      const until = await holdOff.raise(answer.retryAfterMs);
      const what =
        failure.kind === 'intercepted' ? describeFailure({ ...failure, retryAfterMs: undefined }) : undefined;
      const held: Failure = { kind: 'held', until, answered: true, rule: 'rate limited', what };
      return { ok: false, gate: 'opened', failure: held, requests };
    }
    if (said.status === 401 && failure.kind === 'intercepted') token.suspect(access.token);
    return { ok: false, gate: 'opened', failure, requests, token: access.token };
  }

  /** Resends a GET once if the connection broke before any byte of an answer, as a separate request. Never resends an effect. */
  async function twiceIfBroken(request: ClientRequest): Promise<ClientAnswer & { token?: string }> {
    const { broken, ...first } = await once(request);
    if (!broken || request.method !== 'GET') return first;
    const { broken: _, ...second } = await once(request);
    return { ...second, requests: [...first.requests, ...second.requests] };
  }

  return {
    async request(request) {
      const { token: used, ...first } = await twiceIfBroken(request);
      if (used === undefined || !isUnauthorized(first)) return first;
      token.drop(used);
      const { token: _, ...second } = await twiceIfBroken(request);
      if (isUnauthorized(second)) token.refused('two tokens in a row were refused with 401');
      return { ...second, requests: [...first.requests, ...second.requests] };
    },
  };
}

function notReached(failure: Failure, requests: RequestNote[] = []): ClientAnswer {
  return { ok: false, gate: 'not-reached', failure, requests };
}

function isUnauthorized(answer: ClientAnswer): boolean {
  return 'failure' in answer && answer.failure.kind === 'answered' && answer.failure.status === 401;
}
