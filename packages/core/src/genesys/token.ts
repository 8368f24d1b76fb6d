import { z } from 'zod';
import type { HoldOff } from '../queue/hold-off.ts';
import type { Failure } from '../transfer/ports.ts';
import type { RequestNote } from '../transfer/words.ts';
import type { Wire } from '../wire/wire.ts';

export type TokenAnswer =
  /** `waited`: it had to be fetched, by whoever, and a hold-off may have come meanwhile. */
  | { ok: true; token: string; requests: RequestNote[]; waited: boolean }
  | { ok: false; failure: Failure; requests: RequestNote[] };

export type TokenState = { state: 'none' | 'ok' | 'failing'; detail: string };

export type TokenSource = {
  /** The token, from memory while it lives; one request however many wait. Never throws for what the platform does. */
  get(): Promise<TokenAnswer>;
  /** The platform refused this token: unless a newer one is there already, the next `get` fetches one. */
  drop(token: string): void;
  /** Two tokens in a row were refused. */
  refused(detail: string): void;
  state(): TokenState;
};

export type TokenOptions = {
  wire: Wire;
  holdOff: Pick<HoldOff, 'heldUntil' | 'raise'>;
  url: string;
  clientId: string;
  clientSecret: string;
  signal: AbortSignal;
  onState: (state: TokenState) => void;
};

const SCOPE = 'voice:call:transfer voice:call:read queue:queue:read integration:webhook:create user:read';
const EARLY_MS = 30_000;
const REFRESH_AT = 0.8;
const REFRESH_AGAIN_MS = 5_000;

const Body = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

type Held = { token: string; refreshAt: number; expiresAt: number };

/** One token per process: refreshed at 80 % of its life, counted as expired 30 s early (docs/voice-api.md). */
export function createTokenSource(options: TokenOptions): TokenSource {
  const { wire, holdOff, url, clientId, clientSecret, signal } = options;
  let held: Held | undefined;
  let fetching: Promise<TokenAnswer> | undefined;
  let state: TokenState = { state: 'none', detail: 'no token was asked for yet' };

  const tell = (next: TokenState) => {
    if (next.state === state.state && next.detail === state.detail) return;
    state = next;
    options.onState(next);
  };

  async function fetchToken(): Promise<TokenAnswer> {
    const until = await holdOff.heldUntil();
    if (until !== undefined) return fail({ kind: 'held', until, answered: false, rule: 'rate limited' });
    const body = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: SCOPE,
    };
    const asked = performance.now();
    const answer = await wire.send({ operation: 'token', method: 'POST', url, body, signal });
    const requests = [answer.note];
    if (!answer.answered) return fail(answer.failure, requests);
    if (answer.status === 429) {
      const raised = await holdOff.raise(answer.retryAfterMs);
      return fail({ kind: 'held', until: raised, answered: true, rule: 'rate limited' }, requests);
    }
    const parsed = Body.safeParse(answer.data);
    if (answer.status >= 200 && answer.status < 300 && parsed.success) {
      held = lifeOf(parsed.data.access_token, parsed.data.expires_in * 1000, asked);
      tell({ state: 'ok', detail: 'a token is there' });
      return { ok: true, token: held.token, requests, waited: true };
    }
    // Whatever the token endpoint says, for the transfer it means that we may not ask right now.
    const message = `the token request to ${new URL(url).origin} answered ${answer.status}`;
    const status = answer.status >= 500 ? answer.status : 401;
    return fail({ kind: 'answered', status, code: 'no-token', message }, requests);
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
        // Refreshed behind the back of whoever asks; a failure shows in the state and at the next try.
        if (now >= held.refreshAt && fetching === undefined) void fetchOnce().catch(() => undefined);
        return { ok: true, token: held.token, requests: [], waited: false };
      }
      const mine = fetching === undefined;
      const answer = await fetchOnce();
      return mine ? answer : { ...answer, requests: [] };
    },
    drop(token) {
      if (held?.token === token) held = undefined;
    },
    refused(detail) {
      tell({ state: 'failing', detail });
    },
    state: () => state,
  };
}

function lifeOf(token: string, lifeMs: number, asked: number): Held {
  const usable = lifeMs > 2 * EARLY_MS ? lifeMs - EARLY_MS : lifeMs / 2;
  return { token, refreshAt: asked + Math.min(lifeMs * REFRESH_AT, usable), expiresAt: asked + usable };
}

function describe(failure: Failure, url: string): string {
  if (failure.kind === 'answered') {
    const hint = failure.status === 401 ? '; are GENESYS_API, the base URL and the client right?' : '';
    return `${failure.message ?? failure.status}${hint}`;
  }
  const detail = 'detail' in failure ? failure.detail : failure.kind;
  return `the token request to ${new URL(url).origin} got no answer: ${detail}`;
}
