import { randomUUID } from 'node:crypto';
import type {
  Call,
  Dialect,
  Failure,
  Intent,
  MoveAnswer,
  Reading,
  Target,
  Trace,
} from '@handover/core/transfer';
import type { Scene, Stage } from './stage.ts';

/** How an accepted effect ends, and after how many ms; `undefined`: never. */
export type Ending = { as: 'complete' | 'failed'; afterMs: number } | undefined;

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
  now = () => Date.now(),
}: Options) {
  const calls = new Map<string, World>();
  const scenes = new Map<string, Scene[]>();
  const asked = new Map<string, number>();
  const closedTargets = new Set<string>();
  const moved = new Map<string, Target[]>();

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
    costs: { run: 4, confirm: 1 },
    trace,
    readAgent: () => read({ id: 'agent', mayTransfer: true, why: 'may transfer' }),
    readCall: (callId) => read(seenAt(callId, now() - readLagMs)),
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
    close: async () => undefined,
  } satisfies Stage;
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
