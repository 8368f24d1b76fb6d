import { expect, onTestFinished, test } from 'vitest';
import { platform } from './platform/dialect.ts';
import { createProbe } from './probe.ts';

test('a check cannot send what changes something', async () => {
  const probe = createProbe({ dialect: platform, baseUrl: 'http://127.0.0.1:9', timeoutMs: 100 });
  onTestFinished(probe.close);
  const { signal } = new AbortController();
  const transfer = { operation: 'transfer', method: 'POST', path: '/x', signal } as const;
  await expect(probe.ask(transfer)).rejects.toThrow('a check must not send POST /x');
  await expect(probe.client.request(transfer)).rejects.toThrow('a check must not send POST /x');
  expect(await probe.ask({ ...transfer, operation: 'observations' })).toMatchObject({ answered: false });
});
