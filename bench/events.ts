import { randomBytes, randomUUID } from 'node:crypto';
import { createSigner } from '@handover/core/billing';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import type { Ground } from './ground.ts';
import { compare, perSecond } from './rounds.ts';
import { type Row, rate } from './table.ts';

const EVENTS = 4_000;
const ROUNDS = 5;
const CONNECTIONS = 50;
const SECRET = randomBytes(24).toString('hex');
const PREFIX = '{bench-events}';

/** Events accepted per second by the receiver, beside a bare Fastify route with `queue.add`; every event is a new one. */
export async function benchEvents(ground: Ground): Promise<Row[]> {
  const api = await ground.startApp('api', { QUEUE_PREFIX: PREFIX, WEBHOOK_SECRET: SECRET });
  const bare = await ground.startProgram('bare-route.ts', { QUEUE_PREFIX: PREFIX });
  const redis = new Redis(ground.redisUrl);
  const receiver = `${api.url}/webhooks/billing-sync`;
  const queued = (queue: string) => redis.llen(`${PREFIX}:${queue}:wait`);
  const sign = createSigner(SECRET);
  const shown = { authorization: `Bearer ${SECRET}` };
  const beside = async () =>
    post(
      `${bare.url}/events`,
      () => shown,
      () => queued('bare'),
    );

  const rows: Row[] = [];
  for (const [how, headersOf] of [
    ['with a secret', () => shown],
    ['signed', (id: string, body: string) => sign(id, body)],
  ] as const) {
    const ours = async () => post(receiver, headersOf, () => queued('billing'));
    const found = await compare(ours, beside, ROUNDS);
    rows.push({
      what: `events accepted, ${how}`,
      ours: rate(found.ours),
      beside: rate(found.beside),
      besideWhat: 'a bare route with queue.add',
      ratio: found.ratio.toFixed(2),
      raw: found,
    });
  }
  redis.disconnect();
  return rows;
}

/** Posts new events over some connections at once. Gives how many per second; throws unless each one is in the queue. */
async function post(
  url: string,
  headersOf: (id: string, body: string) => Record<string, string>,
  countQueued: () => Promise<number>,
): Promise<number> {
  const before = await countQueued();
  const events = Array.from({ length: EVENTS }, () => {
    const id = randomUUID();
    const body = eventBody(id);
    return { body, headers: { 'content-type': 'application/json', ...headersOf(id, body) } };
  });
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const postSome = async () => {
    for (let next = events.pop(); next !== undefined; next = events.pop()) {
      const answer = await pool.request({ method: 'POST', path, ...next });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`an event was answered with ${answer.statusCode}`);
    }
  };
  const found = await perSecond(EVENTS, () => Promise.all(Array.from({ length: CONNECTIONS }, postSome)));
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
