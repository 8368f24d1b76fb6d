import type { Directory } from './directory.ts';
import type { ConversationFields } from './schemas.ts';

/** The part of the platform that the seed fills. */
type World = {
  putConversation(id: string, fields?: ConversationFields): unknown;
  readonly directory: Directory;
};

const AGENTS = 20;
const QUEUES = ['Support', 'Sales', 'Billing', 'Complaints', 'Night'];

/**
 * Ids that can be read: the first digit says what it is (a agent, c conversation, 9 queue, e external contact, b leg),
 * the end which one.
 */
export function seedId(digit: string, number: number, part = 0): string {
  const middle = String(part).padStart(4, '0');
  return `${digit}0000000-${middle}-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A small organisation: agents and a trainee, queues in every state, calls with an agent, waiting and ended. */
export function seedPlatform(world: World): void {
  seedPeople(world.directory);
  seedQueues(world.directory);
  for (let number = 1; number <= AGENTS; number += 1) {
    const agent = { purpose: 'agent', user: { id: seedId('a', number) } };
    world.putConversation(seedId('c', number), talking(number, agent));
  }
  const first = { purpose: 'agent', user: { id: seedId('a', 1) } };
  world.putConversation(seedId('c', 101), { ...talking(101, first), securePause: true });
  world.putConversation(seedId('c', 102), {
    participants: [
      { ...caller(102), state: 'terminated', disconnectType: 'peer' },
      { ...first, id: seedId('b', 102, 2), state: 'terminated', disconnectType: 'peer' },
    ],
  });
  const waiting = { purpose: 'acd', queue: { id: seedId('9', 1) } };
  world.putConversation(seedId('c', 103), talking(103, waiting));
}

function talking(number: number, other: { purpose: string }): ConversationFields {
  const leg = { ...other, id: seedId('b', number, 2), communicationId: seedId('b', number, 3) };
  return { participants: [caller(number), leg] };
}

function caller(number: number) {
  const ani = `tel:+3125550${String(number).padStart(4, '0')}`;
  return { id: seedId('b', number), purpose: 'customer', ani, address: ani };
}

function seedPeople(directory: Directory): void {
  const may = ['conversation:communication:blindTransfer', 'conversation:communication:view'];
  for (let number = 1; number <= AGENTS; number += 1) {
    const roles = [{ id: seedId('f', 1), name: 'Agent' }];
    const fields = { name: `Agent ${number}`, email: `agent-${number}@example.com`, roles, permissions: may };
    directory.users.put(seedId('a', number), { ...fields, routingStatus: 'IDLE' });
  }
  const trainee = { name: 'Trainee 1', roles: [{ id: seedId('f', 2), name: 'Trainee' }], permissions: [] };
  directory.users.put(seedId('a', 21), { ...trainee, routingStatus: 'OFF_QUEUE' });
  directory.contacts.put(seedId('e', 1), { name: 'Notary', phones: { WorkPhone: '+31255509999' } });
}

function seedQueues(directory: Directory): void {
  for (const [index, name] of QUEUES.entries()) {
    directory.queues.put(seedId('9', index + 1), { name, onQueueUsers: { IDLE: 3, INTERACTING: 2 } });
  }
  directory.queues.put(seedId('9', 6), { name: 'Unstaffed', onQueueUsers: {}, offQueueUsers: 5 });
  directory.queues.put(seedId('9', 7), { name: 'Full', onQueueUsers: { INTERACTING: 5 }, waiting: 200 });
  directory.wrapupCodes.put(seedId('f', 101), { name: 'Transferred' });
  directory.schedules.put(seedId('8', 1), {
    name: 'Always',
    start: '2026-01-01T00:00:00.000',
    end: '2026-01-02T00:00:00.000',
    rrule: 'FREQ=DAILY;INTERVAL=1',
  });
  directory.scheduleGroups.put(seedId('8', 101), { name: 'Always', openSchedules: [seedId('8', 1)] });
  directory.emergencyGroups.put(seedId('8', 201), { name: 'Emergency', enabled: false });
}
