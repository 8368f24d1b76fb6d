import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** The Standard Webhooks headers for this body. Throws for a secret that is not usable. */
export function signatureHeaders(
  secret: string,
  { id, at, body }: { id: string; at: Date; body: string },
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signer(secret).sign(id, at, body),
  };
}

/** Whether these headers sign this body with this secret, by Standard Webhooks: at most five minutes ago. */
export function isSigned(secret: string, headers: IncomingHttpHeaders, body: string): boolean {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]);
  try {
    signer(secret).verify(body, Object.fromEntries(texts), { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

/** Whether the secret is usable: not empty, and base64 if it starts with `whsec_`. */
export function isUsableSecret(secret: string): boolean {
  try {
    signer(secret);
    return true;
  } catch {
    return false;
  }
}

// The library reads raw text as Latin-1, so pass the UTF-8 bytes.
function signer(secret: string): Webhook {
  if (secret.startsWith('whsec_')) return new Webhook(secret);
  return new Webhook(Buffer.from(secret), { format: 'raw' });
}
