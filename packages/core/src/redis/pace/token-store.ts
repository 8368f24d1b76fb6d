import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { type RedisClient, redisNow } from '../connection.ts';
import { type Lane, laneKeys } from '../keys.ts';
import { loadScripts } from '../scripts.ts';
import { createHoldOff, LONGEST_HOLD_OFF_MS } from './hold-off.ts';

/** A token with its whole life and how much of it is over, in ms. */
export type SharedToken = { token: string; lifeMs: number; ageMs: number };

/** Why no process requests a token before `until` (epoch ms by Redis' clock). */
export type TokenRefusal = { why: string; until: number; leftMs: number };

/** The token that all workers of an installation share. Throws what Redis throws. */
export interface TokenStore {
  /** How long the lock is held at most, in ms; nobody should wait longer for another process. */
  readonly lockMs: number;
  recall(): Promise<{ shared: SharedToken | undefined; refusal: TokenRefusal | undefined }>;
  /** Stores the token until its life is over, and ends a refusal. */
  keep(shared: SharedToken): Promise<void>;
  /** Removes this token, but not its successor. */
  drop(token: string): Promise<void>;
  /** No process requests a token before the returned time: `Retry-After` in ms, else growing waits. */
  refuse(why: string, retryAfterMs: number | undefined): Promise<number>;
  /** Lets one process at a time request a token: how to release the lock, or `undefined` if another process holds it. */
  lock(): Promise<(() => Promise<void>) | undefined>;
}

export type TokenStoreOptions = {
  /** Whose token it is: another client, secret or login host never sees it. */
  of: { url: string; id: string; secret: string };
  /** ms; longer than a token request may take. */
  lockMs: number;
  /** Divides the waits: 1 for live work, 100 for training. */
  speed: number;
};

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NAME_BYTES = 12;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The longest wait after a refusal without `Retry-After`, in ms. */
const LONGEST_REFUSAL_MS = 60_000;

/**
 * The token of a lane in Redis, encrypted with a key derived from the client secret: whoever reads Redis or a backup of it gets
 * none.
 */
export function createTokenStore(redis: RedisClient, lane: Lane, options: TokenStoreOptions): TokenStore {
  const { of, lockMs, speed } = options;
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  // Genesys makes up the secret, so it cannot be guessed: a slow derivation would add nothing.
  const bytes = Buffer.from(
    hkdfSync('sha256', of.secret, `${of.url} ${of.id}`, 'handover token', KEY_BYTES + NAME_BYTES),
  );
  const key = bytes.subarray(0, KEY_BYTES);
  const name = bytes.subarray(KEY_BYTES).toString('base64url');
  const refusals = createHoldOff(redis, keys.tokenRefusal(name), {
    speed,
    longestMs: LONGEST_REFUSAL_MS,
    longestToldMs: LONGEST_HOLD_OFF_MS,
  });

  return {
    lockMs,
    async recall() {
      const [text, leftMs, [until, why], now] = await Promise.all([
        redis.get(keys.token(name)),
        redis.pttl(keys.token(name)),
        redis.hmget(keys.tokenRefusal(name), 'until', 'why'),
        redisNow(redis),
      ]);
      const [, lifeMs, box = ''] = text?.split(' ') ?? [];
      const token = open(box, key, name);
      const shared =
        token === undefined ? undefined : { token, lifeMs: Number(lifeMs), ageMs: Number(lifeMs) - leftMs };
      const heldMs = Number(until ?? 0) - now;
      const refusal = heldMs > 0 ? { why: why ?? '', until: Number(until), leftMs: heldMs } : undefined;
      return { shared, refusal };
    },
    async keep({ token, lifeMs, ageMs }) {
      const leftMs = Math.round(lifeMs - ageMs);
      if (leftMs <= 0) return;
      const value = `${idOf(token, key)} ${Math.round(lifeMs)} ${seal(token, key, name)}`;
      await Promise.all([redis.set(keys.token(name), value, 'PX', leftMs), refusals.lift()]);
    },
    async drop(token) {
      await runScript('pace/drop', {
        keys: { key: keys.token(name) },
        args: { start: `${idOf(token, key)} ` },
      });
    },
    async refuse(why, retryAfterMs) {
      return refusals.raise(retryAfterMs, why);
    },
    async lock() {
      const lockKey = keys.tokenLock(name);
      const mine = randomUUID();
      if ((await redis.set(lockKey, mine, 'PX', lockMs, 'NX')) === null) return undefined;
      return async () => {
        await runScript('pace/drop', { keys: { key: lockKey }, args: { start: mine } });
      };
    },
  };
}

/** Tells two tokens apart without showing either. */
function idOf(token: string, key: Buffer): string {
  return createHmac('sha256', key).update(token).digest('base64url');
}

function seal(token: string, key: Buffer, name: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(name));
  const box = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), box]).toString('base64url');
}

/** `undefined` if there is none, or if it is not what this client sealed. */
function open(text: string, key: Buffer, name: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const [iv, rest] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES)];
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(
      Buffer.from(name),
    );
    decipher.setAuthTag(rest.subarray(0, TAG_BYTES));
    return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
