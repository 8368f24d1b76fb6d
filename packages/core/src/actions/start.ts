import { randomUUID } from 'node:crypto';
import type { Actor } from '../transfer/words.ts';
import type { ActionStore } from './ports.ts';
import { type SelectPorts, select } from './select.ts';
import type { ActionFilter, Deed } from './words.ts';

/**
 * Starts an action over the dead letters that the filter means now; workers carry it out. One that becomes a dead letter later, or
 * anew, is no part of it. Returns its id. Throws what the ports throw.
 */
export async function startAction(
  { actions, ...ports }: SelectPorts & { actions: Pick<ActionStore, 'start'> },
  asked: { deed: Deed; filter: ActionFilter; actor: Actor; reason: string },
): Promise<string> {
  const id = randomUUID();
  const { ids, skipped } = await select(ports, asked.deed.action, asked.filter);
  await actions.start({ id, ...asked, skipped }, ids);
  return id;
}
