import { randomUUID } from 'node:crypto';
import { type FollowUp, followUpId, type LeftToDo } from '../../transfer/follow-up-words.ts';
import { isOpen } from '../../transfer/intents.ts';
import type { Costs } from '../../transfer/ports.ts';
import type {
  Begun,
  Deferral,
  Fenced,
  OperationHold,
  Settled,
  Settlement,
} from '../../transfer/record-steps.ts';
import { consultUnderWay, isBeginning, mayNeedEnd } from '../../transfer/steps.ts';
import type { RecordStore } from '../../transfer/stores.ts';
import type { Intent, Outcome, TimelineEntry } from '../../transfer/words.ts';
import { auditFields } from '../audit.ts';
import type { RedisClient } from '../connection.ts';
import { keptFor } from '../history.ts';
import { type Lane, laneKeys } from '../keys.ts';
import type { BudgetOptions } from '../pace/budget.ts';
import { rateLimited } from '../pace/hold-off.ts';
import type { Progress } from '../presence.ts';
import type { Replicated, ReplicatedWriter } from '../replicated.ts';
import { loadScripts, pairs, type ScriptInput } from '../scripts.ts';
import { storedIntent } from './intents.ts';
import { followUpField, parseRecord } from './record.ts';

/** How long after its due time the sweep checks that a job exists, in ms. */
export const SWEEP_GRACE_MS = 5_000;
const IDEMPOTENT_ANSWER_MS = 24 * 3_600_000;
const LATEST_FENCE_MS = 1_000;
/** How long sending pauses if the intent was not safe, in ms. */
const AGAIN_MS = 1_000;

const NO_LIMIT: BudgetOptions = { requests: 0, windowMs: 0 };
const NO_COSTS: Costs = { run: 1, confirm: 1, consultEnd: 0, followUp: 0 };

export type RecordStoreOptions = {
  /** How long a settled record is kept, in ms. */
  retentionMs: number;
  /** Transfers are billed: each that happened expects an event (docs/billing.md). */
  isBilled: boolean;
  /** The API keys whose upstreams get callbacks, by name, and how long a callback is tried; absent if none does. */
  callbacks?: { keys: readonly string[]; forMs: number } | undefined;
  /** Settled transfers are written to the history. */
  keepsHistory?: boolean | undefined;
  /** Needed only for attempts; without it there is no limit. */
  budget?: BudgetOptions;
  /** The maximum requests of a run; needed only for attempts. */
  costs?: Costs;
  /** An intent counts only once enough replicas have it; absent if Redis has none. */
  replicated?: ReplicatedWriter | undefined;
  /** A later answer to the fence, in ms, may come from a Redis that was replaced as primary: nothing is sent. Default 1 s. */
  latestFenceMs?: number | undefined;
  /** The progress that this process saw in Redis. */
  progress?: Pick<Progress, 'id' | 'saw' | 'wrote' | 'highest' | 'untilCompared'> | undefined;
};

/** The record's atomic steps in Redis, each one script and one round trip. Throws what Redis throws. */
export function createRecordStore(redis: RedisClient, lane: Lane, options: RecordStoreOptions): RecordStore {
  const runScript = loadScripts(redis);
  const keys = laneKeys(lane);
  const { retentionMs, isBilled, replicated, progress, budget = NO_LIMIT, costs = NO_COSTS } = options;
  const { latestFenceMs = LATEST_FENCE_MS } = options;
  const callbacks = callbacksJson(options.callbacks, keys.callbacks);
  const json = (entries: TimelineEntry[]) => entries.map((entry) => JSON.stringify(entry));
  const keysOf = (id: string) => ({ ...keys, record: keys.record(id), timeline: keys.timeline(id) });
  const budgetArgs = () => ({ limit: budget.requests, windowMs: budget.windowMs, requestId: randomUUID() });

  async function begin(id: string): Promise<Begun> {
    const reply = (await runScript('transfers/begin', {
      keys: keysOf(id),
      args: { id, requests: costs.run, confirmation: costs.confirm, ...budgetArgs() },
    })) as string[];
    const [what, first = '', second = '', rule = ''] = reply;
    switch (what) {
      case 'begun': {
        const fields = Object.fromEntries(pairs(reply.slice(2)));
        const record = parseRecord(fields);
        if (record === undefined) throw new Error(`the record of transfer ${id} cannot be read`);
        return { begun: true, now: Number(first), record, prepaid: 1, holds: holdsIn(fields) };
      }
      case 'early':
        return { begun: false, why: what, until: Number(first), now: Number(second) };
      case 'held':
        return { begun: false, why: what, until: Number(first), now: Number(second), rule };
      default:
        return { begun: false, why: what as 'unknown' | 'settled' | 'parked' };
    }
  }

  async function fence(
    id: string,
    epoch: number,
    { intentId, compared, intents, knowsRecovery, operation = '' }: Parameters<RecordStore['fence']>[2],
    entries: TimelineEntry[],
  ): Promise<Fenced> {
    await progress?.untilCompared();
    const stamped = intents.map((intent) => ({
      ...storedIntent(intent),
      at: intent.id === intentId ? 0 : intent.at,
    }));
    const written = await writeFence({
      keys: keysOf(id),
      args: {
        ...{ id, epoch, intentId, compared, operation, ...budgetArgs() },
        intents: JSON.stringify(stamped),
        knowsRecovery: knowsRecovery ? '1' : '',
        ...fenceArgs(intents.find((intent) => intent.id === intentId)),
        seenProgress: progress?.highest() ?? '',
        process: progress?.id ?? '',
      },
      entries: json(entries),
    });
    const [what, when, third = '', alone] = written.reply as [string, string?, string?, string?];
    if (what === 'fenced') {
      progress?.saw(third);
      const unsafe = whyUnsafe(written, { needed: replicated?.needed ?? 0, latestFenceMs });
      if (unsafe === undefined) {
        progress?.wrote(third);
        return { fenced: true, at: Number(when) };
      }
      return { fenced: false, why: 'held', until: Number(when) + AGAIN_MS, rule: unsafe, written: true };
    }
    if (what === 'held')
      return { fenced: false, why: what, until: Number(when), rule: third, operation: alone || undefined };
    return { fenced: false, why: what as Exclude<Fenced, { fenced: true } | { until: number }>['why'] };
  }

  /** Deadline and reserve apply to what begins something; the end of a consult uses its reserve. */
  function fenceArgs(intent: Intent | undefined) {
    const isEnd = intent !== undefined && !isBeginning(intent);
    const reserve = intent?.effect === 'consult-start' ? costs.consultEnd : 0;
    return { isEnd: isEnd ? '1' : '', reserve };
  }

  async function writeFence(input: ScriptInput<'transfers/fence'>): Promise<Replicated> {
    if (replicated !== undefined) return replicated.run('transfers/fence', input);
    const writtenAt = performance.now();
    const reply = await runScript('transfers/fence', input);
    return { reply, replicas: 0, ms: performance.now() - writtenAt };
  }

  async function defer(id: string, epoch: number, deferral: Deferral, entries: TimelineEntry[]) {
    const { intents, verdict, serverErrors, unconfirmedReads, unconfirmedSince, held, waitsFor } = deferral;
    const fields = {
      intents: JSON.stringify(intents.map(storedIntent)),
      verdict: verdict === null ? '' : JSON.stringify(verdict),
      serverErrors: String(serverErrors),
      unconfirmedReads: String(unconfirmedReads),
      unconfirmedSince: String(unconfirmedSince),
      confirms: isConfirming(intents) ? '1' : '',
      endsConsult: mayNeedEnd(intents) && verdict !== null ? '1' : '',
      waitsFor: waitsFor ?? '',
      ...(held && { held: JSON.stringify(held) }),
    };
    return (await runScript('transfers/defer', {
      keys: keysOf(id),
      args: {
        ...{ id, epoch, status: deferral.status, nextAt: deferral.nextAt },
        refund: deferral.refund ? '1' : '',
        park: deferral.parked ? '1' : '',
        keepParkedMs: lane.name === 'simulated' ? retentionMs : '',
        fields: JSON.stringify(fields),
        openIntent: (intents.find(isOpen) ?? consultUnderWay(intents))?.id ?? '',
        mayNeedEnd: mayNeedEnd(intents) ? '1' : '',
        conflicts: deferral.conflicts,
        sweepAfterMs: SWEEP_GRACE_MS,
        storedEntries: deferral.storedEntries,
        callbacks: isInDoubt(deferral) ? callbacks : '',
      },
      entries: json(entries),
    })) as 'deferred' | 'stale';
  }

  async function settle(id: string, settlement: Settlement, entries: TimelineEntry[]): Promise<Settled> {
    const { outcome } = settlement;
    const reply = (await runScript('transfers/settle', {
      keys: {
        ...keysOf(id),
        bill: keys.bill(id),
        history: keys.historyTransfers,
        discrepancy: keys.discrepancy(id),
        unknownTransfer: keys.open('unknown-transfer'),
        ofStatus: keys.ofStatus(outcome.status),
        ofReason:
          outcome.reason === undefined ? keys.ofStatus(outcome.status) : keys.ofReason(outcome.reason),
      },
      args: {
        ...{ id, guard: settlement.guard, epoch: settlement.epoch ?? '', retentionMs },
        ...keptFor(retentionMs, options.keepsHistory),
        outcome: JSON.stringify(outcome),
        status: outcome.status,
        reason: outcome.reason ?? '',
        byFallback: outcome.isFallback === true ? '1' : '',
        deadLetter: settlement.deadLetter ? '1' : '',
        keepAnswerMs: IDEMPOTENT_ANSWER_MS,
        conflicts: settlement.conflicts ?? '',
        intents: settlement.intents === undefined ? '' : JSON.stringify(settlement.intents.map(storedIntent)),
        isBilled: isBilled ? '1' : '',
        audit: auditOf(id, settlement),
        followUps: outcome.status === 'transferred' ? followUpsJson(id, settlement.leaves ?? []) : '',
        callbacks,
      },
      entries: json(entries),
    })) as [string, string?, string?, string?];
    const [what, first = '0', second = '0', third] = reply;
    if (what === 'settled') progress?.saw(third);
    if (what === 'settled')
      return { settled: true, facts: { acceptedAt: Number(first), settledAt: Number(second) } };
    if (what === 'already' || what === 'contradicted')
      return { settled: false, why: what, outcome: JSON.parse(first) as Outcome };
    return { settled: false, why: what as 'unknown' };
  }

  return { begin, fence, defer, settle };
}

/** A cancellation and an operator's decision are written down with their settlement; '' = neither. */
function auditOf(id: string, { guard, actor, outcome, because }: Settlement): string {
  if (guard === 'unsent') return auditFields(actor, 'cancel', id, because);
  if (guard !== 'operator') return '';
  const said = outcome.status === 'transferred' ? 'it happened' : 'it did not happen';
  return auditFields(actor, 'resolve', id, `${said}: ${outcome.detail ?? ''}`);
}

/** For settle.lua, which sets the times; '' = none. */
function followUpsJson(transferId: string, leaves: LeftToDo[]): string {
  if (leaves.length === 0) return '';
  const listed = leaves.map(({ kind, data, afterMs, forMs }, index) => {
    const id = followUpId(transferId, index + 1);
    const followUp: FollowUp = { dueAt: 0, giveUpAt: 0, id, kind, data, tries: 0, state: 'waiting' };
    return { id, field: followUpField(id), afterMs, forMs, text: JSON.stringify(followUp) };
  });
  return JSON.stringify(listed);
}

/** For callbacks.lua; '' = no upstream gets callbacks. */
function callbacksJson(given: RecordStoreOptions['callbacks'], listOf: (keyName: string) => string): string {
  if (given === undefined || given.keys.length === 0) return '';
  const lists = Object.fromEntries(given.keys.map((name) => [name, listOf(name)]));
  return JSON.stringify({ lists, forMs: given.forMs });
}

/** Whether the upstream is told that it is unconfirmed: not while an accepted request is only awaited. */
function isInDoubt({ status, parked, intents }: Deferral): boolean {
  return status === 'unconfirmed' && (parked || !isConfirming(intents));
}

/** The operations that are held off, as begin.lua adds them to the record. */
function holdsIn(fields: Record<string, string>): OperationHold[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const [, operation] = /^until:(.*)$/.exec(name) ?? [];
    return operation === undefined
      ? []
      : [{ operation, until: Number(value), rule: rateLimited(fields[`why:${operation}`]) }];
  });
}

/** Whether the next run only checks an accepted request or a consult. */
function isConfirming(intents: Intent[]): boolean {
  const open = intents.filter(isOpen);
  if (open.length === 0) return consultUnderWay(intents) !== undefined;
  return open.every(({ state }) => state === 'accepted');
}

/** Why a written intent must not be relied on; `undefined` if it may. */
function whyUnsafe(
  { replicas, ms }: Replicated,
  { needed, latestFenceMs }: { needed: number; latestFenceMs: number },
): string | undefined {
  if (replicas < needed) return `${replicas} of ${needed} replicas of Redis have the intent`;
  if (ms > latestFenceMs) return `Redis took ${Math.round(ms)} ms to answer the fence`;
  return undefined;
}
