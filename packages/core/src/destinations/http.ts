import type { DeliveryAnswer, FailureKind } from '../billing/deliver.ts';
import { createSigner } from '../billing/signature.ts';
import type { RequestNote } from '../transfer/words.ts';
import { createWire, type WireAnswer } from '../wire/wire.ts';
import type { DestinationParts, DestinationSettings, OpenDestination } from './destination.ts';

export type HttpDestinationOptions = {
  url: string;
  /** Signs each bill by Standard Webhooks; `whsec_…` is base64, anything else is used as raw bytes. */
  secret?: string | undefined;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  onRequest: (note: RequestNote) => void;
  /** The time for signatures, epoch ms: by Redis' clock, since this machine's may be wrong. */
  now?: () => Promise<number>;
};

/** Statuses below 500 that do not reject the bill itself; any other 4xx does (docs/billing.md). */
const KINDS: Record<number, FailureKind> = {
  401: 'misconfigured',
  402: 'misconfigured',
  403: 'misconfigured',
  404: 'misconfigured',
  405: 'misconfigured',
  407: 'misconfigured',
  421: 'misconfigured',
  426: 'misconfigured',
  408: 'trouble',
  429: 'trouble',
  409: 'busy',
  423: 'busy',
  425: 'busy',
  410: 'gone',
};

/** The probable cause, for operators. */
const HINTS: Record<number, string> = {
  401: 'it rejects our credentials',
  403: 'it denies access',
  404: 'not found: check BILLING_URL',
  409: 'it is still processing an earlier try of this record',
  410: 'it is gone permanently',
  423: 'the record is locked',
  425: 'too early',
};

const TIMEOUT_MS = 10_000;

export function openHttp(
  { url, secret }: DestinationSettings,
  { now }: DestinationParts,
): OpenDestination | undefined {
  if (url === undefined) return undefined;
  return createHttpDestination({ url, secret, timeoutMs: TIMEOUT_MS, onRequest: () => undefined, now });
}

/** Posts bills to an HTTP endpoint, with the bill's id as `Idempotency-Key`. The caller closes it. */
export function createHttpDestination({
  url,
  secret,
  timeoutMs,
  onRequest,
  now = async () => Date.now(),
}: HttpDestinationOptions): OpenDestination {
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
        ...signer?.(bill.id, body, await now()),
      };
      // The exact bytes that were signed.
      return toAnswer(
        await wire.send({ operation: 'bill', method: 'POST', url: target, headers, body, signal }),
      );
    },
    close: async () => wire.close(),
  };
}

/** Moves a user and password in the URL into Basic authentication (RFC 7617). */
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

/** Keeps a literal `%`. */
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
    return { delivered: false, kind: 'trouble', detail };
  }
  const { status, type, retryAfterMs } = answer;
  const isGood = status >= 200 && status < 300;
  // A maintenance or login page of an intermediary; the billing system has not received the bill.
  const isPage = type === 'text/html' && status !== 204 && status !== 205;
  if (isGood && !isPage) return { delivered: true };
  const kind = KINDS[status] ?? (status >= 400 && status < 500 ? 'refused' : 'trouble');
  const hint = isGood ? 'a web page, so not from the billing system' : HINTS[status];
  const detail = `the destination answered ${status}${hint === undefined ? '' : `: ${hint}`}`;
  return { delivered: false, kind, detail, retryAfterMs };
}
