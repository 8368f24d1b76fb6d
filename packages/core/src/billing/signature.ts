import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** The tolerance of a message's timestamp, in ms (Standard Webhooks). */
const TOLERANCE_MS = 300_000;

/** The headers of a signed message (Standard Webhooks). */
export type SignatureHeaders = {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
};

/** `whsec_…` is base64; any other secret is used as raw bytes. Throws if the base64 is invalid. */
function createWebhook(secret: string): Webhook {
  return secret.startsWith('whsec_')
    ? new Webhook(secret)
    : new Webhook(Buffer.from(secret), { format: 'raw' });
}

/** Signs a message that is sent at `now`, epoch milliseconds. */
export function createSigner(secret: string): (id: string, body: string, now: number) => SignatureHeaders {
  const webhook = createWebhook(secret);
  return (id, body, now) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': webhook.sign(id, new Date(now), body),
  });
}

/**
 * Returns the timestamp (epoch ms) of a message if one of these secrets signed its raw body, else `undefined`. Every secret is
 * compared in constant time. The library's `verify` would check the timestamp by this machine's clock; callers use `isTimely`.
 */
export function createVerifier(
  secrets: readonly string[],
): (headers: SignatureHeaders, body: Buffer) => number | undefined {
  const webhooks = secrets.map(createWebhook);
  return (headers, body) => {
    const id = headers['webhook-id'];
    const sentAt = new Date(Number.parseInt(headers['webhook-timestamp'], 10) * 1_000);
    const shown = headers['webhook-signature']?.split(' ').map((one) => Buffer.from(one)) ?? [];
    if (!id || Number.isNaN(sentAt.getTime())) return undefined;
    const right = webhooks.map((webhook) => Buffer.from(webhook.sign(id, sentAt, body)));
    const isSigned = right.flatMap((one) => shown.filter((other) => isSame(one, other))).length > 0;
    return isSigned ? sentAt.getTime() : undefined;
  };
}

/** Whether a timestamp is within five minutes of now; both in epoch milliseconds. */
export function isTimely(sentAt: number, now: number): boolean {
  return Math.abs(Math.floor(now / 1_000) * 1_000 - sentAt) <= TOLERANCE_MS;
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
