import type { Command, Conversation, Leg } from './conversation.ts';

/** `agent ann L1 connected`, `acd q1 L4 connected`, `customer L0 connected`: a leg as a line. */
export function legOf(line: string, given: Partial<Leg> = {}): Leg {
  const words = line.split(' ');
  const [purpose = '', ...rest] = words;
  const [who, id = '', state = ''] = rest.length === 3 ? rest : [undefined, ...rest];
  const isAcd = purpose === 'acd';
  return {
    id,
    purpose,
    state,
    ...(who !== undefined && (isAcd ? { queue: { id: who } } : { user: { id: who } })),
    ...(state === 'connected' && { connectedTime: '2026-11-27T10:00:00.000Z' }),
    ...given,
  };
}

export function callOf(legs: (string | Leg)[], commands: Command[] = []): Conversation {
  const participants = legs.map((leg) => (typeof leg === 'string' ? legOf(leg) : leg));
  return { id: 'c', participants, recentTransfers: commands };
}

export const commandOf = (id: string, state: string, given: Partial<Command> = {}): Command => ({
  id,
  state,
  ...given,
});
