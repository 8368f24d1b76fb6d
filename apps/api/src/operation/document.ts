import { parseConfig } from '@handover/core/config';
import { destinationNames } from '@handover/core/destinations';
import {
  BILLING_QUEUE,
  CALLBACK_QUEUE,
  createLane,
  deliveryQueueName,
  FOLLOW_UP_QUEUE,
  type LaneName,
} from '@handover/core/redis';
import { createApp } from '../app.ts';
import type { ApiParts } from '../parts.ts';
import { documentOf } from './docs.ts';

/** Stands for the parts that routes need only to answer: whatever is asked of it is nothing again. */
const nothing: object = new Proxy(() => {}, {
  apply: () => nothing,
  get(_target, name) {
    // Else `await` would wait for it.
    if (name === 'then') return undefined;
    if (name === Symbol.iterator) return () => [].values();
    return name === Symbol.toPrimitive ? () => 'nothing' : nothing;
  },
});

/** These members, and nothing of all others. */
function only<T extends object>(given: T): T {
  return new Proxy(given, {
    get: (_, name) => (name in given ? Reflect.get(given, name) : Reflect.get(nothing, name)),
  });
}

const queueCalled = (name: string) => only({ name });
const laneCalled = (name: LaneName) => only({ queue: queueCalled(createLane(name, '').queue) });

/** The OpenAPI document of this dialect, without Redis: registers every route as `createApp` does, and answers none. */
export async function describeRoutes(dialect: 'voice' | 'platform'): Promise<unknown> {
  const region =
    dialect === 'voice' ? { GENESYS_BASE_URL: 'http://127.0.0.1:1' } : { GENESYS_REGION: 'mypurecloud.com' };
  const parts = only({
    config: parseConfig({ GENESYS_API: dialect, ...region }, 'api'),
    timeouts: undefined,
    tracing: undefined,
    live: laneCalled('live'),
    simulated: laneCalled('simulated'),
    followUps: queueCalled(FOLLOW_UP_QUEUE),
    callbacks: only({ queue: queueCalled(CALLBACK_QUEUE) }),
    billing: only({
      queue: queueCalled(BILLING_QUEUE),
      deliveries: destinationNames.map((name) => queueCalled(deliveryQueueName(name))),
    }),
  });
  const app = await createApp(parts as unknown as ApiParts);
  // As it is sent: without what is undefined.
  const document: unknown = JSON.parse(JSON.stringify(documentOf(app, dialect, '')));
  await app.close();
  return document;
}
