import type { Sandbox } from './sandbox.ts';

/** A small world to start with: agents, a supervisor and a trainee, queues in every state, calls of every kind. */
export function seed(sandbox: Sandbox): void {
  for (let number = 1; number <= 20; number += 1) {
    sandbox.putUser(`agent-${number}`, { name: `Agent ${number}` });
    sandbox.putCall(`call-${number}`);
  }
  sandbox.putUser('supervisor-1', {
    name: 'Supervisor 1',
    roles: [{ id: 'shift-supervisor', name: 'Shift Supervisor' }],
  });
  sandbox.putUser('trainee-1', { name: 'Trainee 1', roles: [{ id: 'trainee', name: 'Trainee' }] });
  sandbox.putCall('call-private', { privacy: true });
  sandbox.putCall('call-ended', { state: 'disconnected' });
  for (const name of ['Support', 'Sales', 'Billing', 'Complaints', 'Night']) {
    sandbox.putQueue(`queue-${name.toLowerCase()}`, { name });
  }
  sandbox.putQueue('queue-closed', { name: 'Closed', state: 'closed' });
  sandbox.putQueue('queue-full', { name: 'Full', state: 'at_capacity' });
}
