import { fc, test } from '@fast-check/vitest';
import { createSandbox } from '@handover/sandbox';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';

const sandbox = createSandbox();
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { SANDBOX_URL: await sandbox.listen() } });
  await connected(api);
});
afterAll(async () => {
  await api.close();
  await sandbox.close();
});

const routes = [
  '/api/transfers',
  '/api/transfers/batch',
  '/api/simulator/transfer',
  '/api/dead-letters/replay',
  '/api/dead-letters/resolve',
  '/api/dead-letters/x/replay',
  '/api/dead-letters/x/resolve',
];

const nearly = fc.record(
  {
    callId: fc.oneof(fc.string(), fc.jsonValue()),
    userId: fc.string({ unit: 'binary' }),
    transferType: fc.constantFrom('blind', 'consult', 'warm', 1),
    target: fc.record({ type: fc.constantFrom('queue', 'phone'), id: fc.string(), x: fc.integer() }),
    expiresAt: fc.string(),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    transfers: fc.array(fc.jsonValue(), { maxLength: 5 }),
    // Unknown, so that nothing is ever accepted.
    unknown: fc.jsonValue(),
  },
  { requiredKeys: ['unknown'] },
);

const payload = fc.oneof(
  fc.json(),
  nearly.map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

const type = fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain', 'x/y');
const key = fc.option(fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', ';'), maxLength: 6 }), {
  nil: undefined,
});

describe('any payload to a route with a body', () => {
  test.prop([fc.constantFrom(...routes), payload, type, key], { numRuns: 500 })(
    'is answered as a client error and never creates a job',
    async (url, body, contentType, idempotencyKey) => {
      const answer = await api.app.inject({
        method: 'POST',
        url,
        headers: {
          'content-type': contentType,
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        payload: body,
      });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(await api.redis.zcard(api.live.store.keys.due)).toBe(0);
      expect(await api.live.queue.getJobCountByTypes()).toBe(0);
      expect(await api.simulated.queue.getJobCountByTypes()).toBe(0);
    },
  );

  test.prop([fc.webPath(), fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'POST')], { numRuns: 200 })(
    'and no path causes a server error',
    async (path, method) => {
      const answer = await api.app.inject({ method: method as 'GET', url: path || '/' });
      expect(answer.statusCode).toBeLessThan(500);
    },
  );
});
