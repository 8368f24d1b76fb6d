import type { PoolOptions } from '../postgres/pool.ts';
import type { History } from './postgres.ts';

export type { History } from './postgres.ts';

const CONNECTIONS = 4;
const TIMEOUT_MS = 5_000;

/** Opens the history at this URL; `undefined` without one. Loads the driver only then. The caller closes it. */
export async function openHistoryAt(
  url: string | undefined,
  { name, onError }: Pick<PoolOptions, 'onError' | 'name'>,
): Promise<History | undefined> {
  if (url === undefined) return undefined;
  const { openHistory } = await import('./postgres.ts');
  return openHistory({ url, connections: CONNECTIONS, timeoutMs: TIMEOUT_MS, onError, name });
}
