import type { Client } from './client.ts';

/**
 * A client that can change nothing: for shadow mode, whatever the rules decide. Sends GETs and these queries of the dialect, and
 * throws for any other request, before a token, the budget or the gate is asked for.
 */
export function readsOnly(client: Client, queries: readonly string[]): Client {
  return {
    async request(request) {
      const { method, operation } = request;
      if (method !== 'GET' && !queries.includes(operation))
        throw new Error(
          `shadow mode sends no ${method} (${operation}) to Genesys: this is a bug in Handover`,
        );
      return client.request(request);
    },
  };
}
