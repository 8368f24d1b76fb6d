import { Webhook, WebhookVerificationError } from 'standardwebhooks';

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

/** Signs a message that is sent now. */
export function createSigner(secret: string): (id: string, body: string) => SignatureHeaders {
  const webhook = createWebhook(secret);
  return (id, body) => {
    const now = new Date();
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': webhook.sign(id, now, body),
    };
  };
}

/**
 * Says whether a message is signed with one of these secrets, over its raw body, and not more than five minutes old or
 * ahead. Every secret is tried, in constant time.
 */
export function createVerifier(
  secrets: readonly string[],
): (headers: SignatureHeaders, body: Buffer) => boolean {
  const webhooks = secrets.map(createWebhook);
  return (headers, body) =>
    webhooks.filter((webhook) => {
      try {
        webhook.verify(body, headers, { jsonParse: false });
        return true;
      } catch (error) {
        if (error instanceof WebhookVerificationError) return false;
        throw error;
      }
    }).length > 0;
}
