import type { HoldOff } from '../../redis/pace/hold-off.ts';
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
  /** Two tokens in a row were refused. */
  refused(detail: string): void;
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
}

export type TokenOptions = {
  wire: Wire;
  holdOff: Pick<HoldOff, 'heldUntil' | 'raise'>;
  dialect: TokenForm;
  oauth: OAuthClient;
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

type Held = { token: string; since: number; refreshAt: number; expiresAt: number };
type Refused = Extract<Failure, { kind: 'answered' | 'intercepted' }>;

/** One token per process: refreshed after 80 % of its lifetime, treated as expired 30 s early. */
export function createTokenSource(options: TokenOptions): TokenSource {
  const { wire, holdOff, dialect, oauth, signal, speed } = options;
  const { url, body, headers } = dialect.tokenRequest(oauth);
  let held: Held | undefined;
  /** The token endpoint's `Retry-After`: no request before then. */
  let told: { until: number; failure: Refused } | undefined;
  let fetching: Promise<TokenAnswer> | undefined;
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
    const until = await holdOff.heldUntil();
    if (until !== undefined) return fail({ kind: 'held', until, answered: false, rule: 'rate limited' });
    const asked = performance.now();
    const answer = await wire.send({ operation: 'token', method: 'POST', url, headers, body, signal });
    const requests = [answer.note];
    if (!answer.answered) return fail(answer.failure, requests);
    if (answer.status === 429) {
      const raised = await holdOff.raise(answer.retryAfterMs);
      return fail({ kind: 'held', until: raised, answered: true, rule: 'rate limited' }, requests);
    }
    const { access_token: given, expires_in: life } = fieldsOf(answer.data);
    if (answer.status >= 200 && answer.status < 300 && typeof given === 'string' && given !== '') {
      held = lifeOf(given, (positiveNumber(life) ?? DEFAULT_LIFE_S) * 1000, asked);
      tell({ state: 'ok', detail: 'a valid token' });
      return { ok: true, token: held.token, requests };
    }
    const retryAfterMs = toldWaitMs(answer.retryAfterMs, speed);
    const failure = refusal({ ...answer, retryAfterMs });
    told = retryAfterMs === undefined ? undefined : { until: performance.now() + retryAfterMs, failure };
    return fail(failure, requests);
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

  function fail(failure: Failure, requests: RequestNote[] = []): TokenAnswer {
    if (held !== undefined) held = { ...held, refreshAt: performance.now() + REFRESH_AGAIN_MS };
    if (failure.kind !== 'held') tell({ state: 'failing', detail: describe(failure, url) });
    return { ok: false, failure, requests };
  }

  function fetchOnce(): Promise<TokenAnswer> {
    fetching ??= fetchToken().finally(() => {
      fetching = undefined;
    });
    return fetching;
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
      if (held?.token === token) held = undefined;
    },
    suspect(token) {
      if (held?.token === token && performance.now() - held.since > SUSPECT_AFTER_MS) held = undefined;
    },
    refused(detail) {
      tell({ state: 'failing', detail });
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

function describe(failure: Failure, url: string): string {
  const { origin } = new URL(url);
  const hint = '; check GENESYS_API, the base URL and the OAuth client';
  switch (failure.kind) {
    case 'answered':
      return `${failure.message ?? failure.status}${failure.status === 401 ? hint : ''}`;
    case 'intercepted':
      return `the token request to ${origin}: ${describeFailure(failure)}${failure.status < 500 ? hint : ''}`;
    default:
      return `the token request to ${origin} got no answer: ${'detail' in failure ? failure.detail : failure.kind}`;
  }
}
