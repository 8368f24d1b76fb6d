import { randomUUID } from 'node:crypto';
import type {
  Call,
  ConsultStanding,
  Dialect,
  EffectKind,
  Failure,
  Intent,
  MoveAnswer,
  Reading,
  Target,
  Trace,
} from '@handover/core/transfer';
import { PLAIN } from '../support/dialect.ts';

/** What one sending of a consult meets. `afterMs`: it is carried out so much later than it was taken. */
export type Meets = { answer?: 'lost-after' | 'lost-before' | 'unwell-after' | 'changed'; afterMs?: number };

/** How a call goes; times in ms from the start of a consult on. */
export type Script = {
  answersMs?: number | undefined;
  callerLeavesMs?: number | undefined;
  partyLeavesMs?: number | undefined;
  /** What the sendings of each kind meet, in order; after the last one all is well. */
  meets?: Partial<Record<EffectKind, Meets[]>>;
};

type What = 'started' | 'answered' | 'completed' | 'cancelled' | 'party-left' | 'caller-left';
type Fact = { at: number; what: What; consult?: string; target?: Target };
type World = { facts: Fact[]; script: Script; asked: EffectKind[] };
type Consult = { id: string; target: Target; is: 'ringing' | 'answered' | 'completed' | 'over' };
type Data = { consults: Consult[]; hasCaller: boolean };

type Options = { settleWindowMs: number; readLagMs: number; longestMs: number; now?: () => number };

/**
 * A small dialect for tests whose consults take two steps, after the Platform API: the target is called while the caller stays
 * where they are, and the caller is moved, or the target let go, by a second request. It carries out a second start, too; its readings lag. A call is a list of what happened to it.
 */
export function openConsulting({ settleWindowMs, readLagMs, longestMs, now = Date.now }: Options) {
  const worlds = new Map<string, World>();
  const worldOf = (callId: string): World => {
    const world = worlds.get(callId);
    if (world === undefined) throw new Error(`no call ${callId}`);
    return world;
  };

  /** Each consult as it was then. What was carried out stays to be seen, also once the caller has gone. */
  function seenAt({ facts }: World, at: number): Data {
    const known = facts.filter((fact) => fact.at <= at).sort((one, other) => one.at - other.at);
    const leaves = known.find(({ what }) => what === 'caller-left')?.at ?? Number.POSITIVE_INFINITY;
    const consults: Consult[] = [];
    let hasCaller = leaves > at;
    for (const { what, consult: id = '', target, at: when } of known) {
      const one = consults.find((other) => other.id === id);
      if (what === 'started' && target !== undefined && when < leaves)
        consults.push({ id, target, is: 'ringing' });
      if (one === undefined || one.is === 'completed' || one.is === 'over') continue;
      if (what === 'answered') one.is = 'answered';
      if (what === 'completed' && one.is === 'answered' && when < leaves) one.is = 'completed';
      if (what === 'cancelled' || what === 'party-left') one.is = 'over';
    }
    if (consults.some(({ is }) => is === 'completed')) hasCaller = true;
    return { consults, hasCaller };
  }

  function readCall(callId: string): Call {
    const data = seenAt(worldOf(callId), now() - readLagMs);
    const placement = { target: data.consults.find(({ is }) => is === 'completed')?.target };
    const state = data.hasCaller ? 'connected' : 'disconnected';
    const mark = { dialect: 'consulting', fingerprint: JSON.stringify(data), leg: 'agent', data };
    return { id: callId, ended: !data.hasCaller, state, private: false, placement, mark };
  }

  /** Takes a sending: it will be carried out, if what it is about is still there then. */
  function give(world: World, effect: EffectKind, target: Target, consult: string, afterMs: number): void {
    const { facts, script } = world;
    const at = now() + afterMs;
    if (effect === 'consult-complete') facts.push({ at, what: 'completed', consult });
    if (effect === 'consult-cancel') facts.push({ at, what: 'cancelled', consult });
    if (effect !== 'consult-start') return;
    const id = randomUUID();
    facts.push({ at, what: 'started', consult: id, target });
    const { answersMs, partyLeavesMs, callerLeavesMs } = script;
    if (answersMs !== undefined) facts.push({ at: at + answersMs, what: 'answered', consult: id });
    if (partyLeavesMs !== undefined) facts.push({ at: at + partyLeavesMs, what: 'party-left', consult: id });
    if (callerLeavesMs !== undefined) facts.push({ at: at + callerLeavesMs, what: 'caller-left' });
  }

  const read = <T>(value: T): Promise<Reading<T>> =>
    Promise.resolve({ ok: true, value, ageMs: 0, requests: [] });
  const failed = (failure: Failure): MoveAnswer => ({
    ...{ moved: 'failed', gate: 'opened', failure, requests: [] },
  });
  const lost: Failure = { kind: 'no-answer', sent: true, detail: 'ECONNRESET' };
  const unwell: Failure = { kind: 'answered', status: 503, means: 'unwell' };
  const changed: Failure = { kind: 'answered', status: 409, means: 'changed' };

  const platform: Dialect = {
    ...PLAIN,
    timing: { readLagMs, confirm: { gapsMs: [settleWindowMs / 8] } },
    costs: { run: 4, confirm: 1, consultEnd: 2, followUp: 0 },
    steps: () => ['consult-start', 'consult-complete'],
    repeatable: (_, effect) => (effect === 'consult-start' ? 'never' : 'same-leg'),
    consults: { plan: { gapsMs: [40, 80], longestMs }, standing },
    trace,
    readAgent: () => read({ id: 'agent', mayTransfer: true, why: 'may transfer' }),
    readCall: ({ callId }) => read(readCall(callId)),
    readTarget: () => read({ open: true, state: 'open' }),
    async move({ effect, callId, target, mark }, gate) {
      if (!(await gate())) return { moved: 'shut', requests: [] };
      const world = worldOf(callId);
      const { answer, afterMs = 0 } =
        world.script.meets?.[effect]?.[world.asked.filter((one) => one === effect).length] ?? {};
      world.asked.push(effect);
      if (answer === 'lost-before') return failed(lost);
      if (answer === 'changed') return failed(changed);
      const ours = (mark.data as Data).consults.findLast((one) => sameTarget(one.target, target));
      const here = seenAt(world, now());
      const one = here.consults.find(({ id }) => id === ours?.id);
      const isPossible = effect === 'consult-start' || one?.is === 'answered' || effect === 'consult-cancel';
      if (!isPossible || (!here.hasCaller && effect !== 'consult-cancel')) return failed(changed);
      give(world, effect, target, ours?.id ?? '', afterMs);
      if (answer === 'lost-after') return failed(lost);
      if (answer === 'unwell-after') return failed(unwell);
      return { moved: afterMs > 0 ? 'accepted' : 'done', requests: [] };
    },
  };

  const endOf = (callId: string) => seenAt(worldOf(callId), Number.POSITIVE_INFINITY);
  return {
    name: 'consulting',
    platform,
    settleWindowMs,
    putCall: (callId: string, script: Script = {}) =>
      void worlds.set(callId, { facts: [], script, asked: [] }),
    /** By its last word: how often a consult began, how often the caller was moved, and what is still on. */
    ledger(callId: string) {
      const { facts, asked } = worldOf(callId);
      const { consults } = endOf(callId);
      const isCompleted = (wanted?: string) =>
        consults.some(({ id, is }) => id === wanted && is === 'completed');
      return {
        started: consults.length,
        completed: consults.filter(({ is }) => is === 'completed').length,
        /** What was taken for a consult whose target had left by then was not carried out. */
        carriedOutTwice:
          facts.filter(({ what, consult }) => what === 'completed' && isCompleted(consult)).length > 1,
        isOn: consults.some(({ is }) => is === 'ringing' || is === 'answered'),
        asked,
      };
    },
  };
}

const sameTarget = (one: Target, other: Target) => one.type === other.type && one.id === other.id;

/** The consult of this start: one for its target that was not there before. */
function consultOf({ mark, target }: Intent, { mark: { data } }: Call): Consult | undefined {
  const before = (mark.data as Data).consults;
  const isNew = ({ id }: Consult) => !before.some((known) => known.id === id);
  return (data as Data).consults.find((one) => isNew(one) && sameTarget(one.target, target));
}

function trace(intent: Intent, call: Call): Trace {
  if (intent.effect === 'consult-start')
    return consultOf(intent, call) === undefined
      ? { shows: 'nothing-new', words: 'no consult is shown' }
      : { shows: 'moved', words: 'the consult is shown' };
  const before = (intent.mark.data as Data).consults;
  const known = before.findLast(({ target }) => sameTarget(target, intent.target));
  const one = (call.mark.data as Data).consults.find(({ id }) => id === known?.id);
  if (intent.effect === 'consult-complete' && one?.is === 'completed')
    return { shows: 'moved', words: 'the caller is with the target' };
  if (intent.effect === 'consult-cancel' && one?.is === 'over')
    return { shows: 'moved', words: 'the consult is over' };
  return { shows: 'nothing-new', words: `the consult is ${one?.is ?? 'not shown'}` };
}

function standing(start: Intent, call: Call): ConsultStanding {
  const one = consultOf(start, call);
  if (one === undefined) return { is: 'ringing', words: 'the consult is not shown yet' };
  if (one.is === 'over' || one.is === 'completed') return { is: one.is, words: `it is ${one.is}` };
  if (call.ended) return { is: 'lost', words: 'the caller is gone' };
  return { is: one.is, words: `the target ${one.is === 'ringing' ? 'rings' : 'has answered'}` };
}
