import { randomUUID } from 'node:crypto';
import type { Ground } from './ground.ts';
import { postAll, transferOf, transfersOf } from './load.ts';
import { compare } from './rounds.ts';
import type { Row } from './table.ts';

const POSTS = 3_000;
const ROUNDS = 5;

/** Transfers accepted per second without a worker, compared with a bare Fastify route with `queue.add`. */
export async function benchAccepted(ground: Ground): Promise<Row[]> {
  const env = { QUEUE_PREFIX: '{bench-accepted}' };
  const api = await ground.startApp('api', env);
  const bare = await ground.startProgram('bare-route.ts', env);
  const bodies = () => Array.from({ length: POSTS }, () => transferOf(`call-${randomUUID()}`));
  const ours = () => postAll(transfersOf(api), bodies(), 202);
  const beside = () => postAll(`${bare.url}/events`, bodies(), 200);
  const besideWhat = 'a bare route with queue.add';
  return [{ what: 'transfers accepted', unit: '/s', besideWhat, ...(await compare(ours, beside, ROUNDS)) }];
}
