import type { DeliveryAnswer, Destination } from '../billing/deliver.ts';
import { createSigner } from '../billing/signature.ts';
import type { RequestNote } from '../transfer/words.ts';
import { createWire, type WireAnswer } from '../wire/wire.ts';

export type HttpDestinationOptions = {
  url: string;
  /** Signs each bill by Standard Webhooks; `whsec_…` is base64, anything else counts as it stands. */
  secret?: string | undefined;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  onRequest: (note: RequestNote) => void;
};

const RETRIED = new Set([408, 425, 429]);

/** Bills as POSTs to an HTTP endpoint, each with the bill's id as its `Idempotency-Key`. The caller closes it. */
export function createHttpDestination({
  url,
  secret,
  timeoutMs,
  onRequest,
}: HttpDestinationOptions): Destination & {
  close(): void;
} {
  const wire = createWire(timeoutMs, onRequest);
  const { target, authorization } = basicOf(url);
  const signer = secret === undefined ? undefined : createSigner(secret);
  return {
    name: 'http',
    async deliver(bill, signal) {
      const body = JSON.stringify(bill);
      const headers = {
        ...authorization,
        'idempotency-key': bill.id,
        ...signer?.(bill.id, body),
      };
      // As it was signed.
      return toAnswer(
        await wire.send({ operation: 'bill', method: 'POST', url: target, headers, body, signal }),
      );
    },
    close: wire.close,
  };
}

/** A user and password in the URL go as Basic authentication (RFC 7617), and not in the URL. */
function basicOf(url: string): { target: string; authorization: { authorization?: string } } {
  const target = new URL(url);
  const { username, password } = target;
  if (username === '' && password === '') return { target: url, authorization: {} };
  target.username = target.password = '';
  const pair = `${decoded(username)}:${decoded(password)}`;
  return {
    target: target.href,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  };
}

/** A `%` that stands for itself stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toAnswer(answer: WireAnswer): DeliveryAnswer {
  if (!answer.answered) {
    const { detail } = answer.failure;
    return { delivered: false, final: false, detail };
  }
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { delivered: true };
  const final = status >= 400 && status < 500 && !RETRIED.has(status);
  return { delivered: false, final, detail: `the destination answered ${status}`, retryAfterMs };
}
