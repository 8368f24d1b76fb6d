import { randomUUID } from 'node:crypto';
import { Recent } from '../recent.ts';
import { drawLatency, type Settings } from '../settings.ts';
import type { Call } from '../words.ts';
import type { CallEvent, EventEntry } from './call-event.ts';
import { Sender } from './sender.ts';
import type { Webhooks } from './webhooks.ts';

type EventsOptions = {
  webhooks: Webhooks;
  settings: () => Settings;
  now: () => number;
  random: () => number;
  onEvent: (entry: EventEntry) => void;
};

/** The last 100,000 events, and their delivery. Events are always created, but sent only between `open` and `close`. */
export class Events {
  readonly #webhooks: Webhooks;
  readonly #settings: () => Settings;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #onEvent: (entry: EventEntry) => void;
  readonly #sender: Sender;
  readonly #entries = new Recent<EventEntry>();
  readonly #lastMoments = new Map<string, number>();
  #seq = 0;
  #isOpen = false;

  constructor({ webhooks, settings, now, random, onEvent }: EventsOptions) {
    this.#webhooks = webhooks;
    this.#settings = settings;
    this.#now = now;
    this.#random = random;
    this.#onEvent = onEvent;
    this.#sender = new Sender(settings, now);
  }

  /** Creates and sends the event of a changed call. The caller announces it once the change is complete. */
  make(call: Call): EventEntry {
    const { eventDropRate, eventDuplicateRate, eventDelayMs } = this.#settings();
    const entry = this.#add(this.#describe(call), this.#isDrawn(eventDropRate));
    if (entry.dropped || !this.#isOpen) return entry;
    const copies = this.#isDrawn(eventDuplicateRate) ? 2 : 1;
    for (const { callback_url: callbackUrl, retry_policy: policy } of this.#webhooks.matching(entry.event)) {
      const retryCount = policy?.retry_count ?? 0;
      const retryIntervalMs = (policy?.retry_interval_seconds ?? 0) * 1000;
      for (let copy = 0; copy < copies; copy += 1) {
        const delayMs = drawLatency(eventDelayMs, this.#random);
        void this.#sender.send({ entry, callbackUrl, delayMs, retryCount, retryIntervalMs });
      }
    }
    return entry;
  }

  announce(entry: EventEntry): void {
    this.#onEvent(entry);
  }

  /**
   * Sends an event manually, without drops, delay and retries: to subscribed webhooks, or to this URL. Resolves with
   * its entry after the answer; an event of the log (by its id, or the object itself) keeps its entry. Rejects while
   * the sandbox does not listen.
   */
  async send(event: CallEvent, callbackUrl?: string): Promise<EventEntry> {
    if (!this.#isOpen) throw new Error('Events are sent only while the sandbox listens');
    const entry = this.#entries.list().findLast((known) => isSame(known.event, event)) ?? this.#add(event);
    const urls =
      callbackUrl === undefined
        ? this.#webhooks.matching(event).map((webhook) => webhook.callback_url)
        : [callbackUrl];
    const byHand = { entry, delayMs: 0, retryCount: 0, retryIntervalMs: 0 };
    await Promise.all(urls.map((url) => this.#sender.send({ ...byHand, callbackUrl: url })));
    return entry;
  }

  /** The last events, oldest first; with a `callId`, those of that call. */
  entries(callId?: string): EventEntry[] {
    const entries = this.#entries.list();
    if (callId === undefined) return entries;
    return entries.filter(({ event }) => event.event_data.id === callId);
  }

  /** Resolves when no event is waiting or in flight. */
  settled(): Promise<void> {
    return this.#sender.settled();
  }

  open(): void {
    this.#isOpen = true;
  }

  /** Aborts waiting and running deliveries. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#sender.end();
  }

  /** Clears the log; `seq` continues, and so do deliveries in flight. */
  clear(): void {
    this.#entries.clear();
  }

  /** Clears the log and the last timestamps, and aborts all deliveries. */
  reset(): void {
    this.#entries.clear();
    this.#lastMoments.clear();
    void this.#sender.end();
  }

  #add(event: CallEvent, dropped = false): EventEntry {
    this.#seq += 1;
    const entry = { seq: this.#seq, at: this.#now(), event, dropped, sendings: [] };
    this.#entries.add(entry);
    return entry;
  }

  #describe({ id, state, privacy, transferType, target }: Call): CallEvent {
    const { eventIds, eventTargetTypes, eventClockSkewMs } = this.#settings();
    return {
      ...(eventIds && { id: randomUUID() }),
      type: 'voice.call.updated',
      timestamp: new Date(this.#momentOf(id) + eventClockSkewMs).toISOString(),
      event_data: {
        id,
        state,
        privacy,
        ...(transferType && { transferType }),
        ...(target && { target: eventTargetTypes ? target : { id: target.id } }),
      },
    };
  }

  // Timestamps order the events of a call, so no two share one.
  #momentOf(callId: string): number {
    const moment = Math.max(
      Math.floor(this.#now()),
      (this.#lastMoments.get(callId) ?? Number.NEGATIVE_INFINITY) + 1,
    );
    this.#lastMoments.set(callId, moment);
    return moment;
  }

  #isDrawn(rate: number): boolean {
    return this.#random() < rate;
  }
}

function isSame(known: CallEvent, event: CallEvent): boolean {
  return known === event || (event.id !== undefined && known.id === event.id);
}
