import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Settings } from '../settings.ts';
import { signatureHeaders } from '../signature.ts';
import type { CallEvent, EventEntry, Sending } from './call-event.ts';
import { Poster } from './post.ts';

/** One event for one URL, with its remaining retries. */
type Delivery = {
  entry: EventEntry;
  callbackUrl: string;
  delayMs: number;
  retryCount: number;
  retryIntervalMs: number;
};

const MOST_IN_FLIGHT = 50;

/** Sends each event until it is answered 2xx or no retry is left, and records every attempt in the event's entry. */
export class Sender {
  readonly #settings: () => Settings;
  readonly #now: () => number;
  readonly #poster = new Poster();
  readonly #deliveries = new Map<AbortController, Promise<void>>();
  readonly #waitingForASlot: (() => void)[] = [];
  #inFlight = 0;

  constructor(settings: () => Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Resolves when the delivery has succeeded or failed. */
  send(delivery: Delivery): Promise<void> {
    const ending = new AbortController();
    const over = this.#deliver(delivery, ending.signal)
      .catch((error: unknown) => {
        if (!ending.signal.aborted) throw error;
      })
      .finally(() => this.#deliveries.delete(ending));
    this.#deliveries.set(ending, over);
    return over;
  }

  /** Resolves when no delivery is waiting or in flight. */
  async settled(): Promise<void> {
    while (this.#deliveries.size > 0) await Promise.allSettled(this.#deliveries.values());
  }

  /** Aborts every delivery and cuts the connections. */
  async end(): Promise<void> {
    for (const ending of this.#deliveries.keys()) ending.abort();
    this.#poster.close();
    await this.settled();
  }

  async #deliver(delivery: Delivery, signal: AbortSignal): Promise<void> {
    await pause(delivery.delayMs, signal);
    for (let retriesLeft = delivery.retryCount; ; retriesLeft -= 1) {
      const status = await this.#inSlot(() => this.#attempt(delivery, signal), signal);
      if (status !== null && status >= 200 && status < 300) return;
      if (retriesLeft === 0) return;
      await pause(this.#settings().eventRetryIntervalMs ?? delivery.retryIntervalMs, signal);
    }
  }

  async #inSlot<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    if (this.#inFlight < MOST_IN_FLIGHT) this.#inFlight += 1;
    else await new Promise<void>((resolve) => this.#waitingForASlot.push(resolve));
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      const next = this.#waitingForASlot.shift();
      if (next) next();
      else this.#inFlight -= 1;
    }
  }

  async #attempt({ entry, callbackUrl }: Delivery, signal: AbortSignal): Promise<number | null> {
    const sending: Sending = { at: this.#now(), url: withoutQuery(callbackUrl), status: null, ms: null };
    entry.sendings.push(sending);
    const body = JSON.stringify(entry.event);
    try {
      sending.status = await this.#poster.post(callbackUrl, this.#headers(entry.event, body), body, signal);
    } catch {
      // No answer: the status stays null.
    }
    sending.ms = this.#now() - sending.at;
    return sending.status;
  }

  // Configured headers go last: they may override the signature.
  #headers(event: CallEvent, body: string): Record<string, string> {
    const { eventSecret, eventHeaders } = this.#settings();
    const id = event.id ?? createHash('sha256').update(body).digest('hex');
    const extra = Object.entries(eventHeaders).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...(eventSecret !== null && signatureHeaders(eventSecret, { id, at: new Date(this.#now()), body })),
      ...Object.fromEntries(extra),
    };
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal });
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
