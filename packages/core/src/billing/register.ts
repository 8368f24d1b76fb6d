import { createHash } from 'node:crypto';
import { describeFailure } from '../transfer/classify.ts';
import type { Failure } from '../transfer/ports.ts';

/** The wanted registration. `digest`: identifies the callback URL without revealing it. */
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

/** The registration as shared by all processes. `digest` identifies the callback URL, which may contain a token. */
export type WebhookStoreEntry = {
  /** The digest wanted by the process that started last. */
  wanted: string;
  /** The registered digest, and the platform's id; '' = none known. */
  digest: string;
  id: string;
  /** Consecutive failures. */
  failures: number;
};

export interface WebhookStore {
  /** Locks the registration for `forMs`; `false` while another process holds it. */
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

/** A shorter value is no secret, and may occur in the text by coincidence. */
const SHORTEST_SECRET = 8;
/** Longer than all requests of one registration with their time-outs. */
const LONGEST_CLAIM_MS = 120_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** An identifier that does not reveal the callback URL, which may contain a token. */
export function urlDigest(callbackUrl: string): string {
  return createHash('sha256').update(callbackUrl).digest('hex').slice(0, 16);
}

/**
 * Registers the callback URL with the platform, once (docs/billing.md): adopts an existing registration, updates one of ours
 * for another URL, else creates one. One process at a time. A failure is retried with backoff, not before `Retry-After`.
 * `random` is in [0, 1).
 */
export async function register(
  wish: WebhookWish,
  { registrar, store }: { registrar: WebhookRegistrar; store: WebhookStore },
  { random, signal }: { random: number; signal: AbortSignal },
): Promise<Registered> {
  if (!(await store.claim(LONGEST_CLAIM_MS)))
    return { do: 'retry', inMs: FIRST_RETRY_MS, detail: 'another process is registering it' };
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
    // The platform cannot list registrations, so use the id that we stored.
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

/** If the platform cannot update the registration, or does not know it, creates a new one. */
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

const NOT_OFFERED: Failure = { kind: 'answered', status: 404, message: 'it has no webhook API' };

/** Whether both URLs are equal except the query, which may contain the token. */
function sameEndpoint({ callbackUrl }: Webhook, wanted: string): boolean {
  const path = (url: string) => (URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : url);
  return path(callbackUrl) === path(wanted);
}

/** Masks the secrets of the URL, which the platform may repeat in its answer. */
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
