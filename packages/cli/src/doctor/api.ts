import { type Finding, failed, hostOf, noConnection, ok, skipped, warning } from '@handover/core/checks';
import type { Config } from '@handover/core/config';
import { createWire } from '@handover/core/wire';

const WITHIN_MS = 5_000;
const PLACE = 'correct HANDOVER_URL';

type Ready = { status?: unknown; redisDetail?: unknown; genesys?: { dialect?: unknown; baseUrl?: unknown } };

/** Asks the API whether it is ready and takes the key, and compares what it talks to. */
export async function checkApi({ handover: { url, apiKey }, genesys }: Config): Promise<Finding> {
  if (url === undefined) return skipped('HANDOVER_URL is not set');
  const wire = createWire(WITHIN_MS, () => undefined);
  const ask = (path: string, headers: Record<string, string> = {}) =>
    wire.send({
      operation: 'doctor',
      method: 'GET',
      url: `${url}${path}`,
      headers,
      signal: new AbortController().signal,
    });
  try {
    const ready = await ask('/readyz', apiKey === undefined ? {} : bearer(apiKey));
    if (!ready.answered) return noConnection({ url, correct: PLACE }, ready.failure.detail);
    const body = (ready.data ?? {}) as Ready;
    if (typeof body.status !== 'string')
      return failed(
        `${hostOf(url)} answers ${ready.status} to /readyz, and not as the API of Handover`,
        PLACE,
      );
    if (body.status !== 'ready')
      return failed(
        `the API at ${hostOf(url)} is ${body.status}${typeof body.redisDetail === 'string' ? `: ${body.redisDetail}` : ''}`,
        'see its log, and GET /readyz of it',
      );
    const key = apiKey === undefined ? undefined : await ask('/api/reports/quality', bearer(apiKey));
    if (key?.answered === true && key.status === 401)
      return failed(
        `the API at ${hostOf(url)} refuses the key (401)`,
        'set HANDOVER_API_KEY to one of the keys in its API_KEYS, without the name',
      );
    if (body.genesys === undefined)
      return ok(`${hostOf(url)} is ready; what it talks to is told only to a key that may read`);
    const { dialect, baseUrl } = body.genesys;
    if (genesys.baseUrl !== '' && (dialect !== genesys.dialect || baseUrl !== genesys.baseUrl))
      return warning(
        `the API at ${hostOf(url)} is ready, and configured for ${dialect} at ${baseUrl}`,
        `give API and workers the same GENESYS_… variables (here: ${genesys.dialect} at ${genesys.baseUrl})`,
      );
    return ok(`${hostOf(url)} is ready${apiKey === undefined ? '' : ', and takes the key'}`);
  } finally {
    wire.close();
  }
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
