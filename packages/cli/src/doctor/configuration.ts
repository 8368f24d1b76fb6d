import { type Check, ok } from '@handover/core/checks';
import { fields, readConfig } from '@handover/core/config';

/** What cannot be checked while one of these variables is wrong. */
const GENESYS = /^GENESYS_(API|REGION|BASE_URL|LOGIN_URL)\b/;
const REDIS = /^(REDIS_(URL|SENTINELS|SENTINEL_MASTER|SENTINEL_PASSWORD|CLUSTER_NODES)|QUEUE_PREFIX)\b/;

/** The configuration of a worker as far as it is usable, and a check for each problem of it, or one that says that all is well. */
export function checkConfiguration(env: Record<string, string | undefined>) {
  const { config, problems } = readConfig(env, 'worker');
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
    checks: checks.length === 0 ? [fine] : checks,
    hasGenesys: !problems.some((problem) => GENESYS.test(problem)),
    hasRedis: !problems.some((problem) => REDIS.test(problem)),
  };
}

/** What the variable of a problem is for. */
function fixFor(problem: string): string {
  const [name = ''] = problem.split(/[\s:]/);
  const field = Object.hasOwn(fields, name) ? fields[name as keyof typeof fields] : undefined;
  if (field === undefined) return 'see docs/configuration.md';
  const about = field.about.replaceAll('`', '').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
  return `set ${name} (docs/configuration.md): ${about}`;
}
