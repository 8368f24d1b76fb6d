import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Chance, takeChance } from '../support/chance.ts';
import { good, HOSTILE, make, type Post } from './hostile-posts.ts';
import { connected, startApi, type TestApi } from './start-api.ts';
import { counted, queued, RAW, STRANGE, WHSEC } from './webhook-events.ts';

const POSTS = 2_000;
const AT_ONCE = 24;
const GOOD = 40;

let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await startApi({ redisUrl: inject('redisUrl'), env: { WEBHOOK_SECRET: `${RAW},${WHSEC}` } });
  await connected(api);
  port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => api.close());

type Heard = { status: number; body: Record<string, unknown> | undefined };

/** Sends these bytes over a new connection and reads the response; status 0 if there is none. */
async function deliver({ bytes, ending }: Post): Promise<Heard> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {}).once('end', () => socket.end());
  const closed = once(socket, 'close');
  if (ending === 'hangs up') socket.write(bytes, () => socket.destroy());
  else if (ending === 'says no more') socket.end(bytes);
  else socket.write(bytes);
  await closed;
  const [, status, rest = ''] = /^HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  return { status: Number(status ?? 0), body: rest === '' ? undefined : JSON.parse(rest) };
}

/** Delivers all with limited concurrency, and returns the response of each. */
async function deliverAll(posts: Post[]): Promise<Map<Post, Heard>> {
  const heard = new Map<Post, Heard>();
  const waiting = [...posts].reverse();
  const deliverSome = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      heard.set(next, await deliver(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, deliverSome));
  return heard;
}

function shuffle<T>(items: T[], chance: Chance): T[] {
  return items
    .map((item) => ({ item, at: chance.between(0, 1) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const SECRETS_OR_STACK = new RegExp([RAW, WHSEC.slice(6), STRANGE, 'node:internal', '\\.ts:'].join('|'));

test(`of ${POSTS} forged, replayed, stale, truncated and oversized posts none is accepted, and none causes a server error`, async () => {
  const chance = takeChance('hostile posts');
  const first = Array.from({ length: GOOD / 2 }, () => good(chance));
  const firstHeard = await deliverAll(first);
  const replays = Array.from({ length: POSTS / 10 }, (): Post => {
    const { bytes } = chance.pick(first);
    return { what: 'a replay', status: 200, result: 'duplicate', bytes };
  });
  const hostile = Array.from({ length: POSTS - replays.length }, (_, index) =>
    make(HOSTILE[index % HOSTILE.length] ?? chance.pick(HOSTILE), chance),
  );
  const second = Array.from({ length: GOOD / 2 }, () => good(chance));

  const heard = await deliverAll(shuffle([...hostile, ...replays, ...second], chance));
  const last = good(chance);
  for (const [sent, answer] of [...firstHeard, ...(await deliverAll([last]))]) heard.set(sent, answer);

  const all = [...heard];
  const cut = all.filter(
    ([{ mayBeCut, status: wanted }, { status }]) =>
      mayBeCut && status !== wanted && [0, 400].includes(status),
  );
  const told = all.filter((one) => !cut.includes(one));
  const unexpected = told
    .filter(([sent, { status }]) => status !== sent.status)
    .map(([{ what, status: wanted }, { status, body }]) => ({ what, wanted, status, body }));
  expect(unexpected).toEqual([]);
  for (const [{ what, status, result }, { body }] of told) {
    if (status === 200) expect(body, what).toEqual({ status: result });
    else if (status !== 0) expect(body, what).toMatchObject({ status, code: expect.any(String) });
    expect(JSON.stringify(body) ?? '').not.toMatch(SECRETS_OR_STACK);
  }

  const goods = [...first, ...second, last].map(({ id }) => id);
  expect((await queued(api)).map(({ id }) => id).sort()).toEqual(goods.sort());

  const results = Object.keys(await counted(api));
  const countOf = (posts: [Post, Heard][], wanted: string) =>
    posts.filter(([{ result }]) => result === wanted).length;
  const least = results.map((result) => [result, countOf(told, result)] as const);
  await expect
    .poll(async () => {
      const seen = await counted(api);
      return least.filter(([result, count]) => (seen[result] ?? 0) < count);
    })
    .toEqual([]);
  const seen = await counted(api);
  for (const [result, count] of least)
    expect(seen[result], result).toBeLessThanOrEqual(count + countOf(cut, result));
  expect(seen).toMatchObject({ queued: goods.length, duplicate: replays.length, ignored: 0, unavailable: 0 });
  const troubles = api.lines.filter(({ level, fields }) => {
    const { status } = fields as { status?: number | null };
    return level === 'error' || level === 'warn' || (status ?? 0) >= 500;
  });
  expect(troubles).toEqual([]);
});
