import { fc, test } from '@fast-check/vitest';
import { openDialect } from '@handover/core/genesys';
import { BillingEventJob } from '@handover/core/redis';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { connected, startApi, type TestApi } from './start-api.ts';
import { bearer, RAW, send } from './webhook-events.ts';

const { parseEvent } = openDialect('voice');

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET: RAW } });
  await connected(api);
});
afterAll(() => api.close());

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 1 }));
const anything = fc.jsonValue();
const nearly = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 9, arbitrary: right }, anything);

const event = fc.record(
  {
    id: nearly(fc.oneof(text, fc.integer(), fc.constant(null))),
    type: fc.oneof({ weight: 9, arbitrary: fc.constant('voice.call.updated') }, text, anything),
    timestamp: nearly(
      fc.oneof(
        fc
          .date({ min: new Date('2000-01-01'), max: new Date(), noInvalidDate: true })
          .map((date) => date.toISOString()),
        fc.integer({ min: 950_000_000_000, max: 1_700_000_000_000 }),
        text,
      ),
    ),
    event_data: nearly(
      fc.record(
        {
          id: nearly(text),
          transferType: nearly(fc.constantFrom('blind', 'consult', 'warm', null)),
          target: nearly(
            fc.record(
              { id: nearly(text), type: nearly(fc.constantFrom('queue', 'user', 'x')) },
              { requiredKeys: ['id'] },
            ),
          ),
          more: anything,
        },
        { requiredKeys: ['id', 'transferType', 'target'] },
      ),
    ),
  },
  { requiredKeys: ['type', 'timestamp', 'event_data'] },
);

const body = fc.oneof({ weight: 8, arbitrary: event.map((value) => JSON.stringify(value)) }, fc.json(), text);

describe('any body of an authenticated sender', () => {
  test.prop([body], { numRuns: 500 })(
    'is queued once unchanged, or ignored, or refused as a client error',
    async (sent) => {
      const before = await api.billing.queue.getWaitingCount();
      const answer = await send(api, sent, bearer(RAW));
      const waiting = await api.billing.queue.getWaitingCount();
      if (answer.statusCode === 400) {
        expect(answer.json().code).toMatch(/^(invalid-request|malformed-json|empty-body)$/);
        expect(waiting).toBe(before);
        return;
      }
      expect(answer.statusCode).toBe(200);
      const { status } = answer.json();
      expect(waiting).toBe(before + (status === 'queued' ? 1 : 0));
      if (status === 'ignored') return;
      const parsed = parseEvent(JSON.parse(sent), Date.now());
      const [newest] = await api.billing.queue.getJobs(['waiting'], 0, 0, false);
      if (status === 'queued')
        expect(BillingEventJob.parse(newest?.data).event).toEqual(parsed.is === 'transfer' && parsed.event);
      expect((await send(api, sent, bearer(RAW))).json()).toEqual({ status: 'duplicate' });
    },
  );

  test('and some are queued', async () => {
    expect(await api.billing.queue.getWaitingCount()).toBeGreaterThan(20);
  });
});
