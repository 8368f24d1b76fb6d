import { randomUUID } from 'node:crypto';
import type {
  Call,
  Dialect,
  Failure,
  FollowUpAnswer,
  Intent,
  LeftToDo,
  MoveAnswer,
  Reading,
  Target,
  Trace,
  TransferRequest,
} from '@handover/core/transfer';
import type { Scene, Stage } from './stage.ts';

/** How an accepted effect ends, and after how many ms; `undefined`: never. */
export type Ending = { as: 'complete' | 'failed'; afterMs: number } | undefined;

/** `lost`: it is set, and the answer is lost. */
export type WrapUp = 'set' | 'unwell' | 'lost' | 'not-offered' | 'there-already';

type Leg = { id: string; purpose: 'agent' | 'target'; target?: Target; at: number; goneAt?: number };
type Command = {
  id: string;
  target: Target;
  leg: string;
  at: number;
  endsAt?: number;
  as?: 'complete' | 'failed';
};
type World = { legs: Leg[]; commands: Command[]; versions: number };

type Options = {
  /** The agent's leg stays after an effect, so a second one would move the caller again. */
  isAttended?: boolean;
  settleWindowMs: number;
  readLagMs: number;
  /** How the effects of a call end, in order; the last repeats. */
  ending?: (callId: string, sending: number) => Ending;
  /** What the tries of a wrap-up meet, in order; the last repeats. */
  wrapUp?: (callId: string, attempt: number) => WrapUp;
  now?: () => number;
};

const DIALECT = 'scripted';

/**
 * A small dialect for tests, modelled on the Platform API: it accepts an effect and executes it later, gives it
 * up, or never ends it; it compares no version; its readings lag. A call is a list of legs, and of commands that were given.
 */
export function openScripted({
  isAttended = false,
  settleWindowMs,
  readLagMs,
  ending = () => ({ as: 'complete', afterMs: 0 }),
  wrapUp = () => 'set',
  now = () => Date.now(),
}: Options) {
  const calls = new Map<string, World>();
  const scenes = new Map<string, Scene[]>();
  const asked = new Map<string, number>();
  const closedTargets = new Set<string>();
  const moved = new Map<string, Target[]>();
  const wrapUps = new Map<string, { tries: number; code?: string }>();

  function worldOf(callId: string): World {
    const world = calls.get(callId);
    if (world === undefined) throw new Error(`no call ${callId}`);
    return world;
  }

  /** Executes what is due. Of two commands for a leg that has left, the second does nothing. */
  function advance(callId: string): World {
    const world = worldOf(callId);
    const due = world.commands.filter(
      ({ endsAt, as }) => as === 'complete' && endsAt !== undefined && endsAt <= now(),
    );
    for (const command of due.sort((a, b) => (a.endsAt ?? 0) - (b.endsAt ?? 0))) {
      if (world.legs.some(({ id }) => id === `of-${command.id}`)) continue;
      const left = world.legs.find(({ id, goneAt }) => id === command.leg && goneAt === undefined);
      if (left === undefined) continue;
      const at = command.endsAt ?? 0;
      if (!isAttended) left.goneAt = at;
      world.legs.push({ id: `of-${command.id}`, purpose: 'target', target: command.target, at });
      moved.set(callId, [...(moved.get(callId) ?? []), command.target]);
    }
    return world;
  }

  /** The call as it was that long ago. */
  function seenAt(callId: string, at: number): Call {
    const world = advance(callId);
    const legs = world.legs.filter((leg) => leg.at <= at);
    const commands = world.commands
      .filter((command) => command.at <= at)
      .map((command) => stateAt(command, at));
    const here = legs.filter((leg) => leg.goneAt === undefined || leg.goneAt > at);
    const data: Data = { legs, commands };
    const fingerprint = JSON.stringify([here.map(({ id }) => id), commands, world.versions]);
    const leg = here.find(({ purpose }) => purpose === 'agent')?.id ?? here[0]?.id ?? null;
    const placement = { target: legs.findLast(({ purpose }) => purpose === 'target')?.target };
    const mark = { dialect: DIALECT, fingerprint, leg, data };
    return { id: callId, ended: false, state: 'connected', private: false, placement, mark };
  }

  function give(callId: string, target: Target, leg: string | null): void {
    const sending = (asked.get(callId) ?? 1) - 1;
    const end = ending(callId, sending);
    const at = now();
    const endsAt = end === undefined ? {} : { endsAt: at + end.afterMs, as: end.as };
    worldOf(callId).commands.push({ id: randomUUID(), target, leg: leg ?? '', at, ...endsAt });
  }

  function somebodyMoves(callId: string): void {
    const world = advance(callId);
    const at = now();
    for (const leg of world.legs) leg.goneAt ??= at;
    world.legs.push({ id: randomUUID(), purpose: 'target', target: { type: 'queue', id: 'elsewhere' }, at });
  }

  async function tryWrapUp(callId: string, code: string): Promise<FollowUpAnswer> {
    const known = wrapUps.get(callId) ?? { tries: 0 };
    wrapUps.set(callId, { ...known, tries: known.tries + 1 });
    const answer = <Is extends string>(is: Is, why: string) => ({ is, why, requests: [] });
    if (known.code === code) return answer('done', 'our code is there');
    const meets = wrapUp(callId, known.tries);
    if (meets === 'there-already') return answer('superseded', 'the agent has set one');
    if (meets === 'not-offered') return answer('gave-up', 'code not allowed here');
    if (meets === 'unwell') return { ...answer('later', 'not set'), failure: unwell };
    wrapUps.set(callId, { tries: known.tries + 1, code });
    return meets === 'lost' ? { ...answer('later', 'not known'), failure: lost } : answer('done', 'set');
  }

  const read = <T>(value: T): Promise<Reading<T>> =>
    Promise.resolve({ ok: true, value, ageMs: 0, requests: [] });
  const failed = (failure: Failure): MoveAnswer => ({
    ...{ moved: 'failed', gate: 'opened', failure, requests: [] },
  });
  const unwell: Failure = { kind: 'answered', status: 503, means: 'unwell' };
  const refused: Failure = {
    kind: 'answered',
    status: 400,
    means: 'changed',
    code: 'transfer.not.connected',
  };
  const lost: Failure = { kind: 'no-answer', sent: true, detail: 'ECONNRESET' };

  const platform: Dialect = {
    timing: { readLagMs, confirm: { gapsMs: [Math.max(2, settleWindowMs / 8), settleWindowMs / 2] } },
    repeatable: () => (isAttended ? 'never' : 'same-leg'),
    steps: () => ['move'],
    costs: { run: 4, confirm: 1, consultEnd: 0, followUp: 2 },
    leaves,
    followUp: async ({ data }, { callId }) => tryWrapUp(callId, (data as Left).code),
    trace,
    readAgent: () => read({ id: 'agent', mayTransfer: true, why: 'may transfer' }),
    readCall: ({ callId }) => read(seenAt(callId, now() - readLagMs)),
    readTarget: ({ type, id }) => {
      const open = !closedTargets.has(`${type} ${id}`);
      return read({ open, state: open ? 'open' : 'closed' });
    },
    async move({ callId, target, mark }, gate) {
      if (!(await gate())) return { moved: 'shut', requests: [] };
      asked.set(callId, (asked.get(callId) ?? 0) + 1);
      const scene = scenes.get(callId)?.shift();
      if (scene === 'changed') {
        worldOf(callId).versions += 1;
        return failed(refused);
      }
      if (scene === 'moved-by-another') somebodyMoves(callId);
      if (scene === 'lost-before') return failed(lost);
      if (scene === 'unwell-before') return failed(unwell);
      const isConnected = advance(callId).legs.some(
        ({ id, goneAt }) => id === mark.leg && goneAt === undefined,
      );
      if (!isConnected) return failed(refused);
      give(callId, target, mark.leg);
      if (scene === 'lost-after') return failed(lost);
      if (scene === 'unwell-after') return failed(unwell);
      return { moved: 'accepted', requests: [] };
    },
    forget: async () => undefined,
  };

  return {
    name: isAttended ? 'scripted, attended' : 'scripted, unattended',
    platform,
    settleWindowMs,
    putCall(callId) {
      calls.set(callId, {
        legs: [{ id: randomUUID(), purpose: 'agent', at: now() - readLagMs }],
        ...{ commands: [], versions: 0 },
      });
    },
    setOpen({ type, id }, isOpen) {
      if (isOpen) closedTargets.delete(`${type} ${id}`);
      else closedTargets.add(`${type} ${id}`);
    },
    script: (callId, list) => void scenes.set(callId, [...list]),
    moves(callId) {
      advance(callId);
      return moved.get(callId) ?? [];
    },
    requests: (callId) => asked.get(callId) ?? 0,
    wrapUp: (callId: string) => wrapUps.get(callId) ?? { tries: 0 },
    close: async () => undefined,
  } satisfies Stage & Record<string, unknown>;
}

type Left = { code: string; leg: string | null };

/** A wrap-up code is set once the agent's leg has left, and only while the agent may still set one. */
function leaves({ wrapUpCodeId: code }: TransferRequest, { mark }: Pick<Intent, 'mark'>): LeftToDo[] {
  if (code === undefined) return [];
  const data: Left = { code, leg: mark.leg };
  return [{ kind: 'wrap-up', data, afterMs: 0, forMs: 30_000 }];
}

type Seen = Pick<Command, 'id' | 'target'> & { state: 'pending' | 'complete' | 'failed' };
type Data = { legs: Leg[]; commands: Seen[] };

function stateAt({ id, target, endsAt, as }: Command, at: number): Seen {
  return { id, target, state: endsAt !== undefined && endsAt <= at && as !== undefined ? as : 'pending' };
}

/** Changes since the mark decide: a leg at the target, our command, another leg. Ids never recur. */
function trace({ mark, target }: Intent, call: Call): Trace {
  const [before, after] = [mark.data as Data, call.mark.data as Data];
  const isNew = <T extends { id: string }>(known: T[], one: T) => !known.some(({ id }) => id === one.id);
  const isTarget = (other: Target | undefined) => other?.type === target.type && other.id === target.id;
  const legs = after.legs.filter((leg) => isNew(before.legs, leg));
  if (legs.some((leg) => isTarget(leg.target))) return { shows: 'moved', words: 'a new leg of the target' };
  const ours = after.commands.filter((one) => isNew(before.commands, one) && isTarget(one.target));
  if (ours.some(({ state }) => state !== 'failed'))
    return { shows: 'under-way', words: 'our command is under way' };
  if (ours.length > 0) return { shows: 'gave-up', by: 'genesys', words: 'our command failed' };
  if (legs.length > 0) return { shows: 'elsewhere', words: 'a new leg that is not the target' };
  return { shows: 'nothing-new', words: 'neither a new leg nor a command' };
}
