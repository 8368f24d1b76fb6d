import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destinationChecks } from '@handover/core/destinations';
import { historyChecks, openHistoryAt } from '@handover/core/history';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { compareRequests } from '../genesys/platform-stage.ts';
import { runDoctor, type Shown, startServer, startStranger, startStrippingProxy } from '../support/doctor.ts';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.ts';
import { freePort } from '../support/ports.ts';
import { openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';
import { wrongClock } from '../support/wrong-clock.ts';

const CLIENT = 'handover-client';
const SECRET = 'the-secret-of-the-client';
const TOKEN = 'the-token-of-the-webhook';
const KEY = 'the-key-of-the-api';
const SALES = 'd0000000-0000-4000-8000-000000000002';
const HOME = 'd0000000-0000-4000-8000-000000000001';
const CALL = 'c0000000-0000-4000-8000-000000000001';
const QUEUE = '90000000-0000-4000-8000-000000000001';
const AGENT = 'a0000000-0000-4000-8000-000000000001';
const TRAINEE = 'a0000000-0000-4000-8000-000000000021';

/** What may reach Genesys but readings. */
const POSTS = ['token', 'postOauthToken', 'postAnalyticsQueuesObservationsQuery'];

let redis: OwnRedis;
let stranger: Awaited<ReturnType<typeof startStranger>>;
beforeAll(async () => {
  [redis, stranger] = await Promise.all([startOwnRedis({ appendonly: true }), startStranger()]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), stranger.close()]);
});

type World = {
  sandbox: Sandbox;
  url: string;
  /** Closes it at the end of the test. */
  closes<T extends { close(): Promise<unknown> }>(what: T): T;
};

/** Writes such a policy file; gives its path. */
function policyFile(text: string, closes: World['closes']): string {
  const folder = mkdtempSync(join(tmpdir(), 'handover-policy-'));
  closes({ close: async () => rmSync(folder, { recursive: true }) });
  const file = join(folder, 'queue-policy.json');
  writeFileSync(file, text);
  return file;
}

/** A sound environment for this sandbox. */
function soundEnv(url: string): Record<string, string> {
  const proxy = stranger.url;
  return {
    ...{ GENESYS_API: 'platform', GENESYS_BASE_URL: url },
    ...{ GENESYS_CLIENT_ID: CLIENT, GENESYS_CLIENT_SECRET: SECRET, REDIS_URL: redis.url },
    ...{ WEBHOOK_SECRET: TOKEN, QUEUE_PREFIX: `{t-${randomUUID().slice(0, 8)}}` },
    ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
  };
}

async function openWorld(): Promise<World & { close(): Promise<void> }> {
  const sandbox = createSandbox({ seed: true });
  const open: { close(): Promise<unknown> }[] = [sandbox];
  const compared = compareRequests(sandbox);
  const { clients, divisions } = sandbox.platform.directory;
  clients.put(CLIENT, { secret: SECRET, name: 'Handover' });
  divisions.put(SALES, { name: 'Sales' });
  return {
    sandbox,
    url: await sandbox.listen(),
    closes(what) {
      open.push(what);
      return what;
    },
    async close() {
      for (const one of open.reverse()) await one.close();
      expect([...compared.problems]).toEqual([]);
    },
  };
}

type Env = Record<string, string>;
type Case = {
  /** What is broken: it may change the sandbox, and gives what differs in the environment. */
  broken: (world: World) => Env | Promise<Env>;
  args?: string[];
  /** The checks that tell it: the fault, and what to do. */
  tells: [id: string, detail: RegExp, fix: RegExp][];
  status?: 'failed' | 'warning';
  /** Those that must be skipped, and why. */
  skips?: [id: string, detail: RegExp][];
};

const all = { permissions: ['*:*:*'] };

const cases: Record<string, Case> = {
  'Redis is away': {
    broken: async () => ({ REDIS_URL: `redis://:${KEY}@127.0.0.1:${await freePort()}` }),
    tells: [
      [
        'redis',
        /redis:\/\/:\*\*\*@127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED/,
        /start Redis, or correct REDIS_URL/,
      ],
    ],
    skips: [['redis-durability', /needs Redis/]],
  },
  'Redis is volatile': {
    async broken({ closes }) {
      const own = await startOwnRedis({ appendonly: false });
      closes({ close: own.stop });
      return { REDIS_URL: own.url };
    },
    tells: [['redis-durability', /no append-only file/, /set "appendonly yes".*REDIS_ALLOW_VOLATILE=true/]],
  },
  'the Redis user lacks permissions': {
    async broken() {
      const admin = new Redis(redis.url);
      await admin.call('ACL', 'SETUSER', 'narrow', 'on', '>the-redis-password', '~*', '&*', '+@all', '-hset');
      admin.disconnect();
      return { REDIS_URL: redis.url.replace('redis://', 'redis://narrow:the-redis-password@') };
    },
    tells: [['redis', /user "narrow" may not run HSET/, /grant it: ACL SETUSER narrow \+hset/]],
  },
  "this machine's clock is 20 minutes ahead": {
    broken: () => wrongClock(20 * 60_000),
    tells: [
      [
        'clock',
        /this machine is 20 min ahead of Genesys, Redis agrees with Genesys: attribution of events suffers/,
        /correct the clock of this machine: let NTP/,
      ],
    ],
  },
  'the region is a host': {
    broken: () => ({ GENESYS_REGION: 'https://api.euw2.pure.cloud' }),
    tells: [
      [
        'configuration:1',
        /GENESYS_REGION is the address of a host, not a region: "eu-west-2"/,
        /set GENESYS_REGION/,
      ],
    ],
    skips: [['hosts', /needs a valid configuration/]],
  },
  'the region is unknown': {
    broken: () => ({ GENESYS_REGION: 'eu-west-9', GENESYS_CLIENT_ID: '' }),
    tells: [
      [
        'configuration:1',
        /GENESYS_REGION "eu-west-9" is no region of Genesys Cloud; it is one of us-east-1/,
        /set GENESYS_REGION/,
      ],
      ['configuration:2', /GENESYS_CLIENT_ID is missing/, /set GENESYS_CLIENT_ID.*OAuth client/],
    ],
  },
  'the policy file is wrong': {
    broken: ({ closes }) => ({ QUEUE_POLICY_FILE: policyFile('{"queues":{"Support":{}}}', closes) }),
    tells: [
      [
        'configuration:1',
        /queue-policy.json: queues.Support is not the id of a queue/,
        /set QUEUE_POLICY_FILE/,
      ],
    ],
  },
  'the policy file names a queue that nobody knows': {
    broken: ({ closes }) => {
      const unknown = '90000000-0000-4000-8000-000000000999';
      return { QUEUE_POLICY_FILE: policyFile(`{"queues":{"${unknown}":{}}}`, closes) };
    },
    tells: [
      [
        'queue:90000000-0000-4000-8000-000000000999',
        /unknown, or in a division that the client cannot see/,
        /./,
      ],
    ],
  },
  'the client is missing': {
    broken: () => ({ GENESYS_CLIENT_ID: '' }),
    tells: [['configuration:1', /GENESYS_CLIENT_ID is missing/, /set GENESYS_CLIENT_ID/]],
    skips: [
      ['token', /needs GENESYS_CLIENT_ID/],
      ['access', /needs a token/],
    ],
  },
  'the secret is wrong': {
    broken: () => ({ GENESYS_CLIENT_SECRET: 'not-the-secret-at-all' }),
    tells: [
      [
        'token',
        /refused this client \(invalid_client: authentication failed\)/,
        /^the secret is wrong.*or the client lives in another region: .*apps\.euw2\.pure\.cloud → GENESYS_REGION=eu-west-2/,
      ],
    ],
    skips: [['role', /needs a token/]],
  },
  'the client is unknown there': {
    broken: () => ({ GENESYS_CLIENT_ID: 'somebody' }),
    tells: [
      [
        'token',
        /^127\.0\.0\.1:\d+ refused this client \(invalid_client: client not found\)/,
        /^either id or secret is wrong.*another region: compare the address of your Genesys page/,
      ],
    ],
  },
  'the client has another grant type': {
    broken({ sandbox }) {
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, authorizedGrantType: 'CODE' });
      return {};
    },
    tells: [
      [
        'token',
        /unauthorized_client.*may not use client credentials/,
        /Admin › Integrations › OAuth its grant type must be Client Credentials/,
      ],
    ],
  },
  'tokens are limited': {
    broken({ sandbox }) {
      sandbox.platform.addScript({
        operation: 'postOauthToken',
        steps: [{ status: 429, headers: { 'retry-after': '10' } }],
      });
      return {};
    },
    tells: [['token', /limits requests for tokens \(429\)/, /wait 10 s/]],
  },
  'the login host sends elsewhere': {
    async broken({ closes }) {
      const login = await startServer((_request, response) =>
        response.writeHead(302, { location: `${stranger.url}/oauth/token` }).end(),
      );
      return { GENESYS_LOGIN_URL: closes(login).url };
    },
    tells: [['token', /answers 302, and not as a login host of Genesys does/, /GENESYS_LOGIN_URL/]],
  },
  'a page is in the way of the API': {
    async broken({ closes }) {
      const page = await startServer((_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      );
      return { GENESYS_BASE_URL: closes(page).url };
    },
    tells: [
      [
        'hosts',
        /200 from something in between \(text\/html\)/,
        /GENESYS_BASE_URL, or let requests to it pass/,
      ],
    ],
    skips: [['token', /needs the host of the API/]],
  },
  'a proxy strips Authorization': {
    broken: async ({ url, closes }) => ({
      GENESYS_BASE_URL: closes(await startStrippingProxy(url)).url,
      GENESYS_LOGIN_URL: url,
    }),
    tells: [
      [
        'access',
        /answers 401 twice to a token that was issued just now/,
        /proxy in between may strip the Authorization header/,
      ],
    ],
    skips: [['limits', /needs a token that the API accepts/]],
  },
  'the client has no permissions': {
    broken({ sandbox }) {
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, permissions: [] });
      return {};
    },
    tells: [['role', /no role, or one without permissions/, /OAuth › Roles.*must hold the role first/]],
  },
  'the client may not move calls': {
    broken({ sandbox }) {
      const permissions = ['routing:queue:view', 'analytics:queueObservation:view'];
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, permissions });
      return {};
    },
    tells: [
      ['permission:external-contacts', /lacks .* or .*blindTransferExternalContact/, /OAuth › Roles/],
      [
        'permission:queues',
        /lacks conversation:communication:blindTransfer or conversation:communication:blindTransferQueue/,
        /OAuth › Roles/,
      ],
      [
        'permission:agents',
        /lacks conversation:communication:blindTransfer or conversation:communication:blindTransferAgent/,
        /OAuth › Roles/,
      ],
      ['permission:numbers', /lacks conversation:communication:blindTransfer$/, /OAuth › Roles/],
    ],
  },
  'the client may move to queues only': {
    broken({ sandbox }) {
      const permissions = [
        'conversation:communication:blindTransferQueue',
        'routing:queue:*',
        'analytics:*:view',
      ];
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, permissions });
      return {};
    },
    status: 'warning',
    tells: [
      ['permission:agents', /lacks .*blindTransferAgent/, /OAuth › Roles/],
      ['permission:wrap-up', /lacks conversation:participant:wrapup/, /OAuth › Roles/],
    ],
  },
  'the role covers another division': {
    broken({ sandbox }) {
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, ...all, divisions: [HOME] });
      const body = { id: QUEUE, name: 'Support', division: { id: SALES, name: 'Sales' } };
      sandbox.platform.addScript({ operation: 'getRoutingQueue', id: QUEUE, steps: [{ status: 200, body }] });
      return {};
    },
    args: ['--queue', QUEUE],
    tells: [
      [
        `queue:${QUEUE}`,
        /"Support" lies in division Sales; the client's role to move calls covers Home/,
        /add division Sales/,
      ],
    ],
  },
  'the queue lies where the client sees nothing': {
    broken({ sandbox }) {
      sandbox.platform.directory.clients.put(CLIENT, { secret: SECRET, ...all, divisions: [HOME] });
      sandbox.platform.directory.queues.put('sales-queue', { divisionId: SALES });
      return {};
    },
    args: ['--queue', 'sales-queue'],
    tells: [
      [
        'queue:sales-queue',
        /unknown, or in a division that the client cannot see/,
        /correct the id, or add the division/,
      ],
    ],
  },
  'nobody is on queue': {
    broken: () => ({}),
    args: ['--queue', '90000000-0000-4000-8000-000000000006'],
    status: 'warning',
    tells: [
      [
        'queue:90000000-0000-4000-8000-000000000006',
        /"Unstaffed" in division Home, unstaffed/,
        /use the fallback or are rejected/,
      ],
    ],
  },
  'the agent is an e-mail address, and another may not transfer': {
    broken: () => ({}),
    args: ['--agent', 'ann@example.org', '--agent', TRAINEE, '--agent', 'nobody'],
    tells: [
      ['agent:ann@example.org', /is an e-mail address/, /address of the agent's page/],
      [
        `agent:${TRAINEE}`,
        /may not transfer to queue.*lacks conversation:communication:blindTransfer/,
        /role/,
      ],
      ['agent:nobody', /unknown, or in a division/, /correct the id/],
    ],
  },
  'the call is in secure pause': {
    broken: () => ({}),
    args: ['--call', 'c0000000-0000-4000-8000-000000000101'],
    tells: [['call:c0000000-0000-4000-8000-000000000101', /is private/, /call-is-private/]],
  },
  'the call is another agent’s': {
    broken: () => ({}),
    args: ['--call', CALL, '--agent', 'a0000000-0000-4000-8000-000000000002'],
    status: 'warning',
    tells: [
      [
        `call:${CALL}`,
        new RegExp(`is not connected on this call; connected: ${AGENT}`),
        /be rejected: agent-not-on-call/,
      ],
    ],
  },
  'the call is a participant’s id': {
    broken: () => ({}),
    args: ['--call', 'b0000000-0002-4000-8000-000000000001'],
    tells: [
      [
        'call:b0000000-0002-4000-8000-000000000001',
        /404 \(conversation\.error\.conversation\.not\.found/,
        /a participant or communication id is none/,
      ],
    ],
  },
  'somebody else spends the limit': {
    broken({ sandbox }) {
      sandbox.changeSettings({ requestsPerMinute: 300 });
      sandbox.platform.changeSettings({ requestsByOthers: 180 });
      return {};
    },
    status: 'warning',
    tells: [
      [
        'others',
        /^somebody else spends this client's requests: 180 of 300 before we asked$/,
        /a client of its own/,
      ],
    ],
  },
  'the limit is used up': {
    broken({ sandbox }) {
      sandbox.changeSettings({ requestsPerMinute: 300 });
      sandbox.platform.changeSettings({ requestsByOthers: 300 });
      return {};
    },
    tells: [['access', /allows no more requests now \(429\)/, /a client of its own/]],
  },
  'the budget is above the limit': {
    broken({ sandbox }) {
      sandbox.changeSettings({ requestsPerMinute: 300 });
      return { GENESYS_REQUESTS_PER_MINUTE: '600' };
    },
    status: 'warning',
    tells: [
      [
        'limits',
        /budget of 600 requests per minute is above the limit of 300/,
        /GENESYS_REQUESTS_PER_MINUTE=300/,
      ],
    ],
  },
  'the voice API is set for a live organisation': {
    broken: () => ({ GENESYS_API: 'voice', GENESYS_BASE_URL: 'https://api.mypurecloud.com' }),
    tells: [['hosts', /this is a live organisation \(api\.mypurecloud\.com\)/, /^set GENESYS_API=platform/]],
    skips: [['token', /needs the host/]],
  },
  'the voice API is set, and its token route is not there': {
    async broken({ closes }) {
      const live = await startServer((request, response) => {
        const isToken = request.url === '/api/v2/oauth/token';
        const body = isToken
          ? { code: 'not.found', status: 404 }
          : { code: 'authentication.required', status: 401 };
        response.writeHead(body.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
      return { GENESYS_API: 'voice', GENESYS_BASE_URL: closes(live).url };
    },
    tells: [
      [
        'token',
        /this is a live organisation: 127\.0\.0\.1:\d+ answers 404 to \/api\/v2\/oauth\/token/,
        /^set GENESYS_API=platform/,
      ],
    ],
  },
  'the voice API refuses the client': {
    broken({ sandbox }) {
      sandbox.addScript({ operation: 'token', steps: [{ status: 401, body: { code: 'bad.credentials' } }] });
      return { GENESYS_API: 'voice' };
    },
    tells: [
      ['token', /refused this client \(bad\.credentials\)/, /GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET/],
    ],
  },
  'the webhook cannot be reached': {
    broken: async () => ({
      GENESYS_API: 'voice',
      WEBHOOK_CALLBACK_URL: `http://127.0.0.1:${await freePort()}/webhooks/billing-sync`,
    }),
    status: 'warning',
    tells: [['webhook', /from here, nothing listens at 127\.0\.0\.1/, /Genesys must be able to reach it/]],
  },
  'the billing system is away': {
    broken: async () => ({ BILLING_URL: `http://user:${KEY}@127.0.0.1:${await freePort()}/bills` }),
    tells: [['billing-http', /nothing listens at 127\.0\.0\.1:\d+/, /correct BILLING_URL/]],
  },
  'PostgreSQL is away': {
    broken: async () => ({
      BILLING_DATABASE_URL: `postgres://user:${KEY}@127.0.0.1:${await freePort()}/bills`,
    }),
    tells: [['billing-database', /nothing listens at 127\.0\.0\.1:\d+/, /correct BILLING_DATABASE_URL/]],
  },
  'the PostgreSQL of the history is away': {
    broken: async () => ({
      HISTORY_DATABASE_URL: `postgres://user:${KEY}@127.0.0.1:${await freePort()}/history`,
    }),
    tells: [['history', /nothing listens at 127\.0\.0\.1:\d+/, /correct HISTORY_DATABASE_URL/]],
  },
  'the API is away': {
    broken: async () => ({ HANDOVER_URL: `http://127.0.0.1:${await freePort()}`, HANDOVER_API_KEY: KEY }),
    tells: [['api', /nothing listens at 127\.0\.0\.1:\d+/, /correct HANDOVER_URL, or start/]],
  },
};

describe('a broken configuration is named, with what to do', () => {
  test.each(Object.entries(cases))(
    '%s',
    async (_name, { broken, args = [], tells, status = 'failed', skips = [] }) => {
      const world = await openWorld();
      try {
        const env = { ...soundEnv(world.url), ...(await broken(world)) };
        const told = await runDoctor(env, ['--json', ...args]);
        const byId = new Map(told.checks.map((check) => [check.id, check]));
        for (const [id, detail, fix] of tells) {
          const expected = { status, detail: expect.stringMatching(detail), fix: expect.stringMatching(fix) };
          expect(byId.get(id), told.text).toMatchObject(expected);
        }
        for (const [id, detail] of skips)
          expect(byId.get(id)).toMatchObject({ status: 'skipped', detail: expect.stringMatching(detail) });
        // Nothing else is red.
        expect(idsOf(told.checks, status)).toEqual(expect.arrayContaining(tells.map(([id]) => id)));
        if (status === 'warning') expect(idsOf(told.checks, 'failed')).toEqual([]);
        else expect(causesOf(told.checks)).toEqual(tells.map(([id]) => id).sort());
        expect(told).toMatchObject({ code: status === 'failed' ? 1 : 0, ok: status !== 'failed' });
        noSecretIn(told.text);
        expect(told.names).toEqual([]);
        onlyAsked(world.sandbox);
      } finally {
        await world.close();
      }
    },
  );
});

/** What failed. */
function causesOf(checks: Shown[]): string[] {
  return idsOf(checks, 'failed').sort();
}

function idsOf(checks: Shown[], status: string): string[] {
  return checks.filter((check) => check.status === status).map(({ id }) => id);
}

function noSecretIn(text: string): void {
  for (const secret of [SECRET, TOKEN, KEY, 'not-the-secret-at-all', 'the-redis-password'])
    expect(text).not.toContain(secret);
}

/** Genesys got no POST but for tokens and queries, and no call was moved. */
function onlyAsked(sandbox: Sandbox): void {
  const operations = sandbox.requests.entries().map(({ operation }) => operation as string);
  const writes = operations.filter((name) => /^(post|put|patch|delete|transfer|webhook)/.test(name));
  expect(writes.filter((name) => !POSTS.includes(name))).toEqual([]);
  expect(sandbox.ledger.entries()).toEqual([]);
}

describe('a sound configuration', () => {
  test('of a live organisation has no cross and no warning', async () => {
    const world = await openWorld();
    const env = { ...soundEnv(world.url), BILLING_URL: `${world.url}/billing/records` };
    const args = ['--queue', QUEUE, '--agent', AGENT, '--call', CALL];
    const told = await runDoctor(env, ['--json', ...args]);
    expect(told, told.text).toMatchObject({ code: 0, ok: true });
    expect(idsOf(told.checks, 'warning')).toEqual([]);
    const byId = new Map(told.checks.map(({ id, status, detail }) => [id, `${status}: ${detail}`]));
    expect(byId.get('access')).toMatch(/^ok: .+, as the client Handover$/);
    expect(byId.get('redis')).toMatch(/^ok: (Redis|Valkey) \d+\.\d+.* at redis:/);
    expect(byId.get('redis-durability')).toMatch(/^ok/);
    expect(byId.get('permission:queues')).toBe('ok: granted in all divisions');
    expect(byId.get(`queue:${QUEUE}`)).toBe(
      'ok: "Support" in division Home, open: 5 agents on queue, 0 waiting',
    );
    expect(byId.get(`agent:${AGENT}`)).toMatch(/^ok: may transfer to queue.*; IDLE \(user/);
    expect(byId.get(`call:${CALL}`)).toMatch(/^ok: would be moved: leg .* of agent/);
    expect(byId.get('clock')).toBe('ok: this machine agrees with Genesys, Redis agrees with Genesys');
    expect(byId.get('billing-http')).toMatch(/^ok: .* accepts connections/);
    expect(byId.get('events')).toBe('skipped: no events: each transfer costs about one more request');
    expect(byId.get('consults')).toMatch(/^skipped: a consult needs the agent's own token/);
    noSecretIn(told.text);
    onlyAsked(world.sandbox);
    await world.close();
  });

  test('of the voice API, too, and is printed for people', async () => {
    const world = await openWorld();
    const env = {
      ...soundEnv(world.url),
      GENESYS_API: 'voice',
      WEBHOOK_CALLBACK_URL: `${world.url}/webhooks?token=${TOKEN}`,
    };
    const args = ['--queue', 'queue-support', '--agent', 'agent-1', '--call', 'call-1'];
    const { code, text } = await runDoctor(env, args);
    expect(code, text).toBe(0);
    expect(text).toMatch(/^✓ Genesys +the voice API answers at 127\.0\.0\.1:\d+$/m);
    expect(text).toMatch(
      /^✓ Webhook +127\.0\.0\.1:\d+ accepts connections \(\d+ ms\), and WEBHOOK_SECRET is set$/m,
    );
    expect(text).toMatch(/^– API of Handover +HANDOVER_URL is not set$/m);
    expect(text).toMatch(/\nAll is well\.\n$/);
    noSecretIn(text);
    onlyAsked(world.sandbox);
    await world.close();
  });

  test('leaves nothing in Redis', async () => {
    const admin = new Redis(redis.url);
    expect(await admin.keys('*')).toEqual([]);
    admin.disconnect();
  });
});

describe('no secret goes to a host that is not configured', () => {
  test('when the client is unknown, only the configured hosts are looked up', async () => {
    const world = await openWorld();
    const port = new URL(world.url).port;
    const hosts = { api: `api.region-a.example`, login: `login.region-a.example` };
    const told = await runDoctor({
      ...soundEnv(`http://${hosts.api}:${port}`),
      ...{ GENESYS_LOGIN_URL: `http://${hosts.login}:${port}`, GENESYS_CLIENT_ID: 'somebody' },
    });
    expect(told.checks.find(({ id }) => id === 'token')?.detail).toContain('client not found');
    expect(told.names.sort()).toEqual([hosts.api, hosts.login]);
    expect(world.sandbox.requests.counts().postOauthToken).toBe(1);
    await world.close();
  });

  test('nor is any host of Genesys but those of the region', async () => {
    const { GENESYS_API: _, GENESYS_BASE_URL: __, ...env } = soundEnv('http://unused');
    const told = await runDoctor({ ...env, GENESYS_REGION: 'eu-west-2', GENESYS_TIMEOUT_MS: '3000' });
    expect(told.names).toEqual(['api.euw2.pure.cloud']);
    expect(told.checks.find(({ id }) => id === 'hosts')).toMatchObject({ status: 'failed' });
  });

  test('and the stranger that proxies and a redirect named was never called', () => {
    expect(stranger.connections(), stranger.heard()).toBe(0);
  });
});

describe.skipIf(inject('noDatabase') !== '')('the billing database', () => {
  const look = async (databaseUrl: string) => {
    const check = destinationChecks({ databaseUrl }).find(({ id }) => id === 'billing-database');
    return check?.run();
  };
  const failed = (detail: string, fix: string) => ({
    ...{ status: 'failed', detail: expect.stringContaining(detail) },
    fix: expect.stringContaining(fix),
  });

  test('is fine while empty, and with the tables; what cannot be used is told, and nothing is written', async () => {
    const database = await openDatabase();
    expect(await look(database.url)).toMatchObject({
      ...{ status: 'ok', detail: expect.stringContaining('version 0 to 1') },
    });
    const tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    expect(await ask(database.url, tables)).toEqual([]);
    const missing = new URL(database.url);
    missing.pathname = '/nowhere';
    expect(await look(missing.href)).toEqual(failed('has no database nowhere', 'create it'));
    await ask(database.url, 'CREATE TABLE handover_migrations (version integer PRIMARY KEY)');
    await ask(database.url, 'CREATE TABLE handover_billing_records (id text)');
    await ask(database.url, 'INSERT INTO handover_migrations VALUES (1)');
    expect(await look(database.url)).toMatchObject({
      ...{ status: 'ok', detail: expect.stringContaining('has the tables') },
    });
    await ask(database.url, 'INSERT INTO handover_migrations VALUES (99)');
    expect(await look(database.url)).toEqual(failed('of a newer version', 'run the newer version'));
    await database.close();
  });
});

test.skipIf(inject('noDatabase') !== '')(
  'the history is fine while empty, and with its tables; missing privileges are told',
  async () => {
    const database = await openDatabase();
    const look = async (url: string) => historyChecks(url)[0]?.run();
    expect(await look(database.url)).toMatchObject({
      ...{ status: 'ok', detail: expect.stringContaining('version 0 to 1') },
    });
    const history = await openHistoryAt(database.url, { name: 'test', onError: () => undefined });
    expect(await history?.transfer('none')).toBeUndefined();
    await history?.close();
    expect(await look(database.url)).toMatchObject({
      ...{ status: 'ok', detail: expect.stringContaining('has the tables') },
    });
    const user = `reader_${randomUUID().replaceAll('-', '')}`;
    await ask(
      database.url,
      `CREATE ROLE ${user} LOGIN PASSWORD 'pw'; GRANT SELECT ON handover_history_migrations TO ${user}`,
    );
    await ask(
      database.url,
      `GRANT SELECT, INSERT ON handover_transfers, handover_bills, handover_audit TO ${user}`,
    );
    const reader = new URL(database.url);
    reader.username = user;
    reader.password = 'pw';
    expect(await look(reader.href)).toMatchObject({
      ...{
        status: 'failed',
        fix: `GRANT UPDATE ON handover_bills TO "${user}"; GRANT UPDATE ON handover_transfers TO "${user}"`,
      },
    });
    await ask(database.url, `DROP OWNED BY ${user}; DROP ROLE ${user}`);
    await database.close();
  },
);
