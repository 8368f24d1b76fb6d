import { createHash } from 'node:crypto';
import { describeFailure } from '../transfer/classify.ts';
import type { Failure } from '../transfer/ports.ts';

/** What the platform is asked to send, and where to. */
export type WebhookWish = { callbackUrl: string; digest: string };

export type Webhook = { id: string; name: string; callbackUrl: string };

/** `offered: false`: the platform has no such route. */
export type RegistrarAnswer<T> =
  | { ok: true; value: T }
  | { ok: false; offered: false }
  | { ok: false; offered: true; failure: Failure };

export interface WebhookRegistrar {
  list(signal: AbortSignal): Promise<RegistrarAnswer<Webhook[]>>;
  create(callbackUrl: string, signal: AbortSignal): Promise<RegistrarAnswer<{ id: string }>>;
  update(id: string, callbackUrl: string, signal: AbortSignal): Promise<RegistrarAnswer<{ id: string }>>;
  remove(id: string, signal: AbortSignal): Promise<RegistrarAnswer<undefined>>;
}

/** What all processes know of the registration; `digest` says for which callback URL, which may hold a token. */
export type WebhookStoreEntry = {
  /** The callback URL that the process started last wants. */
  wanted: string;
  /** The one that is registered, and its id there; '' = none that we know. */
  digest: string;
  id: string;
  /** Failures in a row. */
  failures: number;
};

export interface WebhookStore {
  /** Takes the registration for this process; `false` while another one is at it, which a lost one is for `forMs`. */
  claim(forMs: number): Promise<boolean>;
  release(): Promise<void>;
  read(): Promise<WebhookStoreEntry>;
  registered(digest: string, id: string): Promise<void>;
  failed(detail: string, inMs: number): Promise<void>;
}

export type Registered =
  | { do: 'done'; how: 'registered' | 'updated' | 'adopted' | 'known'; id: string }
  /** A process with another callback URL started later. */
  | { do: 'superseded' }
  | { do: 'retry'; inMs: number; detail: string };

/** What is shorter is no secret, and may well stand in the text for something else. */
const SHORTEST_SECRET = 8;
/** Longer than everything that one registration may ask, each with its time-out. */
const LONGEST_CLAIM_MS = 120_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** A name for a callback URL that shows nothing of it: it may hold a token. */
export function urlDigest(callbackUrl: string): string {
  return createHash('sha256').update(callbackUrl).digest('hex').slice(0, 16);
}

/**
 * Sees to it that the platform sends events to this URL, once (docs/billing.md): adopts what is registered there already,
 * updates what we had registered for another URL, else registers. One process at a time does it. A failure is noted
 * and tried again after growing gaps, and not before a `Retry-After`. `random` is in [0, 1).
 */
export async function register(
  wish: WebhookWish,
  { registrar, store }: { registrar: WebhookRegistrar; store: WebhookStore },
  { random, signal }: { random: number; signal: AbortSignal },
): Promise<Registered> {
  if (!(await store.claim(LONGEST_CLAIM_MS)))
    return { do: 'retry', inMs: FIRST_RETRY_MS, detail: 'another process is at it' };
  try {
    return await registerAlone(wish, registrar, store, random, signal);
  } finally {
    await store.release();
  }
}

async function registerAlone(
  wish: WebhookWish,
  registrar: WebhookRegistrar,
  store: WebhookStore,
  random: number,
  signal: AbortSignal,
): Promise<Registered> {
  const known = await store.read();
  if (known.wanted !== wish.digest) return { do: 'superseded' };
  const step = await nextStep(wish, known, registrar, signal);
  if (step.do === 'failed') {
    const detail = withoutSecrets(inWords(step.failure), wish.callbackUrl);
    if (step.failure.kind === 'stopped') return { do: 'retry', inMs: 0, detail };
    const { failure } = step;
    const toldMs = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
    const inMs = Math.max(gapMs(known.failures, random), toldMs);
    await store.failed(detail, inMs);
    return { do: 'retry', inMs, detail };
  }
  await store.registered(wish.digest, step.id);
  return step;
}

type Step = Extract<Registered, { do: 'done' }> | { do: 'failed'; failure: Failure };

async function nextStep(
  { callbackUrl, digest }: WebhookWish,
  known: WebhookStoreEntry,
  registrar: WebhookRegistrar,
  signal: AbortSignal,
): Promise<Step> {
  const listed = await registrar.list(signal);
  if (!listed.ok && listed.offered) return { do: 'failed', failure: listed.failure };
  if (!listed.ok) {
    // What we know is all there is to know.
    if (known.id === '') return create(callbackUrl, registrar, signal);
    if (known.digest === digest) return { do: 'done', how: 'known', id: known.id };
    return update(known.id, callbackUrl, registrar, signal);
  }
  const exact = listed.value.find((webhook) => webhook.callbackUrl === callbackUrl);
  if (exact !== undefined)
    return { do: 'done', how: exact.id === known.id ? 'known' : 'adopted', id: exact.id };
  const ours =
    listed.value.find(({ id }) => id === known.id) ??
    listed.value.find((one) => sameEndpoint(one, callbackUrl));
  return ours === undefined
    ? create(callbackUrl, registrar, signal)
    : update(ours.id, callbackUrl, registrar, signal);
}

async function create(callbackUrl: string, registrar: WebhookRegistrar, signal: AbortSignal): Promise<Step> {
  const created = await registrar.create(callbackUrl, signal);
  if (created.ok) return { do: 'done', how: 'registered', id: created.value.id };
  return { do: 'failed', failure: created.offered ? created.failure : NOT_OFFERED };
}

/** Where the platform cannot change a registration, or has forgotten it, a new one takes its place. */
async function update(
  id: string,
  callbackUrl: string,
  registrar: WebhookRegistrar,
  signal: AbortSignal,
): Promise<Step> {
  const updated = await registrar.update(id, callbackUrl, signal);
  if (updated.ok) return { do: 'done', how: 'updated', id: updated.value.id };
  if (updated.offered) return { do: 'failed', failure: updated.failure };
  const created = await create(callbackUrl, registrar, signal);
  if (created.do === 'done') await registrar.remove(id, signal);
  return created.do === 'done' ? { ...created, how: 'updated' } : created;
}

const NOT_OFFERED: Failure = { kind: 'answered', status: 404, message: 'it offers no webhooks' };

/** The same but for the query, where the token stands. */
function sameEndpoint({ callbackUrl }: Webhook, wanted: string): boolean {
  const path = (url: string) => (URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : url);
  return path(callbackUrl) === path(wanted);
}

/** The platform may repeat in its answer what it was sent; a token in the URL must not be shown. */
function withoutSecrets(text: string, callbackUrl: string): string {
  const { searchParams, password } = new URL(callbackUrl);
  const secrets = [...searchParams.values(), password].filter(({ length }) => length >= SHORTEST_SECRET);
  return secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

function gapMs(failures: number, random: number): number {
  const doubled = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 30), LONGEST_RETRY_MS);
  return Math.round(doubled * (1 + random / 5));
}

function inWords(failure: Failure): string {
  const lacks = failure.kind === 'answered' && failure.status === 403;
  return `${describeFailure(failure)}${lacks ? '; the OAuth client lacks integration:webhook:create' : ''}`;
}
