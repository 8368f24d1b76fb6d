import { randomUUID } from 'node:crypto';
import type { Events } from '../events/events.ts';
import type { Ledger } from '../ledger.ts';
import type { Call, Target, TransferType } from '../words.ts';

export type CallFields = {
  state?: string | undefined;
  privacy?: boolean | undefined;
  transferType?: TransferType | undefined;
  target?: Target | undefined;
};

/** A change of a call from outside the voice API; `move` is a transfer by someone else. */
export type CallAction =
  | { action: 'hang-up' | 'make-private' | 'bump-etag' }
  | { action: 'move'; target: Target; transferType?: TransferType | undefined };

export type Move = {
  by: 'api' | 'someone-else';
  transferType: TransferType;
  target: Target;
  wrapUpCode?: { id: string };
  ifMatch?: string;
};

type Version = { at: number; call: Call };

const VERSIONS_KEPT = 100;

/** Whether a call in this state has ended (the two states of the voice API). */
export function hasEnded(call: Call): boolean {
  return call.state === 'disconnected' || call.state === 'terminated';
}

/** The calls, each with a short history of versions. Every change makes a new version with a new ETag, and an event. */
export class Calls {
  readonly #histories = new Map<string, Version[]>();
  readonly #ledger: Ledger;
  readonly #events: Events;
  readonly #now: () => number;
  // ETags never recur, neither after a reset of the call nor after a restart of the sandbox.
  readonly #etagPrefix = randomUUID().slice(0, 8);
  #versions = 0;

  constructor(ledger: Ledger, events: Events, now: () => number) {
    this.#ledger = ledger;
    this.#events = events;
    this.#now = now;
  }

  /** Creates or resets the call: missing fields get the defaults of a new connected call, and the history is cleared. */
  put(id: string, fields: CallFields = {}): Call {
    const call: Call = {
      id,
      state: fields.state ?? 'connected',
      privacy: fields.privacy ?? false,
      etag: this.#nextEtag(),
      ...(fields.transferType && { transferType: fields.transferType }),
      ...(fields.target && { target: fields.target }),
    };
    this.#histories.set(id, [{ at: this.#now(), call }]);
    return call;
  }

  has(id: string): boolean {
    return this.#histories.has(id);
  }

  delete(id: string): void {
    this.#histories.delete(id);
  }

  clear(): void {
    this.#histories.clear();
  }

  /**
   * The current call, or with `at` (epoch milliseconds) its state then; a call younger than `at` is shown in its
   * first state. Undefined for an unknown call.
   */
  read(id: string, at = Number.POSITIVE_INFINITY): Call | undefined {
    const history = this.#histories.get(id);
    return (history?.findLast((version) => version.at <= at) ?? history?.[0])?.call;
  }

  /** Applies an action to the call. Returns the resulting call, or undefined for an unknown call or the move of an ended one. */
  act(id: string, action: CallAction): Call | undefined {
    switch (action.action) {
      case 'hang-up':
        return this.#change(id, { state: 'disconnected' });
      case 'make-private':
        return this.#change(id, { privacy: true });
      case 'bump-etag':
        return this.#change(id, {});
      case 'move':
        return this.move(id, {
          by: 'someone-else',
          transferType: action.transferType ?? 'blind',
          target: action.target,
        });
    }
  }

  /** The effect: moves the call, creates its event and writes the ledger in one synchronous step. Undefined for an unknown or ended call. */
  move(id: string, move: Move): Call | undefined {
    const before = this.read(id);
    if (!before || hasEnded(before)) return undefined;
    const { transferType, target } = move;
    return this.#change(id, { transferType, target }, ({ etag }) => {
      const etags = { etagBefore: before.etag, etagAfter: etag };
      this.#ledger.append({ at: this.#now(), callId: id, ...move, ...etags });
    });
  }

  // Listeners run last, so that their changes to the call are later in ledger and events.
  #change(
    id: string,
    change: Partial<Omit<Call, 'id' | 'etag'>>,
    record?: (call: Call) => void,
  ): Call | undefined {
    const history = this.#histories.get(id);
    const current = history?.at(-1);
    if (!history || !current) return undefined;
    const call = { ...current.call, ...change, etag: this.#nextEtag() };
    history.push({ at: this.#now(), call });
    if (history.length > VERSIONS_KEPT) history.shift();
    const event = this.#events.make(call);
    record?.(call);
    this.#events.announce(event);
    return call;
  }

  #nextEtag(): string {
    this.#versions += 1;
    return `"${this.#etagPrefix}-${this.#versions}"`;
  }
}
