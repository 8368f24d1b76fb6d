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
  /** Awaited directly before the bytes leave, each time they do, in place of the look at hold-off and budget; `false`: send nothing. */
  gate?: (() => Promise<boolean>) | undefined;
  /** May hold requests that were taken from the budget in advance. */
  purse?: Purse | undefined;
};

export type ClientAnswer =
  /** A 2xx; whether it is the platform's is for the operation to say, which knows what was asked (`forms.ts`). */
  | { ok: true; said: Said; requests: RequestNote[] }
  | { ok: false; gate: 'shut'; requests: RequestNote[] }
  | { ok: false; gate: 'opened' | 'not-reached'; failure: Failure; requests: RequestNote[] };

export type Client = { request(request: ClientRequest): Promise<ClientAnswer> };

/** What a dialect knows about answers. Pure. */
export interface AnswerReader {
  /** The words of an error answer; `undefined` where the body is not in the dialect's form, so somebody else answered. */
  errorWords(body: unknown): ErrorWords | undefined;
  /** How many requests a minute Genesys allows, where the headers of an answer say so. */
  requestsAllowed(headers: Readonly<Record<string, string>>): number | undefined;
}

export type ClientOptions = {
  dialect: AnswerReader;
  wire: Wire;
  token: TokenSource;
  holdOff: Pick<HoldOff, 'raise'>;
  budget: Pick<Budget, 'take' | 'learn'>;
  baseUrl: string;
  /** Divides the waits that `Retry-After` asks for: 1 for live work, 100 for training. */
  speed: number;
};

/**
 * Requests to Genesys with a token, under the shared hold-off and budget, with one new token after a 401 of the platform, and
 * one more GET after a connection that broke (docs/rules.md). Never throws for what the platform does; throws what Redis throws.
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
      // A read that a shutdown gave up is no trouble of the platform's, nor is an effect of which nothing was sent.
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
      // A 429 counts whether the platform or something in between sent it.
      const until = await holdOff.raise(answer.retryAfterMs);
      const what =
        failure.kind === 'intercepted' ? describeFailure({ ...failure, retryAfterMs: undefined }) : undefined;
      const held: Failure = { kind: 'held', until, answered: true, rule: 'rate limited', what };
      return { ok: false, gate: 'opened', failure: held, requests };
    }
    if (said.status === 401 && failure.kind === 'intercepted') token.suspect(access.token);
    return { ok: false, gate: 'opened', failure, requests, token: access.token };
  }

  /** A GET whose connection broke before any byte of an answer is sent once more, as a request of its own; an effect never is. */
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
