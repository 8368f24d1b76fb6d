import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** How far the time of a message may lie from now, in ms (Standard Webhooks). */
const TOLERANCE_MS = 300_000;

/** The headers of a signed message (Standard Webhooks). */
export type SignatureHeaders = {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
};

/** `whsec_…` is base64; any other secret stands for its own bytes. Throws where it is neither. */
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
 * Gives when a message was signed with one of these secrets over its raw body, in epoch milliseconds; `undefined` where it was
 * not. Every secret is tried, in constant time. The library's own check judges the time by the clock of this machine, so it
 * is asked for the right signature only; `isTimely` judges the time.
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

/** A message counts for five minutes, and may be that much ahead; both in epoch milliseconds. */
export function isTimely(sentAt: number, now: number): boolean {
  return Math.abs(Math.floor(now / 1_000) * 1_000 - sentAt) <= TOLERANCE_MS;
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
