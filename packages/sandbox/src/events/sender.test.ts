import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { register, startReceiver } from '../../test/receiver.ts';
import { startSandbox } from '../../test/start.ts';
import type { SettingsChange } from '../schemas.ts';

/** A sandbox with the call `c`, and one webhook to a receiver that answers these statuses. */
async function startWithReceiver(
  statuses: (number | null)[],
  settings: SettingsChange = {},
  retryPolicy?: Record<string, number>,
) {
  const { sandbox, client } = await startSandbox({ settings });
  const receiver = await startReceiver(statuses);
  const change = { filter: undefined, ...(retryPolicy && { retry_policy: retryPolicy }) };
  await register(client, receiver.url, change);
  sandbox.putCall('c');
  const bump = (times = 1) => {
    for (let time = 0; time < times; time += 1) sandbox.actOnCall('c', { action: 'bump-etag' });
  };
  const statusesSent = () =>
    sandbox.events.entries('c').flatMap(({ sendings }) => sendings.map((s) => s.status));
  return { sandbox, client, receiver, bump, statusesSent };
}

test('retries the same event until it is answered 2xx', async () => {
  const started = await startWithReceiver([503, 302, 204], { eventRetryIntervalMs: 0 });
  started.bump();
  await started.sandbox.events.settled();
  expect(started.statusesSent()).toEqual([503, 302, 204]);
  expect(new Set(started.receiver.received.map(({ text }) => text)).size).toBe(1);
});

test('retries as often as registered', async () => {
  const started = await startWithReceiver([500], { eventRetryIntervalMs: 0 });
  started.bump();
  await started.sandbox.events.settled();
  expect(started.statusesSent()).toEqual([500, 500, 500, 500]);
});

test('sends once without a retry policy', async () => {
  const { sandbox, client } = await startSandbox();
  const receiver = await startReceiver([500]);
  await register(client, receiver.url, { retry_policy: undefined, filter: undefined });
  sandbox.putCall('c');
  sandbox.actOnCall('c', { action: 'hang-up' });
  await sandbox.events.settled();
  expect(sandbox.events.entries()[0]?.sendings).toMatchObject([{ status: 500 }]);
});

test('retries after the registered interval, unless the settings override it', async () => {
  const policy = { retry_count: 1, retry_interval_seconds: 0.03 };
  const started = await startWithReceiver([500, 200], {}, policy);
  started.bump();
  await started.sandbox.events.settled();
  const [first, second] = started.sandbox.events.entries()[0]?.sendings ?? [];
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(29);
});

test('no connection, or no answer in five seconds, counts as a failure', async () => {
  const started = await startWithReceiver([null, 200], { eventRetryIntervalMs: 0 });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  started.bump();
  await started.receiver.arrived(1);
  vi.advanceTimersByTime(5_000);
  await started.sandbox.events.settled();
  expect(started.statusesSent()).toEqual([null, 200]);
  const [event] = started.sandbox.events.entries();
  const gone = await started.sandbox.events.send(event?.event ?? never(), 'http://127.0.0.1:1/');
  expect(gone.sendings.at(-1)).toMatchObject({ status: null, ms: expect.any(Number) });
});

test.each(['whsec_c2VjcmV0LW9mLXRoZS1zYW5kYm94', 'plain text, ümlaut'])(
  'with the secret %s, signs every delivery by Standard Webhooks',
  async (secret) => {
    const started = await startWithReceiver([503, 200], { eventSecret: secret, eventRetryIntervalMs: 0 });
    started.bump();
    await started.sandbox.events.settled();
    const webhook = secret.startsWith('whsec_')
      ? new Webhook(secret)
      : new Webhook(Buffer.from(secret), { format: 'raw' });
    expect(started.receiver.received).toHaveLength(2);
    for (const { text, headers, event } of started.receiver.received) {
      expect(webhook.verify(text, headers as Record<string, string>)).toEqual(event);
      expect(headers['webhook-id']).toBe(event.id);
    }
  },
);

test('an event without an id is signed under a digest that its retries share', async () => {
  const started = await startWithReceiver([503, 200], {
    eventSecret: 's',
    eventIds: false,
    eventRetryIntervalMs: 0,
  });
  started.bump(2);
  await started.sandbox.events.settled();
  const ids = started.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(2);
});

test('sends configured headers, which may override the signature', async () => {
  const eventHeaders = { Authorization: 'Bearer t', 'Webhook-Signature': 'v1,bad' };
  const started = await startWithReceiver([200], { eventSecret: 's', eventHeaders });
  started.bump();
  await started.sandbox.events.settled();
  expect(started.receiver.received[0]?.headers).toMatchObject({
    authorization: 'Bearer t',
    'webhook-signature': 'v1,bad',
    'content-type': 'application/json',
  });
});

test('connections are kept alive', async () => {
  const started = await startWithReceiver([200]);
  for (let time = 0; time < 3; time += 1) {
    started.bump();
    await started.sandbox.events.settled();
  }
  expect(started.receiver.received).toHaveLength(3);
  expect(started.receiver.connections()).toBe(1);
});

test('at most 50 are in flight, and closing aborts them and those that wait for a slot', async () => {
  const started = await startWithReceiver([null]);
  started.bump(60);
  await started.receiver.arrived(50);
  expect(started.statusesSent()).toHaveLength(50);
  await started.sandbox.close();
  await started.sandbox.events.settled();
  expect(started.statusesSent()).toEqual(Array.from({ length: 50 }, () => null));
});

test('two thousand events all arrive once, in two waves', { timeout: 240_000 }, async () => {
  const started = await startWithReceiver([200]);
  for (let wave = 0; wave < 2; wave += 1) {
    started.bump(1_000);
    await started.sandbox.events.settled();
  }
  const ids = started.receiver.received.map(({ event }) => event.id);
  expect(new Set(ids).size).toBe(2_000);
  // On a busy machine an answer may come after its time-out; only then is an event sent again.
  for (const { sendings } of started.sandbox.events.entries()) {
    expect(sendings.at(-1)?.status).toBe(200);
    for (const { status } of sendings.slice(0, -1)) expect(status).toBeNull();
  }
});

test('closing aborts deliveries that wait for a delay or retry', async () => {
  const started = await startWithReceiver([503], { eventDelayMs: { min: 0, max: 0 } });
  started.bump();
  await started.receiver.arrived(1);
  started.sandbox.changeSettings({ eventDelayMs: 600_000 });
  started.bump();
  await started.sandbox.close();
  await started.sandbox.events.settled();
  expect(started.receiver.received).toHaveLength(1);
});

function never(): never {
  throw new Error('No event');
}
