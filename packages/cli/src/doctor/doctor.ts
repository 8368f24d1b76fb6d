import { type Check, checkConnection, ok, skipped, warning } from '@handover/core/checks';
import { type Config, describeConfig } from '@handover/core/config';
import { destinationChecks } from '@handover/core/destinations';
import { openGenesysChecks, type Policies } from '@handover/core/genesys';
import { historyChecks } from '@handover/core/history';
import { readArguments } from '../asking/options.ts';
import { type Command, EXIT } from '../command.ts';
import { checkApi } from './api.ts';
import { compareClocks } from './clock.ts';
import { checkConfiguration } from './configuration.ts';
import { jsonOf, lineOf, summaryOf } from './print.ts';
import { openRedisChecks } from './redis.ts';
import { type Result, runChecks } from './run.ts';
import { hideSecrets } from './secrets.ts';

const HELP = `Usage: handover doctor [options]

Checks the configuration in the environment, which it reads as a worker does: Redis, clocks, region, OAuth client,
permissions, queues, agents, limits, billing. It needs no running API, and changes nothing.

  --queue <id>   also checks this queue (repeatable)
  --agent <id>   also checks this agent, by the userId of transfers (repeatable)
  --call <id>    also reads this call, and says what a transfer of it would find
  --json         prints {"ok", "checks": [{"id", "status", "what", "detail", "fix"}]}

✓ fine   ! works, with a risk   ✗ does not work: → what to do   – not checked, and why

Exit code: 0 without ✗, 1 with one, 2 for wrong arguments. docs/operations/doctor.md has more.
`;

const OPTIONS = {
  queue: { type: 'string', multiple: true },
  agent: { type: 'string', multiple: true },
  call: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const CALLBACK_MS = 5_000;

type Env = Record<string, string | undefined>;
type Wanted = { queues: string[]; agents: string[]; call: string | undefined; isJson: boolean };

/** `handover doctor`. */
export const doctor: Command = {
  help: HELP,
  async run(args, { env, out }) {
    const wanted = parse(args);
    const { checks, close } = openChecks(env, wanted);
    const hide = hideSecrets(env);
    const results: Result[] = [];
    try {
      for (const running of runChecks(checks)) {
        const result = await running;
        results.push(result);
        if (!wanted.isJson) out(hide(lineOf(result)));
      }
    } finally {
      close();
    }
    out(wanted.isJson ? hide(jsonOf(results)) : summaryOf(results));
    return results.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.fine;
  },
};

function parse(args: string[]): Wanted {
  const {
    queue: queues = [],
    agent: agents = [],
    call,
    json: isJson = false,
  } = readArguments(args, OPTIONS).values;
  return { queues: [...new Set(queues)], agents: [...new Set(agents)], call, isJson };
}

/** Every check in the order in which it is shown. The caller closes them. */
function openChecks(env: Env, wanted: Wanted): { checks: Check[]; close: () => void } {
  const { config, policies, checks: ofConfiguration, hasGenesys, hasRedis } = checkConfiguration(env);
  const redis = hasRedis ? openRedisChecks(config, addressOf(env)) : undefined;
  const genesys = hasGenesys ? openGenesys(config, policies, wanted) : undefined;
  const checks: Check[] = [
    ...ofConfiguration,
    ...(redis?.checks ?? [notChecked('redis', 'Redis')]),
    ...(genesys?.checks ?? [notChecked('hosts', 'Genesys')]),
    {
      ...{ id: 'clock', what: 'Clocks', after: ['redis', 'hosts'] },
      run: async () => compareClocks(redis?.clocks(), genesys?.clocks()),
    },
    ...billingChecks(config),
    ...historyChecks(config.history.url),
    { id: 'api', what: 'API of Handover', run: () => checkApi(config) },
  ];
  return {
    checks,
    close() {
      redis?.close();
      genesys?.close();
    },
  };
}

/** The queues are those that were named and those of the policy file. */
function openGenesys({ genesys }: Config, policies: Policies, { queues: named, agents, call }: Wanted) {
  const queues = [...new Set([...named, ...Object.keys(policies.queues.queues)])];
  const { dialect, baseUrl, loginUrl, clientId, clientSecret, timeoutMs, budget } = genesys;
  const account = { dialect, baseUrl, loginUrl, clientId, clientSecret };
  return openGenesysChecks({
    ...account,
    ...{ timeoutMs: timeoutMs || 5_000, budget: budget.requests, policies, queues, agents, call },
  });
}

function notChecked(id: string, what: string): Check {
  return { id, what, run: async () => skipped('needs a valid configuration of it') };
}

function billingChecks(config: Config): Check[] {
  if (config.mode === 'live') return [...webhookChecks(config), ...destinationChecks(config.billing)];
  return [{ id: 'billing', what: 'Billing', run: async () => skipped('nothing is billed in shadow mode') }];
}

/** The events of the voice API come to a webhook; nothing is sent there. */
function webhookChecks({ genesys, webhook: { callbackUrl: url } }: Config): Check[] {
  if (genesys.dialect !== 'voice') return [];
  const run: Check['run'] = async () => {
    if (url === undefined)
      return skipped('WEBHOOK_CALLBACK_URL is not set, so the worker registers no webhook');
    const found = await checkConnection({ url, correct: 'correct WEBHOOK_CALLBACK_URL' }, CALLBACK_MS);
    if (found.status === 'ok') return ok(`${found.detail}, and WEBHOOK_SECRET is set`);
    return warning(`from here, ${found.detail}`, `Genesys must be able to reach it: ${found.fix}`);
  };
  return [{ id: 'webhook', what: 'Webhook', run }];
}

/** Where Redis is, without its password. */
function addressOf(env: Env): string {
  const { REDIS_URL = '', REDIS_SENTINELS, REDIS_CLUSTER_NODES } = describeConfig(env);
  return REDIS_CLUSTER_NODES ?? REDIS_SENTINELS ?? REDIS_URL;
}
