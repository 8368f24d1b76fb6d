import { randomUUID } from 'node:crypto';
import type { TransferEvent } from '@handover/core/billing';
import { Webhook } from 'standardwebhooks';
import type { TestApi } from './start-api.ts';

export const WEBHOOK = '/webhooks/billing-sync';
/** Each way to present a secret. */
export const RAW = 'a-shared-secret-of-the-platform';
export const WHSEC = `whsec_${Buffer.from('another secret, as base64').toString('base64')}`;
export const STRANGE = 'a-secret-that-nobody-here-knows';

/** An event that reports a transfer of its own call. */
export function transferEvent(change: Record<string, unknown> = {}) {
  return {
    id: `event-${randomUUID()}`,
    type: 'voice.call.updated',
    timestamp: new Date().toISOString(),
    event_data: {
      id: `call-${randomUUID()}`,
      transferType: 'blind',
      target: { id: 'queue-1', type: 'queue' },
    },
    ...change,
  };
}

/** The headers of Standard Webhooks over this body, by the reference library. */
export function signature(
  secret: string,
  body: string,
  { id = `msg_${randomUUID()}`, at = new Date() }: { id?: string; at?: Date } = {},
): Record<string, string> {
  const webhook = secret.startsWith('whsec_')
    ? new Webhook(secret)
    : new Webhook(Buffer.from(secret), { format: 'raw' });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': webhook.sign(id, at, body),
  };
}

/** Sends this body as JSON, with these headers. */
export function send(
  { app }: Pick<TestApi, 'app'>,
  body: string | Buffer | object,
  headers: Record<string, string | string[]> = {},
  url = WEBHOOK,
) {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
}

export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** The event counts by result, from `/metrics`. */
export async function counted({ app }: Pick<TestApi, 'app'>): Promise<Record<string, number>> {
  const { body } = await app.inject('/metrics');
  const lines = body.matchAll(/^handover_webhook_events_total\{result="([\w-]+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, result, count]) => [result, Number(count)]));
}

/** The events in the billing queue, oldest first. */
export async function queued({ billing }: Pick<TestApi, 'billing'>): Promise<TransferEvent[]> {
  const jobs = await billing.queue.getJobs(['waiting', 'prioritized', 'delayed'], 0, -1, true);
  return jobs.map(({ data }) => (data as { event: TransferEvent }).event);
}
