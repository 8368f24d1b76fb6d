import { type AccessOptions, checkAccess, type RedisAccess } from './access.ts';
import type { RedisClient } from './connection.ts';
import { redisErrorKind } from './errors.ts';
import { createLane, laneKeys } from './keys.ts';
import { loadScripts } from './scripts.ts';

/** The interval of checks while Redis is unusable, in ms: a fix takes effect without a restart. */
const AGAIN_MS = 2_000;
/** The time-out and the lifetime of a proof, in ms: probes are frequent, and each proof writes. */
const PROOF_MS = 1_000;

export type AccessWatch = ReturnType<typeof watchAccess>;

/**
 * Checks on each connect whether Handover can use this Redis, and repeats the check while it cannot. `onChange` is called with
 * each changed result. The caller keeps and closes the connection.
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
    // Without an answer the permissions are unknown: keep the last result, and ask again.
    const isLost = !found.usable && found.kind === 'lost';
    if (!isLost && !(known?.usable === true && isOnlyNewcomersTrouble(found))) {
      const isNews = JSON.stringify(found) !== JSON.stringify(known);
      known = found;
      if (isNews) onChange(found);
    }
    if (found.usable) return;
    // After a failover the name may now resolve to the primary.
    if (found.kind === 'read-only' && redis.status === 'ready') redis.disconnect(true);
    again = setTimeout(ask, AGAIN_MS);
    again.unref();
  }

  /** A changed password affects only new connections; established ones keep working. */
  function isOnlyNewcomersTrouble(found: RedisAccess): boolean {
    return !found.usable && found.kind === 'unauthenticated' && redis.status === 'ready';
  }

  /** Reports an error of Redis. If it may be permanent, the check is repeated. */
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
    /** The last result; `undefined` before the first one. */
    known: () => known,
    suspect,
    /** Whether a script can write now. Bounded in time; tried at most once a second. */
    async proves(): Promise<boolean> {
      if (redis.status !== 'ready' || known?.usable !== true) return false;
      const now = performance.now();
      if (now - proof.at >= PROOF_MS) proof = { at: now, holds: prove() };
      return proof.holds;
    },
    /** Stops checking. */
    stop(): void {
      isStopped = true;
      clearTimeout(again);
      redis.off('ready', ask);
    },
  };
}
