import { expect, test } from 'vitest';
import { startPlatform } from '../../test/platform.ts';

test('a user shows what is asked for by expand', async () => {
  const { sandbox, client } = await startPlatform();
  sandbox.platform.directory.users.put('u', {
    name: 'Anna',
    email: 'anna@example.com',
    roles: [{ id: 'r1', name: 'Agent' }],
    permissions: ['conversation:communication:*'],
    routingStatus: 'IDLE',
    presence: 'Available',
  });
  const plain = await client.get('/api/v2/users/u');
  expect(plain.body).toMatchObject({ id: 'u', name: 'Anna', state: 'active', version: 1 });
  expect(plain.body).not.toHaveProperty('authorization');
  const { body } = await client.get('/api/v2/users/u?expand=authorization,routingStatus,presence');
  expect(body).toMatchObject({
    authorization: {
      roles: [{ id: 'r1', name: 'Agent' }],
      permissions: ['conversation:communication:*'],
      permissionPolicies: [{ domain: 'conversation', entityName: 'communication', actionSet: ['*'] }],
    },
    routingStatus: { userId: 'u', status: 'IDLE' },
    presence: { presenceDefinition: { systemPresence: 'Available' } },
  });
  const repeated = await client.get('/api/v2/users/u?expand=authorization&expand=presence');
  expect(repeated.body).toHaveProperty('presence');
});

test('expanding is best effort: the authorization may be missing, the roles have it', async () => {
  const { sandbox, client } = await startPlatform();
  const permissions = ['routing:queue:view'];
  sandbox.platform.directory.users.put('u', { expandsAuthorization: false, permissions, state: 'inactive' });
  const { body } = await client.get('/api/v2/users/u?expand=authorization');
  expect(body).not.toHaveProperty('authorization');
  expect(body).toMatchObject({ state: 'inactive' });
  expect((await client.get('/api/v2/users/u/roles')).body).toMatchObject({ permissions });
});

test('an unknown user is a 404, and OFF_QUEUE', async () => {
  const { client } = await startPlatform();
  expect(await client.get('/api/v2/users/x')).toMatchObject({ status: 404, body: { code: 'not.found' } });
  expect((await client.get('/api/v2/users/x/roles')).status).toBe(404);
  const status = await client.get('/api/v2/users/x/routingstatus');
  expect(status).toMatchObject({ status: 200, body: { userId: 'x', status: 'OFF_QUEUE' } });
});

test('a subject is a user or a client, with its grants by division', async () => {
  const { sandbox, client } = await startPlatform();
  const { directory } = sandbox.platform;
  directory.divisions.put('sales', { name: 'Sales' });
  directory.clients.put('id-1', {
    secret: 's',
    permissions: ['authorization:grant:view'],
    divisions: ['sales'],
  });
  await client.logIn('id-1', 's');
  const own = await client.get('/api/v2/authorization/subjects/me');
  expect(own.body).toMatchObject({
    id: 'id-1',
    grants: [
      {
        division: { id: 'sales', name: 'Sales', homeDivision: false },
        role: { policies: [{ domain: 'authorization', entityName: 'grant', actions: ['view'] }] },
      },
    ],
  });
  expect((await client.get('/api/v2/authorization/subjects/id-1')).body).toEqual(own.body);
  expect((await client.get('/api/v2/authorization/subjects/agent-a')).body).toMatchObject({
    grants: [{ division: { name: 'Home', homeDivision: true } }],
  });
  expect((await client.get('/api/v2/authorization/subjects/x')).status).toBe(404);
});
