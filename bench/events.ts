import { randomBytes, randomUUID } from 'node:crypto';
import { createSigner } from '@handover/core/billing';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import { compare, eachOf, perSecond } from './rounds.ts';
import type { Row } from './table.ts';

const EVENTS = 4_000;
const ROUNDS = 5;
const CONNECTIONS = 50;
const SECRET = randomBytes(24).toString('hex');
const PREFIX = '{bench-events}';

type HeadersOf = (id: string, body: string) => Record<string, string>;

/** Events accepted per second by the receiver, compared with a bare Fastify route with `queue.add`; every event is new. */
export async function benchEvents(ground: Ground): Promise<Row[]> {
  const api = await ground.startApp('api', { QUEUE_PREFIX: PREFIX, WEBHOOK_SECRET: SECRET });
  const bare = await ground.startProgram('bare-route.ts', { QUEUE_PREFIX: PREFIX });
  // On interruption it loses its Redis; pending commands fail.
  const redis = new Redis(ground.redisUrl).on('error', () => {});
  const queued = (queue: string) => () => redis.llen(`${PREFIX}:${queue}:wait`);
  const sign = createSigner(SECRET);
  const ways: [how: string, headersOf: HeadersOf][] = [
    ['with a secret', () => ({ authorization: `Bearer ${SECRET}` })],
    ['signed', (id, body) => sign(id, body, Date.now())],
  ];

  const rows: Row[] = [];
  for (const [how, headersOf] of ways) {
    const ours = () => post(`${api.url}/webhooks/billing-sync`, headersOf, queued('billing'));
    const beside = () => post(`${bare.url}/events`, headersOf, queued('bare'));
    rows.push({
      what: `events accepted, ${how}`,
      unit: '/s',
      besideWhat: 'a bare route with queue.add',
      ...(await compare(ours, beside, ROUNDS)),
    });
  }
  redis.disconnect();
  return rows;
}

/** Posts new events over several connections. Returns the rate per second; throws unless every event is in the queue. */
async function post(url: string, headersOf: HeadersOf, countQueued: () => Promise<number>): Promise<number> {
  const before = await countQueued();
  // Created and signed before the measurement.
  const events = Array.from({ length: EVENTS }, () => {
    const id = randomUUID();
    const body = eventBody(id);
    return { body, headers: { 'content-type': 'application/json', ...headersOf(id, body) } };
  });
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const found = await perSecond(EVENTS, () =>
    eachOf(events, CONNECTIONS, async (event) => {
      const answer = await pool.request({ method: 'POST', path, ...event });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`an event was answered with ${answer.statusCode}`);
    }),
  );
  await pool.close();
  const added = (await countQueued()) - before;
  if (added !== EVENTS) throw new Error(`of ${EVENTS} events ${added} are in the queue`);
  return found;
}

function eventBody(id: string): string {
  return JSON.stringify({
    id,
    type: 'voice.call.updated',
    timestamp: new Date().toISOString(),
    event_data: { id: `call-${id}`, transferType: 'blind', target: { id: 'queue-support', type: 'queue' } },
  });
}
