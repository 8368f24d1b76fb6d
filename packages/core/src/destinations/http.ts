import type { DeliveryAnswer, FailureKind } from '../billing/deliver.ts';
import { createSigner } from '../billing/signature.ts';
import type { RequestNote } from '../transfer/words.ts';
import { createWire, type WireAnswer } from '../wire/wire.ts';
import type { DestinationParts, DestinationSettings, OpenDestination } from './destination.ts';

export type HttpDestinationOptions = {
  url: string;
  /** Signs each bill by Standard Webhooks; `whsec_…` is base64, anything else counts as it stands. */
  secret?: string | undefined;
  /** One request, from start to last byte, in ms. */
  timeoutMs: number;
  onRequest: (note: RequestNote) => void;
  /** The time that is signed, epoch ms: Redis', where the clock of this machine may be wrong. */
  now?: () => Promise<number>;
};

/** Statuses below 500 that do not refuse the bill itself; any other 4xx does (docs/billing.md). */
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

/** What an operator should think of first. */
const HINTS: Record<number, string> = {
  401: 'it does not accept our credentials',
  403: 'it does not let us in',
  404: 'nothing is there: is BILLING_URL right?',
  409: 'it is still at work on an earlier try of this record',
  410: 'it is gone for good',
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

/** Bills as POSTs to an HTTP endpoint, each with the bill's id as its `Idempotency-Key`. The caller closes it. */
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
      // As it was signed.
      return toAnswer(
        await wire.send({ operation: 'bill', method: 'POST', url: target, headers, body, signal }),
      );
    },
    close: async () => wire.close(),
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
    return { delivered: false, kind: 'trouble', detail };
  }
  const { status, type, retryAfterMs } = answer;
  const isGood = status >= 200 && status < 300;
  // A maintenance or log-in page on the way; the billing system has not seen the bill.
  const isPage = type === 'text/html' && status !== 204 && status !== 205;
  if (isGood && !isPage) return { delivered: true };
  const kind = KINDS[status] ?? (status >= 400 && status < 500 ? 'refused' : 'trouble');
  const hint = isGood ? 'a web page, which no billing system sends' : HINTS[status];
  const detail = `the destination answered ${status}${hint === undefined ? '' : `: ${hint}`}`;
  return { delivered: false, kind, detail, retryAfterMs };
}
