import { type Check, ok } from '@handover/core/checks';
import { type Config, ConfigError, fields, readConfig, readQueuePolicies } from '@handover/core/config';
import { defaultPolicies, type QueuePolicies } from '@handover/core/genesys';

/** What cannot be checked while one of these variables is wrong. */
const GENESYS = /^GENESYS_(API|REGION|BASE_URL|LOGIN_URL)\b/;
const REDIS = /^(REDIS_(URL|SENTINELS|SENTINEL_MASTER|SENTINEL_PASSWORD|CLUSTER_NODES)|QUEUE_PREFIX)\b/;

/** The configuration of a worker as far as it is usable, and a check for each problem of it, or one that says that all is well. */
export function checkConfiguration(env: Record<string, string | undefined>) {
  const { config, problems: ofVariables } = readConfig(env, 'worker');
  const { queues, problems: ofFile } = queuePoliciesOf(config);
  const problems = [...ofVariables, ...ofFile];
  const checks = problems.map((problem, index): Check => {
    const finding = { status: 'failed', detail: problem, fix: fixFor(problem) } as const;
    return { id: `configuration:${index + 1}`, what: 'Configuration', run: async () => finding };
  });
  const fine: Check = {
    id: 'configuration',
    what: 'Configuration',
    run: async () =>
      ok(`every variable is valid${config.mode === 'shadow' ? '; shadow mode: no call is moved' : ''}`),
  };
  return {
    config,
    policies: { ...config.policies, queues },
    checks: checks.length === 0 ? [fine] : checks,
    hasGenesys: !problems.some((problem) => GENESYS.test(problem)),
    hasRedis: !problems.some((problem) => REDIS.test(problem)),
  };
}

function queuePoliciesOf({ genesys, queuePolicyFile: file }: Config): {
  queues: QueuePolicies;
  problems: string[];
} {
  const none = { queues: defaultPolicies.queues, problems: [] };
  if (genesys.dialect !== 'platform' || file === undefined) return none;
  try {
    return { queues: readQueuePolicies(file), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { ...none, problems: error.problems };
    throw error;
  }
}

/** What the variable of a problem is for. */
function fixFor(problem: string): string {
  const [name = ''] = problem.split(/[\s:]/);
  const field = Object.hasOwn(fields, name) ? fields[name as keyof typeof fields] : undefined;
  if (field === undefined) return 'see docs/configuration.md';
  const about = field.about.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  return `set ${name} (docs/configuration.md): ${about}`;
}
