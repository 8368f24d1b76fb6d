import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FaultWorld, openFaultWorld, type Process } from '../support/processes.ts';

const FULL = '90000000-0000-4000-8000-0000000000aa';
const OTHER = '90000000-0000-4000-8000-0000000000bb';
const dir = mkdtempSync(join(tmpdir(), 'handover-policies-'));

let faults: FaultWorld;
let api: Process;
beforeAll(async () => {
  const file = join(dir, 'queues.json');
  writeFileSync(file, JSON.stringify({ default: { maxWaiting: 5 }, queues: { [FULL]: { maxWaiting: 2 } } }));
  faults = await openFaultWorld((sandboxUrl) => ({
    ...{ GENESYS_API: 'platform', GENESYS_BASE_URL: sandboxUrl, QUEUE_POLICY_FILE: file },
    ...{ PRIVATE_ATTRIBUTE: 'vip=yes', PERMISSION_UNKNOWN: 'allow', USER_TARGET_STATUSES: 'COMMUNICATING' },
  }));
  const { directory } = faults.world.sandbox.platform;
  directory.users.put('agent', { expandsAuthorization: false });
  const permissions = ['routing:queue:view', 'analytics:queueObservation:view'];
  directory.clients.put('test', { secret: 'test-secret', permissions });
  directory.users.put('ann', { routingStatus: 'IDLE' });
  for (const id of [FULL, OTHER]) directory.queues.put(id, { waiting: 3 });
  const { startReady } = faults.processes;
  [, api] = await Promise.all([startReady('worker'), startReady('api')]);
});
afterAll(async () => {
  await faults?.close();
  rmSync(dir, { recursive: true });
});

/** Submits a transfer of a call with these attributes, and waits for its outcome. */
async function submit(target: object, attributes: Record<string, string> = {}) {
  const callId = randomUUID();
  faults.world.sandbox.platform.putConversation(callId, {
    participants: [{ purpose: 'agent', user: { id: 'agent' }, attributes }],
  });
  const answer = await fetch(`${api.url}/api/transfers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({ callId, userId: 'agent', transferType: 'blind', target }),
  });
  return (await answer.json()) as { outcome: object; timeline: { evidence?: Record<string, string> }[] };
}

test('a worker decides by the file and the variables', async () => {
  const marked = await submit({ type: 'queue', id: OTHER }, { vip: 'yes' });
  expect(marked.outcome).toMatchObject({
    ...{ reason: 'call-is-private', detail: 'attribute vip=yes is set (PRIVATE_ATTRIBUTE)' },
  });
  const full = await submit({ type: 'queue', id: FULL });
  expect(full.outcome).toMatchObject({ detail: 'target is full: 3 waiting, at most 2 (maxWaiting)' });
  const user = await submit({ type: 'user', id: 'ann' });
  expect(user.outcome).toMatchObject({
    detail: 'target is IDLE (user ann); USER_TARGET_STATUSES has COMMUNICATING',
  });
});
