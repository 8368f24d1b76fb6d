import type { Compared } from './compare.ts';
import { mayBeForgotten, whyMoved } from './forgotten.ts';
import { closed, isDoubtful, isOpen } from './intents.ts';
import { type Policy, retryDelayMs, unconfirmedGapMs } from './policy.ts';
import type {
  Begun,
  Call,
  Deferral,
  Dialect,
  Failure,
  Reading,
  RecordStore,
  Settled,
  SettledFacts,
} from './ports.ts';
import { createPurse, type Purse } from './purse.ts';
import {
  type Actor,
  actorLabel,
  type Intent,
  type Outcome,
  type RequestNote,
  type TimelineEntry,
  type TransferRecord,
  type TransferRequest,
} from './words.ts';

/** What the queue should do next with the transfer's job. `until` is epoch milliseconds by Redis' clock. */
export type Next =
  | { do: 'done'; outcome: Outcome; facts: SettledFacts }
  | { do: 'sleep'; until: number; inMs: number }
  | { do: 'hold'; until: number; inMs: number }
  | { do: 'hand-back' }
  | { do: 'park' }
  /** It happened, but it had been settled otherwise before: a person must hear of it. */
  | { do: 'contradicted'; outcome: Outcome; settledAs: Outcome }
  | { do: 'nothing'; why: string };

/** Why a transfer had to wait or go again; the label of `handover_retries_total`. */
export const retryReasons = [
  'server-error',
  'no-answer',
  'conflict',
  'stale-reading',
  'hold-off',
  'unconfirmed',
  'worker-lost',
] as const;
export type RetryReason = (typeof retryReasons)[number];

const SHORTEST_STALE_GAP_MS = 250;
const NOTHING_SENT_DELAY_MS = 500;
const MOST_DOUBLINGS = 6;
const RECOVERY_LOOK_MS = 1_000;

export type RunPorts = {
  records: Pick<RecordStore, 'fence' | 'defer' | 'settle'>;
  platform: Dialect;
  policy: Policy;
  /** In [0, 1). */
  random: () => number;
  signal: AbortSignal;
};

type Started = Extract<Begun, { begun: true }>;

/** One run over a begun transfer: its working copy of the record, its story so far, and the ways in which it may end. */
export class Run {
  readonly record: TransferRecord;
  readonly request: TransferRequest;
  readonly ports: RunPorts;
  /** What was taken from the budget for this run in advance. */
  readonly purse: Purse;
  readonly requests: RequestNote[] = [];
  readonly retries: RetryReason[] = [];
  readonly #actor: Actor;
  readonly #startedAt: number;
  readonly #startedTick = performance.now();
  #entries: TimelineEntry[] = [];
  #storedEntries = 0;
  /** No wait of this run ends before: the other side said when it may be asked again. */
  #askAgainAt = 0;
  /** Accepted → effect sent, in ms, once something was sent in this run. */
  effectLatencyMs: number | undefined;
  conflicts = 0;
  /** The latest reading of the call in this run. */
  callSeen: Reading<Call> | undefined;
  /** The latest step of its story, and the latest rule that decided something. */
  last: Pick<TimelineEntry, 'step' | 'rule' | 'decided'> = { step: 'started' };

  constructor({ record, now, prepaid }: Started, request: TransferRequest, actor: Actor, ports: RunPorts) {
    this.record = record;
    this.purse = createPurse(prepaid);
    this.request = request;
    this.ports = ports;
    this.#actor = actor;
    this.#startedAt = now;
  }

  /** Redis' clock, carried on by this machine's monotonic one. Epoch milliseconds. */
  now(): number {
    return Math.round(this.#startedAt + (performance.now() - this.#startedTick));
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedTick);
  }

  /** Keeps in mind when the other side may be asked again, where a failure says so (`Retry-After`; docs/rules.md). */
  heed(failure: Failure): void {
    if (!('retryAfterMs' in failure) || failure.retryAfterMs === undefined) return;
    this.#askAgainAt = Math.max(this.#askAgainAt, this.now() + failure.retryAfterMs);
  }

  /** Adds one decision to the timeline; stored with the next atomic step. */
  tell(entry: Omit<TimelineEntry, 'at' | 'by' | 'attempt'>): void {
    this.#entries.push({
      at: this.now(),
      by: actorLabel(this.#actor),
      attempt: this.record.attempts,
      ...entry,
    });
    if (entry.requests !== undefined) this.requests.push(...entry.requests);
    const { step, rule = this.last.rule, decided = this.last.decided } = entry;
    this.last = { step, rule, decided };
  }

  takeEntries(): TimelineEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** So many entries are in the timeline already, before the run ends. */
  entriesStored(count: number): void {
    this.#storedEntries += count;
  }

  /** Entries that were not stored after all. */
  putBack(entries: TimelineEntry[]): void {
    this.#entries = [...entries, ...this.#entries];
  }

  /** What is proven not to have happened; only what was ever in doubt is worth remembering. */
  closeIntents(ended: Intent[]): void {
    this.replaceIntents(ended);
    this.record.intents = this.record.intents.filter(({ state }) => state !== 'closed');
  }

  replaceIntents(changed: Intent[]): void {
    this.record.intents = this.record.intents.map(
      (intent) => changed.find((other) => other.id === intent.id) ?? intent,
    );
  }

  /** The platform refused because the call changed: counted, and the intent stays open until the next reading. */
  conflict(refused: Intent): void {
    this.record.conflicts += 1;
    this.conflicts += 1;
    this.retries.push('conflict');
    this.replaceIntents([refused]);
  }

  /** The intents that may have happened and that no reading has settled yet. */
  get doubts(): Intent[] {
    return this.record.intents.filter((intent) => isOpen(intent) && isDoubtful(intent));
  }

  get unconfirmedTooLong(): boolean {
    const { unconfirmedSince } = this.record;
    return unconfirmedSince > 0 && this.now() >= unconfirmedSince + this.ports.policy.unconfirmedMaxMs;
  }

  /** What a comparison of intents with a reading needs to know. */
  get compared(): Compared {
    const { platform, policy } = this.ports;
    return {
      trace: platform.trace,
      settleWindowMs: policy.settleWindowMs,
      readLagMs: platform.timing.readLagMs,
    };
  }

  get overdue(): boolean {
    return this.now() >= this.record.expiresAt;
  }

  /** It happened, and somebody saw it. */
  async transferred(intent: Intent, confirmedBy: 'answer' | 'reading', rule: string): Promise<Next> {
    const { target, isFallback } = intent;
    return this.#settle({ status: 'transferred', target, isFallback, confirmedBy }, 'seen', rule);
  }

  /** Ends the transfer without a move; while a doubt is open it first waits for the proof (docs/rules.md). */
  async negative(outcome: Outcome, rule: string): Promise<Next> {
    if (this.doubts.length === 0)
      return (await this.holdWhatMayBeMoved()) ?? this.#settle(outcome, 'attempt', rule);
    this.record.verdict = outcome;
    return this.awaitProof(`${outcome.status}, once it is proven that nothing happened: ${rule}`);
  }

  /** Sleeps until a reading can prove what became of the latest sending. */
  async awaitProof(rule: string): Promise<Next> {
    const { settleWindowMs, readLagMs } = this.compared;
    const provenAt = Math.max(...this.doubts.map((intent) => intent.at + settleWindowMs + readLagMs));
    this.retries.push('unconfirmed');
    return this.#sleep(Math.max(provenAt, this.now()), rule);
  }

  /** The platform has taken it: the transfer is unconfirmed until a reading or an event shows how that ends. */
  async accepted(intent: Intent, rule: string): Promise<Next> {
    const { record } = this;
    this.replaceIntents([{ ...intent, state: 'accepted' }]);
    const { gapsMs } = this.ports.platform.timing.confirm;
    if (record.unconfirmedSince === 0) record.unconfirmedSince = this.now();
    if (this.unconfirmedTooLong) return this.park(rule);
    const gap = gapsMs[Math.min(record.unconfirmedReads, gapsMs.length - 1)] ?? gapsMs[0];
    record.unconfirmedReads += 1;
    this.retries.push('unconfirmed');
    const { at } = intent;
    const provenAt = at + this.compared.settleWindowMs + this.compared.readLagMs;
    const isBefore = this.now() < provenAt;
    return this.#sleep(isBefore ? Math.min(this.now() + gap, provenAt) : this.now() + gap, rule);
  }

  /** A reading that proved nothing: read again at growing gaps, at last leave it to a person. */
  async readAgainLater(rule: string): Promise<Next> {
    const { record } = this;
    const { policy, random } = this.ports;
    if (record.unconfirmedSince === 0) record.unconfirmedSince = this.now();
    if (this.unconfirmedTooLong) return this.park(rule);
    const lastRead = record.unconfirmedSince + policy.unconfirmedMaxMs;
    const gap = unconfirmedGapMs(policy, record.unconfirmedReads, random());
    record.unconfirmedReads += 1;
    this.retries.push('unconfirmed');
    return this.#sleep(Math.min(this.now() + gap, lastRead), rule);
  }

  /**
   * The reading was older than a refusal of ours: read again once as much time has passed again as since the sending. A
   * conflict of this run that it was taken for burns none.
   */
  async readStaleAgain({ at }: Intent, provenAt: number, rule: string): Promise<Next> {
    if (this.conflicts > 0) {
      this.conflicts -= 1;
      this.record.conflicts -= 1;
    }
    const now = this.now();
    const gapMs = Math.max(now - at, SHORTEST_STALE_GAP_MS);
    this.retries.push('stale-reading');
    return this.#sleep(Math.max(Math.min(now + gapMs, provenAt), now), rule);
  }

  /** The reading may be older than a refusal: one that is begun at `at` tells. */
  async readAfterLag(at: number, rule: string): Promise<Next> {
    this.retries.push('stale-reading');
    return this.#sleep(Math.max(at, this.now()), rule);
  }

  /** A server error, or no answer: delayed and counted; past the last retry `failed`, past the deadline `expired`. */
  async retryLater(reason: RetryReason, rule: string): Promise<Next> {
    const { record } = this;
    const { policy, random } = this.ports;
    record.serverErrors += 1;
    if (record.serverErrors > policy.serverErrorMaxRetries)
      return this.negative(
        { status: 'failed', reason: 'platform-unavailable', detail: rule },
        'retries used up',
      );
    const delayMs = retryDelayMs(policy, record.serverErrors, random());
    const nextAt = Math.max(this.now() + delayMs, this.#askAgainAt);
    if (nextAt >= record.expiresAt)
      return this.negative({ status: 'expired', detail: rule }, 'the next try would come past the deadline');
    this.retries.push(reason);
    return this.#sleep(nextAt, rule);
  }

  /** Everybody holds off: the job goes back to the queue and burns no attempt. */
  async holdOff(until: number, rule: string): Promise<Next> {
    this.retries.push('hold-off');
    this.tell({ step: 'waiting', rule, decided: `hold off until ${new Date(until).toISOString()}` });
    const stored = await this.#defer({ nextAt: until, refund: true, status: this.#waitingStatus('delayed') });
    return stored ?? { do: 'hold', until, inMs: Math.max(0, until - this.now()) };
  }

  /** This worker stops before anything was sent: another one takes the transfer up. */
  async handBack(rule: string): Promise<Next> {
    this.tell({ step: 'waiting', rule, decided: 'handed back' });
    const stored = await this.#defer({ nextAt: 0, refund: true, status: this.#waitingStatus('queued') });
    return stored ?? { do: 'hand-back' };
  }

  /** Something of ours broke before anything was sent: soon tried again, and not counted as trouble of the platform. */
  async nothingSent(rule: string): Promise<Next> {
    const { policy, random } = this.ports;
    const delayMs = NOTHING_SENT_DELAY_MS * 2 ** Math.min(this.record.attempts - 1, MOST_DOUBLINGS);
    return this.#sleep(this.now() + Math.min(delayMs, retryDelayMs(policy, 1, random())), rule);
  }

  /**
   * Redis may have forgotten that this very move was made: nothing is sent, and no end is told, without an event's or a
   * person's word. Whether it has forgotten anything may be known in a moment. `undefined`: nothing speaks against going on.
   */
  async holdWhatMayBeMoved(): Promise<Next | undefined> {
    const { record, ports } = this;
    if (record.recovery === null || !mayBeForgotten(record, ports.policy)) return undefined;
    const why = whyMoved(record, this.callSeen);
    if (why === undefined) return undefined;
    if (record.recovery.unsure)
      return this.#sleep(this.now() + RECOVERY_LOOK_MS, `${why}, and Redis may have forgotten something`);
    record.held = { from: record.recovery.since - ports.policy.recoveryMs };
    return this.park(`${why}, and Redis may have forgotten that it was moved`);
  }

  async #sleep(at: number, rule: string): Promise<Next> {
    const until = Math.max(at, this.#askAgainAt);
    const status = this.#waitingStatus('delayed');
    this.tell({ step: 'waiting', rule, decided: `${status} until ${new Date(until).toISOString()}` });
    const stored = await this.#defer({ nextAt: until, refund: false, status });
    return stored ?? { do: 'sleep', until, inMs: Math.max(0, until - this.now()) };
  }

  /** Stays unconfirmed and waits for a person or an event. */
  async park(rule: string): Promise<Next> {
    this.tell({ step: 'parked', rule, decided: 'listed with the dead letters; the call is let go' });
    const stored = await this.#defer({ nextAt: 0, refund: false, status: 'unconfirmed', parked: true });
    return stored ?? { do: 'park' };
  }

  /** "Unconfirmed" is what a waiting transfer is called for as long as something sent may have happened. */
  #waitingStatus(otherwise: 'queued' | 'delayed'): Deferral['status'] {
    return this.doubts.length > 0 ? 'unconfirmed' : otherwise;
  }

  async #defer(
    how: Pick<Deferral, 'nextAt' | 'refund' | 'status'> & { parked?: true },
  ): Promise<Next | undefined> {
    const { record } = this;
    if (this.doubts.length === 0) record.unconfirmedSince = 0;
    else if (record.unconfirmedSince === 0) record.unconfirmedSince = this.now();
    const stored = await this.ports.records.defer(
      record.id,
      record.epoch,
      {
        parked: false,
        ...how,
        intents: record.intents,
        verdict: record.verdict,
        serverErrors: record.serverErrors,
        conflicts: record.conflicts,
        unconfirmedReads: record.unconfirmedReads,
        unconfirmedSince: record.unconfirmedSince,
        held: record.held ?? undefined,
        storedEntries: this.#storedEntries,
      },
      this.takeEntries(),
    );
    return stored === 'stale' ? { do: 'nothing', why: 'settled or taken over meanwhile' } : undefined;
  }

  async #settle(outcome: Outcome, guard: 'attempt' | 'seen', rule: string): Promise<Next> {
    const { record } = this;
    const decided = outcome.reason === undefined ? outcome.status : `${outcome.status}: ${outcome.reason}`;
    this.tell({ step: 'outcome', rule, decided, detail: outcome.detail });
    const intents = record.intents.map(closed);
    const settled: Settled = await this.ports.records.settle(
      record.id,
      {
        guard,
        epoch: record.epoch,
        outcome,
        intents,
        conflicts: record.conflicts,
        deadLetter: outcome.status === 'failed',
        actor: this.#actor,
      },
      this.takeEntries(),
    );
    if (settled.settled) return { do: 'done', outcome, facts: settled.facts };
    if (settled.why === 'contradicted') return { do: 'contradicted', outcome, settledAs: settled.outcome };
    return { do: 'nothing', why: settled.why === 'already' ? 'settled meanwhile' : settled.why };
  }
}
