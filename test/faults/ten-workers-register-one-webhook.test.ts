import { once } from 'node:events';
import type { Sandbox } from '@handover/sandbox';
import { expect, test } from 'vitest';
import { billingEnv, watchBilling } from '../support/billing.ts';
import { freePort } from '../support/ports.ts';
import { openFaultWorld } from '../support/processes.ts';
import { openWorld } from '../support/world.ts';

const WORKERS = 10;

/** The number of registration requests to the platform. */
const posts = (sandbox: Sandbox) =>
  sandbox.requests.entries().filter(({ operation }) => operation === 'webhook');

type Ready = { webhook: { state: string; detail?: string } };

const allRegistered = (all: Ready[]) =>
  all.every(({ webhook }) => webhook.state === 'registered') ? true : undefined;

// They are in one process, for maximum concurrency.
for (const { count, webhookRoutes } of [
  { count: WORKERS, webhookRoutes: 'create' },
  { count: 3, webhookRoutes: 'all' },
] as const)
  test(`${count} concurrent workers register one webhook (routes of the platform: ${webhookRoutes})`, async ({
    onTestFinished,
  }) => {
    const apiPort = await freePort();
    const env = (sandboxUrl: string) => billingEnv(sandboxUrl, apiPort);
    const world = await openWorld({ workers: 0, env });
    onTestFinished(() => world.close());
    const { sandbox } = world;
    sandbox.changeSettings({ webhookRoutes });
    const start = (number: number) => Promise.all(Array.from({ length: number }, () => world.startOne()));
    const workers = await start(count);
    const registered = async () => allRegistered(await Promise.all(workers.map((worker) => worker.ready())));
    await world.eventually(registered);
    const [webhook] = sandbox.webhooks.list();
    expect(webhook).toBeDefined();
    // After restart and scaling they find it registered.
    await Promise.all(workers.splice(0, 2).map((worker) => worker.close()));
    workers.push(...(await start(3)));
    const billing = watchBilling(world);
    onTestFinished(async () => {
      await billing.close();
    });
    await world.eventually(async () => ((await billing.pending()) === 0 ? true : undefined));
    await world.eventually(registered);
    expect(sandbox.webhooks.list()).toEqual([webhook]);
  });

for (const forgotten of ['its job', 'everything'] as const)
  test(`a registration is repeated after Redis lost ${forgotten}`, async ({ onTestFinished }) => {
    const apiPort = await freePort();
    const world = await openWorld({ workers: 0, env: (sandboxUrl) => billingEnv(sandboxUrl, apiPort) });
    onTestFinished(() => world.close());
    const { sandbox, redis, store } = world;
    const billing = watchBilling(world);
    onTestFinished(async () => {
      await billing.close();
    });
    sandbox.addScript({ operation: 'webhook', steps: [{ status: 403, times: 99 }] });
    await world.startOne();
    const waiting = await world.eventually(async () =>
      (await billing.queue.getDelayed()).find(({ name }) => name === 'register-webhook'),
    );
    await waiting.remove();
    if (forgotten === 'everything') await redis.del(store.keys.webhook);
    sandbox.clearScripts();
    // The check runs once a minute; trigger the next one now.
    await redis.del(`${world.config.queuePrefix}:turn:want-webhook`);
    await world.eventually(async () => (sandbox.webhooks.list().length > 0 ? true : undefined));
    expect(await billing.queue.getJobCountByTypes('delayed', 'waiting')).toBe(0);
  });

test('a failed registration is retried with growing delays, and shown until it succeeds', async ({
  onTestFinished,
}) => {
  const apiPort = await freePort();
  const { world, processes, close } = await openFaultWorld((sandboxUrl) => billingEnv(sandboxUrl, apiPort));
  onTestFinished(close);
  const { sandbox } = world;
  sandbox.addScript({ operation: 'webhook', steps: [{ status: 403, times: 3 }] });
  const worker = await processes.startReady('worker');
  const readyz = async () => {
    const answer = await fetch(`${worker.url}/readyz`);
    return { http: answer.status, ...((await answer.json()) as Ready & { status: string }) };
  };
  while (posts(sandbox).filter(({ status }) => status === 403).length < 1) await once(sandbox, 'answered');
  const failing = await world.eventually(async () => {
    const answer = await readyz();
    return answer.webhook.state === 'failing' ? answer : undefined;
  });
  // Only Redis and the configuration affect readiness; the failure is still reported.
  expect(failing).toMatchObject({
    http: 200,
    status: 'ready',
    webhook: { detail: expect.stringContaining('403') },
  });
  await world.eventually(async () => allRegistered([await readyz()]));
  expect(sandbox.webhooks.list()).toHaveLength(1);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/webhook_registrations_total\{result="failed"\} 3\n/);
});

test('a changed callback URL updates the registration instead of adding one', async ({ onTestFinished }) => {
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
