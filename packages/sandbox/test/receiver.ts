import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CallEvent } from '../src/index.ts';
import type { Client } from './start.ts';

export type Received = { url: string; headers: IncomingHttpHeaders; text: string; event: CallEvent };

/**
 * A server for events, until the test ends. It answers the statuses in turn and then repeats the last one;
 * null never answers.
 */
export async function startReceiver(statuses: (number | null)[] = [200]) {
  const received: Received[] = [];
  const left = [...statuses];
  const arrivals: (() => void)[] = [];
  const sockets = new Set<unknown>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    received.push({ url: request.url ?? '', headers: request.headers, text, event: JSON.parse(text) });
    const status = left.length > 1 ? left.shift() : left[0];
    if (typeof status === 'number') response.writeHead(status).end();
    for (const arrived of arrivals.splice(0)) arrived();
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections: () => sockets.size,
    async arrived(count: number): Promise<void> {
      while (received.length < count) await new Promise<void>((resolve) => arrivals.push(resolve));
    },
  };
}

/** The registration of the dialect, for this callback URL. */
export function registrationOf(callbackUrl: string, change: Record<string, unknown> = {}) {
  return {
    name: 'BillingSyncTransferHook',
    description: 'Transfers for billing',
    events: ['voice.call.updated'],
    callback_url: callbackUrl,
    method: 'POST',
    content_type: 'application/json',
    retry_policy: { retry_count: 3, retry_interval_seconds: 60 },
    filter: { event_data: { 'voice.call.updated': { transferType: { $exists: true } } } },
    ...change,
  };
}

/** Registers a webhook through the voice API; undefined in the change leaves a field out. */
export function register(client: Client, callbackUrl: string, change: Record<string, unknown> = {}) {
  return client.send('POST', '/api/v2/integrations/webhooks', registrationOf(callbackUrl, change));
}
