import { failed, ok, warning } from '../../checks/check.ts';
import { hostOf } from '../../checks/connection.ts';
import { describeFailure } from '../../transfer/classify.ts';
import type { DialectChecks } from '../dialect.ts';
import { isLiveHost } from '../platform/regions.ts';

const LIVE_FIX = 'set GENESYS_API=platform, and GENESYS_REGION to the region of the organisation';

/** The checks of the voice API (docs/voice-api.md). */
export const voiceChecks: DialectChecks = {
  // Whoever that is: any answer in the API's form will do.
  path: '/api/v2/users/handover-doctor',
  wrongHosts({ baseUrl, loginUrl = baseUrl }) {
    const hosts = [baseUrl, loginUrl].map((url) => new URL(url).hostname);
    const live = hosts.find((host) => isLiveHost(host)?.isExact);
    if (live === undefined) return undefined;
    return failed(`this is a live organisation (${live}), and the voice API is another one`, LIVE_FIX);
  },
  tokenRefused(status, words, { baseUrl, loginUrl = baseUrl }) {
    const host = hostOf(loginUrl);
    if (status === 404 || isLiveHost(new URL(loginUrl).hostname) !== undefined)
      return failed(
        `this is a live organisation: ${host} answers ${status} to /api/v2/oauth/token`,
        LIVE_FIX,
      );
    if (words === undefined)
      return failed(
        `${host} answers ${status}, and not as the voice API does`,
        'correct GENESYS_BASE_URL, or let requests to it pass',
      );
    return failed(
      `${host} refused this client (${words})`,
      'correct GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET',
    );
  },
  tokenAccepted: () => ok('the API accepts the token'),
  agentsOn: () => [],
  more: ({ queues, transfers }) =>
    queues.map((id) => ({
      id: `queue:${id}`,
      what: `Queue ${id}`,
      needs: { id: 'access', words: 'a token that the API accepts' },
      async run() {
        const reading = await transfers.readTarget({ type: 'queue', id }, new AbortController().signal);
        if (!reading.ok) return failed(describeFailure(reading.failure), 'correct the id of the queue');
        const { open, state } = reading.value;
        if (open) return ok(state);
        return warning(state, 'until that changes, transfers to it use the fallback or are rejected');
      },
    })),
};
