import { type AccessOptions, checkAccess, type RedisAccess } from './access.ts';
import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import { createLane, laneKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/** How long until a Redis that cannot be used is asked again, in ms: what was mended shows without a restart. */
const AGAIN_MS = 2_000;
/** How long a proof may take, and for how long it stands, in ms: probes come often, and each writes. */
const PROOF_MS = 1_000;

export type AccessWatch = ReturnType<typeof watchAccess>;

/**
 * Asks every Redis that this connection meets whether Handover can use it, and one that cannot be used again and again.
 * `onChange` hears of each answer that differs from the one before. The connection stays the caller's.
 */
export function watchAccess(
  redis: RedisClient,
  prefix: string,
  onChange: (access: RedisAccess) => void,
  options: AccessOptions = {},
) {
  const runScript = loadScripts(redis);
  const { changed } = laneKeys(createLane('live', prefix));
  let known: RedisAccess | undefined;
  let asking: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  let isStopped = false;
  let proof = { at: Number.NEGATIVE_INFINITY, holds: Promise.resolve(false) };

  function ask(): Promise<void> {
    asking ??= look().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function look(): Promise<void> {
    clearTimeout(again);
    const found = await checkAccess(redis, prefix, options);
    if (isStopped) return;
    // No answer says nothing about what Redis allows: what was known stands, and it is asked again.
    const isLost = !found.usable && found.kind === 'lost';
    if (!isLost && !(known?.usable === true && isOnlyNewcomersTrouble(found))) {
      const isNews = JSON.stringify(found) !== JSON.stringify(known);
      known = found;
      if (isNews) onChange(found);
    }
    if (found.usable) return;
    // The name may lead to the primary by now.
    if (found.kind === 'read-only' && redis.status === 'ready') redis.disconnect(true);
    again = setTimeout(ask, AGAIN_MS);
    again.unref();
  }

  /** A password that was changed shuts out new connections; those that stand go on. */
  function isOnlyNewcomersTrouble(found: RedisAccess): boolean {
    return !found.usable && found.kind === 'unauthenticated' && redis.status === 'ready';
  }

  /** Something that was asked of Redis failed. Where that may be so for good, Redis is asked anew. */
  function suspect(error: unknown): void {
    const kind = redisErrorKind(error);
    if (kind === 'forbidden' || kind === 'missing-command' || kind === 'read-only') void ask();
  }

  async function prove(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), PROOF_MS);
    });
    const alive = runScript('alive', { keys: { alive: `${prefix}:alive` }, args: { channel: changed } }).then(
      () => true,
      (error) => {
        suspect(error);
        return false;
      },
    );
    const holds = await Promise.race([alive, late]);
    clearTimeout(timer);
    return holds;
  }

  redis.on('ready', ask);
  if (redis.status === 'ready') void ask();

  return {
    /** What is known now; `undefined` until Redis was asked. */
    known: () => known,
    suspect,
    /** Does a script of ours write now? Bounded in time; asked at most once a second, however many want to know. */
    async proves(): Promise<boolean> {
      if (redis.status !== 'ready' || known?.usable !== true) return false;
      const now = performance.now();
      if (now - proof.at >= PROOF_MS) proof = { at: now, holds: prove() };
      return proof.holds;
    },
    /** Nothing is asked any more. */
    stop(): void {
      isStopped = true;
      clearTimeout(again);
      redis.off('ready', ask);
    },
  };
}
