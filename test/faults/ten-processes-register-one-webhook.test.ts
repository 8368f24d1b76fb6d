import { once } from 'node:events';
import type { Sandbox } from '@handover/sandbox';
import { expect, type TestContext, test } from 'vitest';
import { freePort } from '../../scripts/redis.mjs';
import { billingEnv, watchBilling } from '../support/billing.ts';
import { openFaultWorld } from '../support/processes.ts';

const PROCESSES = 10;

async function openWorkers(
  { onTestFinished }: TestContext,
  count: number,
  prepare: (sandbox: Sandbox) => void,
) {
  const apiPort = await freePort();
  const faults = await openFaultWorld((sandboxUrl) => billingEnv(sandboxUrl, apiPort));
  onTestFinished(faults.close);
  const { sandbox } = faults.world;
  prepare(sandbox);
  const workers = await faults.processes.startWorkers(count);
  const registered = async () => {
    const answers = await Promise.all(workers.map(({ url }) => fetch(`${url}/readyz`)));
    const bodies = (await Promise.all(answers.map((one) => one.json()))) as { webhook: { state: string } }[];
    return bodies.every(({ webhook }) => webhook.state === 'registered') ? true : undefined;
  };
  return { ...faults, workers, registered, apiPort };
}

/** How often somebody asked the platform to register. */
const posts = (sandbox: Sandbox) =>
  sandbox.requests.entries().filter(({ operation }) => operation === 'webhook');

for (const { count, webhookRoutes } of [
  { count: PROCESSES, webhookRoutes: 'create' },
  { count: 3, webhookRoutes: 'all' },
] as const)
  test(`${count} workers that start at once register one webhook (routes of the platform: ${webhookRoutes})`, {
    timeout: 60_000,
  }, async (context) => {
    const { world, processes, registered, workers } = await openWorkers(context, count, (sandbox) =>
      sandbox.changeSettings({ webhookRoutes }),
    );
    const { sandbox } = world;
    await world.eventually(registered);
    const [webhook] = sandbox.webhooks.list();
    // Restarted and scaled, they find it registered.
    await Promise.all(workers.slice(0, 2).map((worker) => worker.stop()));
    await processes.startWorkers(3);
    const billing = watchBilling(world);
    context.onTestFinished(async () => {
      await billing.close();
    });
    await world.eventually(async () => ((await billing.pending()) === 0 ? true : undefined));
    expect(sandbox.webhooks.list()).toEqual([webhook]);
  });

test('a registration that fails is tried again after growing gaps, and shows until it succeeds', {
  timeout: 60_000,
}, async (context) => {
  const { world, workers, registered } = await openWorkers(context, 1, (sandbox) =>
    sandbox.addScript({ operation: 'webhook', steps: [{ status: 403, times: 3 }] }),
  );
  const { sandbox } = world;
  while (posts(sandbox).filter(({ status }) => status === 403).length < 1) await once(sandbox, 'answered');
  const failing = await world.eventually(async () => {
    const answer = await fetch(`${workers[0]?.url}/readyz`);
    const { status, webhook } = (await answer.json()) as {
      status: string;
      webhook: { state: string; detail?: string };
    };
    return webhook.state === 'failing' ? { http: answer.status, status, webhook } : undefined;
  });
  // Only Redis and the configuration decide over readiness; the failure is told all the same.
  expect(failing).toMatchObject({
    http: 200,
    status: 'ready',
    webhook: { detail: expect.stringContaining('403') },
  });
  await world.eventually(registered);
  expect(sandbox.webhooks.list()).toHaveLength(1);
  const metrics = await Promise.all(workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const failures = metrics.map((text) =>
    Number(/webhook_registrations_total\{result="failed"\} (\d+)/.exec(text)?.[1]),
  );
  expect(failures.reduce((a, b) => a + b, 0)).toBe(3);
});

test('a changed callback URL updates the registration instead of adding one', { timeout: 60_000 }, async ({
  onTestFinished,
}) => {
  const [oldPort, newPort] = [await freePort(), await freePort()];
  const first = await openFaultWorld((sandboxUrl) => billingEnv(sandboxUrl, oldPort));
  onTestFinished(first.close);
  const { sandbox } = first.world;
  const worker = await first.processes.startReady('worker');
  const urlOf = () => sandbox.webhooks.list().map(({ callback_url: url }) => new URL(url).port);
  await first.world.eventually(async () => (urlOf()[0] === String(oldPort) ? true : undefined));
  await worker.stop();
  await first.processes.startReady('worker', undefined, {
    WEBHOOK_CALLBACK_URL: `http://127.0.0.1:${newPort}/webhooks/billing-sync`,
  });
  await first.world.eventually(async () => (urlOf()[0] === String(newPort) ? true : undefined));
  expect(urlOf()).toEqual([String(newPort)]);
});
