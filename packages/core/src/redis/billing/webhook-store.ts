import { randomUUID } from 'node:crypto';
import type { WebhookStore } from '../../billing/register.ts';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';

/** The state of the webhook's registration, as shown by `/readyz`. */
export type WebhookState = {
  state: 'pending' | 'registered' | 'failing';
  detail?: string | undefined;
  /** Epoch milliseconds. */
  at: number;
  nextAt?: number | undefined;
};

/** The webhook's registration, shared by all processes in Redis. Throws what Redis throws. */
export function createWebhookStore(redis: RedisClient, lane: Lane) {
  const { webhook, webhookClaim } = laneKeys(lane);
  const mine = randomUUID();

  const store: WebhookStore = {
    async claim(forMs) {
      return (await redis.set(webhookClaim, mine, 'PX', forMs, 'NX')) !== null;
    },
    async release() {
      if ((await redis.get(webhookClaim)) === mine) await redis.del(webhookClaim);
    },
    async read() {
      const [wanted, digest, id, failures] = await redis.hmget(webhook, 'wanted', 'digest', 'id', 'failures');
      return { wanted: wanted ?? '', digest: digest ?? '', id: id ?? '', failures: Number(failures ?? 0) };
    },
    async registered(digest, id) {
      const at = await redisNow(redis);
      await redis.hset(webhook, { digest, id, failures: 0, state: 'registered', detail: '', at });
      await redis.hdel(webhook, 'nextAt');
    },
    async failed(detail, inMs) {
      await redis.hincrby(webhook, 'failures', 1);
      const at = await redisNow(redis);
      await redis.hset(webhook, { state: 'failing', detail, at, nextAt: at + inMs });
    },
  };

  return {
    ...store,
    /** Requests registration of the callback URL with this digest; an existing registration stays until that succeeds. */
    async want(digest: string): Promise<void> {
      const before = await store.read();
      await redis.hset(webhook, { wanted: digest });
      if (before.digest !== digest)
        await redis.hset(webhook, { state: 'pending', detail: '', at: await redisNow(redis) });
    },
  };
}

/** Reads the state; `undefined` if none was ever requested. Throws what Redis throws. */
export async function readWebhookState(redis: RedisClient, lane: Lane): Promise<WebhookState | undefined> {
  const fields = ['state', 'detail', 'at', 'nextAt'];
  const [state, detail, at, nextAt] = await redis.hmget(laneKeys(lane).webhook, ...fields);
  if (state == null) return undefined;
  return {
    state: state as WebhookState['state'],
    ...(detail && { detail }),
    at: Number(at),
    ...(nextAt != null && { nextAt: Number(nextAt) }),
  };
}

export type WebhookView = { state: string; detail?: string; at?: string; nextAt?: string };

/** The state as shown by `/readyz`; `not-wanted` if no callback URL was ever configured. */
export function webhookView(state: WebhookState | undefined): WebhookView {
  if (state === undefined) return { state: 'not-wanted' };
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    state: state.state,
    ...(state.detail && { detail: state.detail }),
    at: iso(state.at),
    ...(state.nextAt !== undefined && { nextAt: iso(state.nextAt) }),
  };
}
