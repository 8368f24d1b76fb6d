import type { Client } from './client.ts';

/**
 * A client that can change nothing: for shadow mode, whatever the rules decide. Sends GETs, and as POST these queries of the
 * dialect; throws for any other request, before a token, the budget or the gate is asked for.
 */
export function readsOnly(client: Client, queries: readonly string[]): Client {
  return {
    async request(request) {
      const { method, operation } = request;
      const isQuery = method === 'POST' && queries.includes(operation);
      if (method !== 'GET' && !isQuery)
        throw new Error(
          `shadow mode sends no ${method} (${operation}) to Genesys: this is a bug in Handover`,
        );
      return client.request(request);
    },
  };
}
