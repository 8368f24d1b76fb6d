import type { World } from './world.ts';

/** The initial world: agents, a supervisor and a trainee, queues in every state, calls of every kind. */
export function seed(world: World): void {
  for (let number = 1; number <= 20; number += 1) {
    world.putUser(`agent-${number}`, { name: `Agent ${number}` });
    world.putCall(`call-${number}`);
  }
  world.putUser('supervisor-1', {
    name: 'Supervisor 1',
    roles: [{ id: 'shift-supervisor', name: 'Shift Supervisor' }],
  });
  world.putUser('trainee-1', { name: 'Trainee 1', roles: [{ id: 'trainee', name: 'Trainee' }] });
  world.putCall('call-private', { privacy: true });
  world.putCall('call-ended', { state: 'disconnected' });
  for (const name of ['Support', 'Sales', 'Billing', 'Complaints', 'Night']) {
    world.putQueue(`queue-${name.toLowerCase()}`, { name });
  }
  world.putQueue('queue-closed', { name: 'Closed', state: 'closed' });
  world.putQueue('queue-full', { name: 'Full', state: 'at_capacity' });
}
