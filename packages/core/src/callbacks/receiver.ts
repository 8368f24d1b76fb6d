import { createSigner } from '../billing/signature.ts';
import { createWire, type WireAnswer } from '../wire/wire.ts';
import { ADDRESS_REFUSED, guardedLookup, isPublic, type Resolve } from './addresses.ts';
import type { Receiver, ReceiverAnswer } from './ports.ts';
import { whyNotCalled } from './receiver-url.ts';

/** A configured receiver of callbacks. */
export type ReceiverSettings = {
  /** The API key whose transfers it is told about, by name. */
  readonly key: string;
  readonly url: string;
  /** Each signs the message; the receiver needs to know one of them. */
  readonly secrets: readonly string[];
  readonly allowPrivate: boolean;
};

export type ReceiverOptions = {
  /** One try, from start to last byte, in ms. */
  timeoutMs?: number | undefined;
  /** The time for signatures, epoch ms: by Redis' clock, since this machine's may be wrong. */
  now: () => Promise<number>;
  resolve?: Resolve | undefined;
};

const TIMEOUT_MS = 10_000;

/** Statuses below 500 that tell of the receiver and not of this message: those of others would get the same. */
const OF_ALL = new Set([401, 403, 404, 405, 407, 408, 421, 426, 429]);

const HINTS: Record<number, string> = {
  401: 'it refuses us: check what it authenticates by, and CALLBACK_SECRET',
  403: 'it refuses us: check what it authenticates by, and CALLBACK_SECRET',
  404: 'not found: check its URL in CALLBACKS',
  405: 'it takes no POST there: check its URL in CALLBACKS',
  410: 'it wants none',
};

const NOT_PUBLIC =
  'its name leads to no address on the public internet; callbacks go inside only with CALLBACK_ALLOW_PRIVATE=true';
const NOT_PRIVATE = 'its name leads to no private address, and http is for those only: use https';

/** Posts signed messages (Standard Webhooks). The caller closes it. Throws if the URL must not be called. */
export function createReceiver(
  { key, url, secrets, allowPrivate }: ReceiverSettings,
  { timeoutMs = TIMEOUT_MS, now, resolve }: ReceiverOptions,
): Receiver {
  const why = whyNotCalled(url, allowPrivate);
  if (why !== undefined) throw new Error(`the receiver of ${key} ${why}`);
  const signers = secrets.map(createSigner);
  const wire = createWire(timeoutMs, () => undefined, {
    lookups: {
      plain: guardedLookup((address) => allowPrivate && !isPublic(address), resolve),
      secure: guardedLookup((address) => allowPrivate || isPublic(address), resolve),
    },
  });
  return {
    key,
    async send(id, body, signal) {
      const at = await now();
      const signed = signers.map((sign) => sign(id, body, at));
      const headers = {
        ...signed[0],
        'webhook-signature': signed.map((one) => one['webhook-signature']).join(' '),
      };
      // The exact bytes that were signed.
      return toAnswer(
        await wire.send({ operation: 'callback', method: 'POST', url, headers, body, signal }),
        url,
      );
    },
    close: () => wire.close(),
  };
}

function toAnswer(answer: WireAnswer, url: string): ReceiverAnswer {
  const { ms } = answer.note;
  if (!answer.answered) {
    const { detail } = answer.failure;
    const isRefused = detail.startsWith(ADDRESS_REFUSED);
    const why = isRefused ? (url.startsWith('http:') ? NOT_PRIVATE : NOT_PUBLIC) : detail;
    return { is: 'failed', why, ms, ofAll: true };
  }
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { is: 'delivered', status, ms };
  const hint =
    status < 400 ? 'a redirect, which is not followed: put the final URL into CALLBACKS' : HINTS[status];
  const why = `it answered ${status}${hint === undefined ? '' : `: ${hint}`}`;
  if (status === 410) return { is: 'gone', status, why, ms };
  const ofAll = status < 400 || status >= 500 || OF_ALL.has(status);
  return { is: 'failed', status, why, ms, ofAll, retryAfterMs };
}
