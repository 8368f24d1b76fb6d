import { setTimeout as sleep } from 'node:timers/promises';
import type { HoldOff } from '../../redis/pace/hold-off.ts';
import type { SharedToken, TokenRefusal, TokenStore } from '../../redis/pace/token-store.ts';
import { describeFailure } from '../../transfer/classify.ts';
import type { Failure } from '../../transfer/ports.ts';
import type { RequestNote } from '../../transfer/words.ts';
import type { Wire, WireRequest } from '../../wire/wire.ts';
import { fieldsOf, intercepted, positiveNumber, type Said, toldWaitMs } from './answers.ts';

export type TokenAnswer =
  | { ok: true; token: string; requests: RequestNote[] }
  | { ok: false; failure: Failure; requests: RequestNote[] };

export type TokenState = { state: 'none' | 'ok' | 'failing'; detail: string };

export type TokenSource = {
  /** Returns the token, cached while valid; concurrent callers share one request. Never throws for what the platform does. */
  get(): Promise<TokenAnswer>;
  /** The platform refused this token: unless it was replaced already, the next `get` fetches a new one. */
  drop(token: string): void;
  /**
   * An intermediary answered 401, perhaps because of the token. A token older than a minute is dropped: so one that a gateway
   * refuses is replaced, and a page that always answers 401 causes at most one token request per minute.
   */
  suspect(token: string): void;
  /** Two tokens in a row were refused: until one works again, a token younger than a minute is not replaced. */
  refused(detail: string): void;
  /** The platform carried out a request with this token. */
  worked(token: string): void;
  state(): TokenState;
};

/** The OAuth client of an organisation, and the origins of its API and login, without a trailing slash. */
export type OAuthClient = { id: string; secret: string; baseUrl: string; loginUrl?: string | undefined };

/** The HTTP request for a token. */
export type TokenRequest = Required<Pick<WireRequest, 'url' | 'body'>> & Pick<WireRequest, 'headers'>;

/** How a dialect requests a token. Pure. */
export interface TokenForm {
  tokenRequest(client: OAuthClient): TokenRequest;
  /** Genesys' reason for refusing a token; `undefined` if the body is not in the dialect's form. */
  tokenErrorWords(body: unknown): string | undefined;
  /** What to do about such a refusal, if the dialect knows more than that the configuration may be wrong. */
  tokenHint?(body: unknown): string | undefined;
  /**
   * Without a token every transfer waits and no attempt is consumed: a failed token request counts like a hold-off, and a 429
   * of the token endpoint concerns only token requests. Needs a store.
   */
  readonly waitsForToken?: boolean;
}

export type TokenOptions = {
  wire: Wire;
  holdOff: Pick<HoldOff, 'heldUntil' | 'raise'>;
  dialect: TokenForm;
  oauth: OAuthClient;
  /** Where all processes share the token; without it each has its own. */
  store?: TokenStore | undefined;
  signal: AbortSignal;
  onState: (state: TokenState) => void;
  /** Divides the waits of `Retry-After`: 1 for live work, 100 for training. */
  speed: number;
};

const EARLY_MS = 30_000;
const REFRESH_AT = 0.8;
const REFRESH_AGAIN_MS = 5_000;
/** The lifetime if the platform does not report one: early renewal is cheap, and a 401 ends a shorter one. */
const DEFAULT_LIFE_S = 600;
const LONGEST_WORDS = 500;
const SUSPECT_AFTER_MS = 60_000;
const POLL_MS = 50;

type Held = { token: string; since: number; refreshAt: number; expiresAt: number };
type Refused = Extract<Failure, { kind: 'answered' | 'intercepted' }>;
type NoToken = Extract<Failure, { kind: 'answered' | 'intercepted' | 'no-answer' }>;
/** What one process tells the others about a failed token request. */
type Told = { failure: NoToken; detail: string; isLimited: boolean };

/**
 * The token of this process, shared with the others through the store: refreshed after 80 % of its lifetime by one process,
 * treated as expired 30 s early. While it is valid in memory, nothing else is asked.
 */
export function createTokenSource(options: TokenOptions): TokenSource {
  const { wire, holdOff, dialect, oauth, store, signal, speed } = options;
  const waits = store !== undefined && dialect.waitsForToken === true;
  const { url, body, headers } = dialect.tokenRequest(oauth);
  let held: Held | undefined;
  /** The token endpoint's `Retry-After`: no request before then. */
  let told: { until: number; failure: Refused } | undefined;
  let fetching: Promise<TokenAnswer> | undefined;
  /** The last token that was refused, and its removal from the store: it must not be taken from there again. */
  let refusedToken: string | undefined;
  let dropping: Promise<void> = Promise.resolve();
  /** The token of this process is being stored for the others. */
  let keeping: Promise<void> = Promise.resolve();
  /** Two tokens in a row were refused, and none has worked since: a third would probably be refused, too. */
  let isDoubted = false;
  let state: TokenState = { state: 'none', detail: 'no token was requested yet' };

  const tell = (next: TokenState) => {
    if (next.state === state.state && next.detail === state.detail) return;
    state = next;
    options.onState(next);
  };

  async function fetchToken(): Promise<TokenAnswer> {
    const leftMs = (told?.until ?? 0) - performance.now();
    if (told !== undefined && leftMs > 0)
      return { ok: false, failure: { ...told.failure, retryAfterMs: Math.ceil(leftMs) }, requests: [] };
    const pending = dropping;
    dropping = Promise.resolve();
    await pending;
    return store === undefined ? ((await whileHeld()) ?? request()) : fetchShared(store);
  }

  async function whileHeld(): Promise<TokenAnswer | undefined> {
    const until = await holdOff.heldUntil();
    return until === undefined
      ? undefined
      : fail({ kind: 'held', until, answered: false, rule: 'rate limited' });
  }

  /** Takes the token of another process, or waits for the one that requests it, or is that one. */
  async function fetchShared(from: TokenStore): Promise<TokenAnswer> {
    const waitUntil = performance.now() + from.lockMs;
    for (;;) {
      const release = await from.lock();
      try {
        const known = await lookAround(from);
        if (known !== undefined) return known;
        if (release !== undefined) return await request();
      } finally {
        // Only once the others find the token; the one who asked need not wait for that.
        if (release !== undefined) void keeping.then(release).catch(() => undefined);
      }
      if (performance.now() > waitUntil) return request();
      if (signal.aborted) return { ok: false, failure: { kind: 'stopped' }, requests: [] };
      await sleep(POLL_MS);
    }
  }

  /** What another process has found out; `undefined` if a token must be requested. */
  async function lookAround(from: TokenStore): Promise<TokenAnswer | undefined> {
    const [heldBack, { shared, refusal }] = await Promise.all([whileHeld(), from.recall()]);
    if (heldBack !== undefined) return heldBack;
    if (shared !== undefined && isNews(shared)) {
      held = heldFrom(shared);
      tell({ state: 'ok', detail: 'a valid token' });
      return { ok: true, token: held.token, requests: [] };
    }
    return refusal === undefined ? undefined : refusedBefore(refusal);
  }

  function isNews(shared: SharedToken): boolean {
    if (shared.token === refusedToken || shared.token === held?.token) return false;
    return performance.now() < heldFrom(shared).expiresAt;
  }

  async function request(): Promise<TokenAnswer> {
    const asked = performance.now();
    const answer = await wire.send({ operation: 'token', method: 'POST', url, headers, body, signal });
    const requests = [answer.note];
    if (!answer.answered) return refuse({ failure: answer.failure, requests });
    const { retryAfterMs } = answer;
    if (answer.status === 429 && !waits) {
      const raised = await holdOff.raise(retryAfterMs);
      return fail({ kind: 'held', until: raised, answered: true, rule: 'rate limited' }, requests);
    }
    const { access_token: given, expires_in: life } = fieldsOf(answer.data);
    if (answer.status >= 200 && answer.status < 300 && typeof given === 'string' && given !== '') {
      const lifeMs = (positiveNumber(life) ?? DEFAULT_LIFE_S) * 1000;
      held = lifeOf(given, lifeMs, asked);
      // Without Redis no request is sent at all; the others then request their own.
      const shared = { token: given, lifeMs, ageMs: performance.now() - asked };
      keeping = store?.keep(shared).catch(() => undefined) ?? keeping;
      tell({ state: 'ok', detail: 'a valid token' });
      return { ok: true, token: given, requests };
    }
    const failure = refusal({ ...answer, retryAfterMs: toldWaitMs(retryAfterMs, speed) });
    const isLimited = answer.status === 429;
    return refuse({ failure, requests, retryAfterMs, isLimited, hint: dialect.tokenHint?.(answer.data) });
  }

  /** No token now. What the endpoint said about the next request holds for all processes. */
  async function refuse(no: {
    failure: NoToken;
    requests: RequestNote[];
    retryAfterMs?: number | undefined;
    isLimited?: boolean;
    hint?: string | undefined;
  }): Promise<TokenAnswer> {
    const { failure, requests, retryAfterMs, isLimited = false, hint } = no;
    const detail = describe(failure, url, hint);
    // A request that ends because this process stops says nothing to the others.
    if (store !== undefined && !signal.aborted && (waits || retryAfterMs !== undefined)) {
      const until = await store.refuse(JSON.stringify({ failure, detail, isLimited }), retryAfterMs);
      return waits
        ? failWaiting({ failure, detail, isLimited }, until, requests)
        : fail(failure, requests, detail);
    }
    if (failure.kind !== 'no-answer' && failure.retryAfterMs !== undefined)
      told = { until: performance.now() + failure.retryAfterMs, failure };
    return fail(failure, requests, detail);
  }

  function refusedBefore({ why, until, leftMs }: TokenRefusal): TokenAnswer {
    const said = JSON.parse(why) as Told;
    if (waits) return failWaiting(said, until);
    const failure =
      said.failure.kind === 'no-answer' ? said.failure : { ...said.failure, retryAfterMs: leftMs };
    return fail(failure, [], said.detail);
  }

  /** Nothing can be sent before `until`, so transfers wait as in a hold-off. */
  function failWaiting(
    { failure, detail, isLimited }: Told,
    until: number,
    requests: RequestNote[] = [],
  ): TokenAnswer {
    if (!isLimited) tell({ state: 'failing', detail });
    const rule = isLimited ? 'rate limited: token requests' : `no token: ${describe(failure, url, '')}`;
    return fail({ kind: 'held', until, answered: false, rule }, requests);
  }

  /** For the transfer, any refusal of the token means that no request is possible now. */
  function refusal(said: Said): Refused {
    const { status, retryAfterMs } = said;
    const words =
      status >= 200 && status < 300 ? undefined : dialect.tokenErrorWords(said.data)?.slice(0, LONGEST_WORDS);
    if (words === undefined) return intercepted(said, 'JSON without a token or a code');
    const shown = words.replaceAll(oauth.secret, '…').replaceAll(encodeURIComponent(oauth.secret), '…');
    const message = `the token request to ${new URL(url).origin} answered ${status} (${shown})`;
    return {
      kind: 'answered',
      status: status >= 500 ? status : 401,
      code: 'no-token',
      message,
      retryAfterMs,
    };
  }

  function fail(failure: Failure, requests: RequestNote[] = [], detail = ''): TokenAnswer {
    if (held !== undefined) held = { ...held, refreshAt: performance.now() + REFRESH_AGAIN_MS };
    if (failure.kind !== 'held') tell({ state: 'failing', detail });
    return { ok: false, failure, requests };
  }

  function fetchOnce(): Promise<TokenAnswer> {
    fetching ??= fetchToken().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  function forget(token: string): void {
    held = undefined;
    refusedToken = token;
    if (store === undefined) return;
    dropping = store.drop(token);
    // The next one who needs a token gets the error.
    dropping.catch(() => undefined);
  }

  return {
    async get() {
      const now = performance.now();
      if (held !== undefined && now < held.expiresAt) {
        // Refresh in the background; a failure shows in the state.
        if (now >= held.refreshAt && fetching === undefined) void fetchOnce().catch(() => undefined);
        return { ok: true, token: held.token, requests: [] };
      }
      const mine = fetching === undefined;
      const answer = await fetchOnce();
      return mine ? answer : { ...answer, requests: [] };
    },
    drop(token) {
      if (held?.token === token && (!isDoubted || isOld(held))) forget(token);
    },
    suspect(token) {
      if (held?.token === token && isOld(held)) forget(token);
    },
    refused(detail) {
      isDoubted = true;
      tell({ state: 'failing', detail });
    },
    worked(token) {
      if (!isDoubted || held?.token !== token) return;
      isDoubted = false;
      tell({ state: 'ok', detail: 'a valid token' });
    },
    state: () => state,
  };
}

function lifeOf(token: string, lifeMs: number, asked: number): Held {
  const usable = lifeMs > 2 * EARLY_MS ? lifeMs - EARLY_MS : lifeMs / 2;
  return {
    token,
    since: asked,
    refreshAt: asked + Math.min(lifeMs * REFRESH_AT, usable),
    expiresAt: asked + usable,
  };
}

function heldFrom({ token, lifeMs, ageMs }: SharedToken): Held {
  return lifeOf(token, lifeMs, performance.now() - ageMs);
}

function isOld({ since }: Held): boolean {
  return performance.now() - since > SUSPECT_AFTER_MS;
}

const USUAL_HINT = '; check GENESYS_API, the base URL and the OAuth client';

function describe(failure: NoToken, url: string, hint = USUAL_HINT): string {
  const { origin } = new URL(url);
  switch (failure.kind) {
    case 'answered':
      return `${failure.message ?? failure.status}${failure.status === 401 ? hint : ''}`;
    case 'intercepted':
      return `the token request to ${origin}: ${describeFailure(failure)}${failure.status < 500 ? hint : ''}`;
    case 'no-answer':
      return `the token request to ${origin} got no answer: ${failure.detail}`;
  }
}
