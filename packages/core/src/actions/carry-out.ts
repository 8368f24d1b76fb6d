import { deadLetterKind, matchesDeadLetter } from '../transfer/dead-letter.ts';
import { type ReplayPorts, replay } from '../transfer/replay.ts';
import { resolve } from '../transfer/resolve.ts';
import type { EndPorts } from '../transfer/settled.ts';
import type { RecordReader } from '../transfer/stores.ts';
import type { Actor } from '../transfer/words.ts';
import type { ActionStore, DeadLetterReader, Result, Turn } from './ports.ts';
import { leavesOut } from './select.ts';
import type { Action } from './words.ts';

export type CarryOutPorts = {
  /** This worker. */
  owner: string;
  actions: Pick<ActionStore, 'get' | 'take'>;
  letters: Pick<DeadLetterReader, 'find'>;
  transfers: ReplayPorts & EndPorts & { store: RecordReader };
  /** Replays one of billing; twice does no harm, since its destination takes a bill once. */
  replayBilling(id: string, actor: Actor, reason: string): Promise<'replayed' | 'not-dead'>;
  /** Why no further transfer should be replayed now, in words; asked before each portion. */
  waits(): Promise<string | undefined>;
  /** Whether this worker stops. */
  stopping(): boolean;
  onFailed(id: string, error: unknown): void;
};

/** After so many the room in the budget is looked at again. */
const PORTION = 10;

/**
 * Carries an action out until it ends, is stopped, or must wait. Nobody does anything twice: a dead letter that was replayed is
 * none any more, and one that became one after the action began is left out. Throws what the ports throw; then another call goes on.
 */
export async function carryOut(ports: CarryOutPorts, id: string): Promise<Exclude<Turn['is'], 'next'>> {
  const { owner, actions } = ports;
  const action = await actions.get(id);
  const mayFlood = action?.action === 'replay' && action.filter.billing !== true;
  let result: Result | undefined;
  for (let place = 0; ; place += 1) {
    const looks = mayFlood && place % PORTION === 0;
    const rests = ports.stopping() ? 'its worker stopped' : looks ? await ports.waits() : undefined;
    const turn = await actions.take(id, { owner, result, rests });
    if (turn.is !== 'next') return turn.is;
    if (action === undefined) throw new Error(`the action ${id} is gone`);
    result = await doOne(ports, action, turn).catch((error: unknown) => {
      ports.onFailed(turn.id, error);
      return 'failed' as const;
    });
  }
}

async function doOne(
  ports: CarryOutPorts,
  action: Action,
  { id, again }: { id: string; again: boolean },
): Promise<Result> {
  const { actor, reason, filter, startedAt: deadBy } = action;
  // The worker before has done it, and died before it could say so.
  const gone = again ? 'done' : 'skipped:not-a-dead-letter';
  if (filter.billing === true) {
    return (await ports.replayBilling(id, actor, reason)) === 'replayed' ? 'done' : gone;
  }
  const [letter] = await ports.letters.find([id]);
  if (letter === undefined) return gone;
  const { record, deadAt } = letter;
  if (deadAt > deadBy) return again ? 'done' : 'skipped:changed';
  if (!matchesDeadLetter(record, fieldsOf(action))) return 'skipped:changed';
  const leftOut = leavesOut(action.action, filter, deadLetterKind(record));
  if (leftOut !== undefined) return `skipped:${leftOut}`;
  if (action.action === 'resolve') {
    const end = await resolve(ports.transfers, id, actor, { happened: action.happened, reason });
    return end.resolved ? 'done' : 'skipped:not-unconfirmed';
  }
  const end = await replay(ports.transfers, id, actor, reason, { id: action.id, deadBy });
  if (end.replayed) return 'done';
  return end.why === 'call-held' ? 'skipped:call-already-in-transfer' : gone;
}

function fieldsOf({ filter: { ids: _, from: __, to: ___, billing: ____, ...fields } }: Action) {
  return fields;
}
