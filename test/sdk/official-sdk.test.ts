import { createSandbox, type Sandbox } from '@handover/sandbox';
import sdk from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';

const AGENT = 'a0000000-0000-4000-8000-000000000001';
const CALL = 'c0000000-0000-4000-8000-000000000001';
const QUEUE = '90000000-0000-4000-8000-000000000001';
const MAY_TRANSFER = 'conversation:communication:blindTransfer';

let sandbox: Sandbox;
const client = sdk.ApiClient.instance;

beforeAll(async () => {
  sandbox = createSandbox({ client: { id: 'client', secret: 'a-secret' } });
  const { hostname: host, port } = new URL(await sandbox.listen());
  const { platform } = sandbox;
  platform.directory.users.put(AGENT, {
    name: 'Ann',
    permissions: [MAY_TRANSFER],
    routingStatus: 'INTERACTING',
  });
  platform.directory.queues.put(QUEUE, { name: 'Support', onQueueUsers: { IDLE: 2, INTERACTING: 3 } });
  platform.putConversation(CALL, {
    participants: [{ id: 'leg', purpose: 'agent', user: { id: AGENT } }],
  });
  client.setGateway({ host, protocol: 'http', port: Number(port) });
});
afterAll(() => sandbox.close());

/** What the official SDK rejects with: the body of the refusal alone. */
const refused = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a wrong secret is refused', async () => {
  expect(await refused(client.loginClientCredentialsGrant('client', 'wrong'))).toBeDefined();
});

test('the official SDK moves a call of the sandbox and sees it there', async () => {
  await client.loginClientCredentialsGrant('client', 'a-secret');
  const conversations = new sdk.ConversationsApi();
  const before = await conversations.getConversationsCall(CALL);
  expect(before.participants?.map(({ purpose, state }) => [purpose, state])).toEqual([
    ['customer', 'connected'],
    ['agent', 'connected'],
  ]);

  await conversations.postConversationParticipantReplaceQueue(CALL, 'leg', { queueId: QUEUE });
  await sandbox.platform.settled();
  const after = await conversations.getConversationsCall(CALL);
  expect(after.recentTransfers).toMatchObject([{ state: 'Complete', transferType: 'Unattended' }]);
  expect(after.participants?.at(-1)).toMatchObject({
    purpose: 'acd',
    state: 'connected',
    queue: { id: QUEUE },
  });
  expect(sandbox.ledger.entries(CALL)).toMatchObject([{ leg: 'leg', target: { type: 'queue', id: QUEUE } }]);

  const again = conversations.postConversationParticipantReplaceQueue(CALL, 'leg', { queueId: QUEUE });
  expect(await refused(again)).toMatchObject({
    status: 400,
    code: 'conversations.error.transfer.not.connected',
  });
  expect(await refused(conversations.getConversationsCall('unknown'))).toMatchObject({ status: 404 });
});

test('the official SDK reads users and queues of the sandbox', async () => {
  await client.loginClientCredentialsGrant('client', 'a-secret');
  const users = new sdk.UsersApi();
  const user = await users.getUser(AGENT, { expand: ['authorization'] });
  expect(user).toMatchObject({ name: 'Ann', authorization: { permissions: [MAY_TRANSFER] } });
  expect(await users.getUserRoutingstatus(AGENT)).toMatchObject({ status: 'INTERACTING' });

  expect(await new sdk.RoutingApi().getRoutingQueue(QUEUE)).toMatchObject({ id: QUEUE, name: 'Support' });
  const observed = await new sdk.AnalyticsApi().postAnalyticsQueuesObservationsQuery({
    filter: {
      type: 'or',
      predicates: [{ type: 'dimension', dimension: 'queueId', operator: 'matches', value: QUEUE }],
    },
    metrics: ['oOnQueueUsers'],
  });
  const counts = observed.results?.flatMap(({ data }) => data ?? []).map(({ stats }) => stats?.count);
  expect(counts).toEqual([2, 3]);
});
