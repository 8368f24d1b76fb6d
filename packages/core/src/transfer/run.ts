import type { Compared } from './compare.ts';
import type { RefusedTarget } from './decide.ts';
import { isDoubtful, isOpen } from './intents.ts';
import type { RetryReason } from './next.ts';
import type { Policy } from './policy.ts';
import type { Call, Consults, Dialect, Failure, Reading } from './ports.ts';
import { createPurse, type Purse } from './purse.ts';
import type { Begun, OperationHold } from './record-steps.ts';
import type { TransferRequest } from './request.ts';
import type { RecordStore } from './stores.ts';
import { Story } from './story.ts';
import type { Actor, Intent, TransferRecord } from './words.ts';

export type RunPorts = {
  records: Pick<RecordStore, 'fence' | 'defer' | 'settle'>;
  platform: Dialect;
  policy: Policy;
  /** In [0, 1). */
  random: () => number;
  signal: AbortSignal;
};

type Started = Extract<Begun, { begun: true }>;

/**
 * One run over a begun transfer: its working copy of the record, its clock and its timeline entries. Waits: waits.ts; ends:
 * ends.ts.
 */
export class Run {
  readonly record: TransferRecord;
  readonly request: TransferRequest;
  readonly ports: RunPorts;
  readonly actor: Actor;
  /** What the budget reserved for this run in advance. */
  readonly purse: Purse;
  readonly story: Story;
  /** The operations that were held off when the run began. */
  readonly holds: readonly OperationHold[];
  readonly retries: RetryReason[] = [];
  readonly #startedAt: number;
  readonly #startedTick = performance.now();
  /** The earliest end of any wait in this run, from `Retry-After`. */
  askAgainAt = 0;
  /** Accepted → effect sent, in ms, once something was sent in this run. */
  effectLatencyMs: number | undefined;
  conflicts = 0;
  /** The platform's words of the latest of these refusals. */
  lastRefusal: string | undefined;
  readonly refusedTargets: RefusedTarget[] = [];
  /** The latest reading of the call in this run. */
  callSeen: Reading<Call> | undefined;

  constructor(
    { record, now, prepaid, holds = [] }: Started,
    request: TransferRequest,
    actor: Actor,
    ports: RunPorts,
  ) {
    this.record = record;
    this.holds = holds;
    const held = holds.map(({ operation }) => operation);
    this.purse = createPurse(prepaid, undefined, held);
    this.request = request;
    this.ports = ports;
    this.actor = actor;
    this.story = new Story({ actor, attempt: record.attempts, now: () => this.now() });
    this.#startedAt = now;
  }

  /** Redis' clock, continued by this machine's monotonic clock. Epoch milliseconds. */
  now(): number {
    return Math.round(this.#startedAt + (performance.now() - this.#startedTick));
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedTick);
  }

  /** Remembers the earliest time for a retry from a failure with `Retry-After` (docs/rules.md). */
  heed(failure: Failure): void {
    if (!('retryAfterMs' in failure) || failure.retryAfterMs === undefined) return;
    this.askAgainAt = Math.max(this.askAgainAt, this.now() + failure.retryAfterMs);
  }

  /** Closes intents that are proven not to have happened; keeps only those that were ever in doubt. */
  closeIntents(ended: Intent[]): void {
    this.replaceIntents(ended);
    this.record.intents = this.record.intents.filter(({ state }) => state !== 'closed');
  }

  replaceIntents(changed: Intent[]): void {
    this.record.intents = this.record.intents.map(
      (intent) => changed.find((other) => other.id === intent.id) ?? intent,
    );
  }

  /** The platform refused because the call changed: counts it; the intent stays open until the next reading. */
  conflict(refused: Intent, words: string): void {
    this.lastRefusal = words;
    this.record.conflicts += 1;
    this.conflicts += 1;
    this.retries.push('conflict');
    this.replaceIntents([refused]);
  }

  /** Intents that may have been executed and that no reading has resolved yet. */
  get doubts(): Intent[] {
    return this.record.intents.filter((intent) => isOpen(intent) && isDoubtful(intent));
  }

  get unconfirmedTooLong(): boolean {
    const { unconfirmedSince } = this.record;
    return unconfirmedSince > 0 && this.now() >= unconfirmedSince + this.ports.policy.unconfirmedMaxMs;
  }

  /** The parameters for comparing intents with a reading. */
  get compared(): Compared {
    const { platform, policy } = this.ports;
    return {
      trace: platform.trace,
      settleWindowMs: policy.settleWindowMs,
      readLagMs: platform.timing.readLagMs,
    };
  }

  /** The dialect's consults. Throws if the dialect has two steps but does not define them. */
  get consults(): Consults {
    const { consults } = this.ports.platform;
    if (consults === undefined) throw new Error('a dialect with two steps must define its consults');
    return consults;
  }

  /**
   * Whether nothing can be sent: the operation for the target is held off, and none for a fallback is free. So nothing needs to be
   * read.
   */
  get heldEffect(): OperationHold | undefined {
    const { target, fallback } = this.request;
    const holdFor = (one: typeof target) =>
      this.holds.find(({ operation }) => operation === this.ports.platform.operationFor?.(one));
    const held = holdFor(target);
    return fallback === undefined || holdFor(fallback) !== undefined ? held : undefined;
  }

  get overdue(): boolean {
    return this.now() >= this.record.expiresAt;
  }
}
