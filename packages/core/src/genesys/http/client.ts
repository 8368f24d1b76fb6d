import type { Budget } from '../../redis/pace/budget.ts';
import { type HoldOff, rateLimited } from '../../redis/pace/hold-off.ts';
import { describeFailure } from '../../transfer/classify.ts';
import type { Failure, Gate } from '../../transfer/ports.ts';
import type { Purse } from '../../transfer/purse.ts';
import type { RequestNote } from '../../transfer/words.ts';
import type { Wire, WireRequest } from '../../wire/wire.ts';
import { type ErrorWords, failureOf, type Said, toldWaitMs } from './answers.ts';
import { rateIn } from './limit.ts';
import type { TokenSource } from './token.ts';

export type ClientRequest = Omit<WireRequest, 'url'> & {
  path: string;
  /** What a 429 holds off if it concerns only this: method and path template, by name. By default `operation`. */
  limitedAs?: string | undefined;
  /** Awaited immediately before each sending, instead of the check of hold-off and budget; `false`: send nothing. */
  gate?: Gate | undefined;
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
  /** Which limit a 429 of the platform reports. Without it, every 429 concerns everybody. */
  limitExceeded?(said: Said): LimitExceeded;
}

/** `of`: whether the limit is that of the token, so everybody's, or one of the refused operation. `what`: it, as text. */
export type LimitExceeded = { of: 'everybody' | 'operation'; what?: string | undefined };

export type ClientOptions = {
  dialect: AnswerReader;
  wire: Wire;
  token: TokenSource;
  holdOff: Pick<HoldOff, 'raise'>;
  /** The hold-off of one operation; required if the dialect tells limits apart. */
  holdOffOf?: ((operation: string) => Pick<HoldOff, 'raise'>) | undefined;
  budget: Pick<Budget, 'take' | 'learn' | 'leaveToOthers'>;
  baseUrl: string;
  /** Divides the waits of `Retry-After`: 1 for live work, 100 for training. */
  speed: number;
};

/**
 * Sends requests to Genesys with a token, within the shared hold-off and budget. Retries once with a new token after a 401 of the
 * platform, and a GET once after a broken connection (docs/rules.md). Throws only what Redis throws.
 */
export function createClient(options: ClientOptions): Client {
  const { dialect, wire, token, budget, baseUrl, speed } = options;

  async function once(request: ClientRequest): Promise<ClientAnswer & { token?: string; broken?: boolean }> {
    const { path, gate, purse, limitedAs = request.operation, ...rest } = request;
    if (request.signal.aborted) return notReached({ kind: 'stopped' });
    const access = await token.get();
    if (!access.ok) return notReached(access.failure, access.requests);
    if (request.signal.aborted) return notReached({ kind: 'stopped' }, access.requests);
    if (gate === undefined) {
      const held = purse?.take(limitedAs) === true ? undefined : await budget.take(limitedAs);
      if (held !== undefined) return notReached({ kind: 'held', ...held, answered: false }, access.requests);
    } else if (!(await gate(limitedAs))) return { ok: false, gate: 'shut', requests: access.requests };
    const headers = { ...request.headers, authorization: `Bearer ${access.token}` };
    const answer = await wire.send({ ...rest, headers, url: `${baseUrl}${path}` });
    if (!answer.answered) {
      const requests = [...access.requests, answer.note];
      // An aborted read, or an effect aborted before sending, is a shutdown, not a failure of the platform.
      const stopped = request.signal.aborted && (gate === undefined || !answer.failure.sent);
      const failure: Failure = stopped ? { kind: 'stopped' } : answer.failure;
      return { ok: false, gate: 'opened', failure, requests, broken: answer.broken === true };
    }
    const allowed = dialect.requestsAllowed(answer.headers);
    if (allowed !== undefined) await budget.learn(allowed);
    const said = { ...answer, retryAfterMs: toldWaitMs(answer.retryAfterMs, speed) };
    const words = dialect.errorWords(said.data);
    const note = words?.trace === undefined ? answer.note : { correlationId: words.trace, ...answer.note };
    const requests = [...access.requests, note];
    if (said.status >= 200 && said.status < 300) {
      token.worked(access.token);
      return { ok: true, said, requests };
    }
    const failure = failureOf(said, words);
    if (said.status === 429) {
      // A 429 counts whether the platform or an intermediary sent it.
      const held = await holdBack(limitedAs, { ...said, retryAfterMs: answer.retryAfterMs }, failure);
      return { ok: false, gate: 'opened', failure: held, requests };
    }
    if (said.status === 401 && failure.kind === 'intercepted') token.suspect(access.token);
    return { ok: false, gate: 'opened', failure, requests, token: access.token };
  }

  /** Holds off the operation if the 429 concerns only that, else everybody. */
  async function holdBack(operation: string, said: Said, failure: Failure): Promise<Failure> {
    const isOurs = failure.kind === 'answered';
    const limit = (isOurs ? dialect.limitExceeded?.(said) : undefined) ?? { of: 'everybody' };
    const ofOne = limit.of === 'operation' ? options.holdOffOf?.(operation) : undefined;
    const until = await (ofOne ?? options.holdOff).raise(said.retryAfterMs, limit.what);
    const { allowed, count, resetSeconds } = rateIn(said.headers) ?? {};
    const isCounted = allowed !== undefined && count !== undefined && resetSeconds !== undefined;
    if (ofOne === undefined && isCounted) await budget.leaveToOthers({ allowed, count, resetSeconds });
    const what =
      failure.kind === 'intercepted' ? describeFailure({ ...failure, retryAfterMs: undefined }) : undefined;
    const rule = rateLimited(limit.what);
    return { kind: 'held', until, answered: true, rule, what, ...(ofOne && { operation }) };
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
      if (isUnauthorized(second)) token.refused(twoRefused(second));
      return { ...second, requests: [...first.requests, ...second.requests] };
    },
  };
}

function notReached(failure: Failure, requests: RequestNote[] = []): ClientAnswer {
  return { ok: false, gate: 'not-reached', failure, requests };
}

function twoRefused(answer: ClientAnswer): string {
  const said = 'failure' in answer ? `: ${describeFailure(answer.failure)}` : '';
  return (
    `two tokens in a row were refused with 401, though the second was new${said}; something on the way may strip ` +
    'the Authorization header, or base URL and login do not belong to the same organisation'
  );
}

function isUnauthorized(answer: ClientAnswer): boolean {
  return 'failure' in answer && answer.failure.kind === 'answered' && answer.failure.status === 401;
}
