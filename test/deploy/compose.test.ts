import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, parseConfig } from '@handover/core/config';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { imageEnvironment, root } from '../support/image.ts';

type Service = {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }> | string[];
  stop_grace_period?: string;
  [field: string]: unknown;
};

const file = 'docker-compose.yml';
const compose = parse(withDefaults(read(file)), { merge: true }) as {
  version: string;
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const ours = ['api', 'worker', 'sandbox'] as const;
const services = Object.entries(compose.services);
/** The worker exits after at most 9.5 s. */
const STOPPED_WITHIN_S = 10;

test.each(['api', 'worker'] as const)('the %s starts with its environment', (role) => {
  const env = environmentOf(role);
  expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(env)));
  const config = parseConfig({ ...imageEnvironment(), ...env }, role);
  expect(config).toMatchObject({ host: '0.0.0.0', billing: { isOn: true } });
  expect(config.sandboxUrl).toBe(config.genesys.baseUrl);
});

test('the sandbox has only known variables', () => {
  const known = read('packages/sandbox/README.md');
  for (const name of Object.keys(environmentOf('sandbox'))) expect(known).toContain(`\`${name}\``);
});

test('both ends of a secret have the same value', () => {
  const [api, worker, sandbox] = ours.map(environmentOf);
  expect(worker?.WEBHOOK_SECRET).toBe(api?.WEBHOOK_SECRET);
  expect(sandbox?.SANDBOX_BILLING_SECRET).toBe(worker?.BILLING_SECRET);
  expect(worker?.BILLING_DATABASE_URL).toContain(`:${environmentOf('postgres').POSTGRES_PASSWORD}@postgres:`);
});

test('every address in an environment is a service at its port', () => {
  const ports = { api: fields.PORT.default, sandbox: '4010', redis: '6379', postgres: '5432' };
  const urls = ours.flatMap((name) =>
    Object.values(environmentOf(name)).filter((value) => value.includes('://')),
  );
  expect(urls.length).toBeGreaterThan(6);
  for (const url of urls) {
    const { hostname, port } = new URL(url);
    expect({ [hostname]: port }).toEqual({ [hostname]: ports[hostname as keyof typeof ports] });
  }
});

test('ports are open to this machine only, and the worker has none, so that it can be scaled', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(3);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  expect(compose.services.worker).not.toHaveProperty('ports');
  expect(services.filter(([, service]) => 'container_name' in service)).toEqual([]);
});

test('Redis is durable and evicts nothing', () => {
  const command = compose.services.redis?.command?.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(compose.services.redis?.volumes).toEqual(['redis-data:/data']);
});

test('images are pinned, and ours is built from the Dockerfile', () => {
  const { version } = JSON.parse(read('package.json'));
  for (const [name, { image }] of services)
    if (!ours.includes(name as (typeof ours)[number]))
      expect(image).toMatch(/^[\w/]+:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
  for (const name of ours)
    expect(compose.services[name]).toMatchObject({
      image: `handover:${version}`,
      build: { context: '.', dockerfile: 'deploy/Dockerfile' },
    });
});

describe.each(ours)('the container of the %s', (name) => {
  const service = compose.services[name];

  test('runs an existing program', () => {
    const [main = ''] = service?.command ?? [];
    expect(existsSync(join(root, main.replace('/dist/main.js', '/src/main.ts')))).toBe(true);
  });

  test('has a read-only file system and no capabilities', () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], restart: 'unless-stopped' });
    expect(service?.security_opt).toEqual(['no-new-privileges:true']);
  });

  test('has a stop period longer than its shutdown', () => {
    expect(Number.parseInt(service?.stop_grace_period ?? '', 10)).toBeGreaterThan(STOPPED_WITHIN_S);
  });

  test('waits for its dependencies to be healthy', () => {
    const needs = Object.entries(service?.depends_on ?? {}) as [string, { condition: string }][];
    expect(needs.map(([need]) => compose.services[need])).not.toContain(undefined);
    for (const [, { condition }] of needs) expect(condition).toBe('service_healthy');
  });
});

test('mounts existing files', () => {
  const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
  const [folders, named] = [true, false].map((isFolder) =>
    mounts.flatMap(([source = '']) => (source.startsWith('.') === isFolder ? [source] : [])),
  );
  expect(folders?.length).toBeGreaterThan(3);
  for (const folder of folders ?? []) expect(existsSync(join(root, folder))).toBe(true);
  expect(named?.toSorted()).toEqual(Object.keys(compose.volumes).sort());
});

describe('Prometheus and Grafana', () => {
  const prometheus = parse(read('deploy/prometheus/prometheus.yml'));
  type Job = { job_name: string; dns_sd_configs: [{ names: [string]; port: number }] };
  const jobs = new Map(
    (prometheus.scrape_configs as Job[]).map((job) => [job.job_name, job.dns_sd_configs[0]]),
  );

  test('every job that an alert or a dashboard names is scraped', () => {
    const folder = 'deploy/grafana/dashboards';
    const dashboards = readdirSync(join(root, folder)).map((name) => read(`${folder}/${name}`));
    const text = [read('deploy/prometheus/alerts.yml'), ...dashboards].join('\n').replaceAll('\\', '');
    const named = new Set([...text.matchAll(/job="([^"]+)"/g)].map(([, name = '']) => name));
    expect([...named].sort()).toEqual([...jobs.keys()].sort());
  });

  test('the same in Kubernetes, by the name of the port', () => {
    const { scrape_configs: inKubernetes } = parse(read('deploy/prometheus/kubernetes.yml'));
    const kept = (inKubernetes as { job_name: string; relabel_configs: [{ regex: string }] }[]).map(
      ({ job_name, relabel_configs: [{ regex }] }) => [job_name, regex],
    );
    expect(kept).toEqual([
      ['handover-api', 'handover-api;http'],
      ['handover-worker', 'handover-worker;metrics'],
    ]);
  });

  test('each at the port of its service', () => {
    expect(jobs.get('handover-api')).toMatchObject({ names: ['api'], port: Number(fields.PORT.default) });
    expect(jobs.get('handover-worker')).toMatchObject({
      names: ['worker'],
      port: Number(fields.METRICS_PORT.default),
    });
  });

  test('Prometheus finds its rules, and Grafana its data and dashboards, where they are mounted', () => {
    const mounted = (name: string) => compose.services[name]?.volumes?.join('\n') ?? '';
    for (const rules of prometheus.rule_files)
      expect(mounted('prometheus')).toContain(`:/etc/prometheus/${rules}:ro`);
    const provisioning = 'deploy/grafana/provisioning';
    const { path } = parse(read(`${provisioning}/dashboards/handover.yml`)).providers[0].options;
    expect(mounted('grafana')).toContain(`./deploy/grafana/dashboards:${path}:ro`);
    const { url } = parse(read(`${provisioning}/datasources/prometheus.yml`)).datasources[0];
    expect(compose.services).toHaveProperty(new URL(url).hostname);
  });
});

test('docs/deployment.md names every variable that sets a port or a secret, and the secrets of the demonstration', () => {
  const page = read('docs/deployment.md');
  for (const [, name = '', value = ''] of read(file).matchAll(/\$\{(\w+):-([^}]*)\}/g)) {
    if (/PORT|KEY|USER|PASSWORD|SECRET/.test(name)) expect(page).toContain(`\`${name}\``);
    if (/PORT/.test(name)) expect(page).toContain(`127.0.0.1:${value}`);
    if (/KEY|ADMIN|GRAFANA_PASSWORD/.test(name)) expect(page).toContain(`\`${value}\``);
  }
});

const clients = [['docker', 'compose'], ['docker-compose']];
const client = clients.find(([program = '', ...first]) => succeeds(program, [...first, 'version']));
if (client === undefined)
  console.log('Skipped: the check by Compose itself. There is neither docker compose nor docker-compose.');

test.skipIf(client === undefined)('Compose accepts the file', () => {
  const [program = '', ...first] = client ?? [];
  const { status, stderr } = run(program, [...first, '-f', file, 'config', '--quiet']);
  expect({ status, stderr }).toMatchObject({ status: 0 });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function environmentOf(service: string): Record<string, string> {
  return compose.services[service]?.environment ?? {};
}

/** What Compose makes of `${NAME:-default}` if NAME is unset. */
function withDefaults(text: string): string {
  return text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

function run(program: string, args: string[]) {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8', timeout: 20_000 });
}

function succeeds(program: string, args: string[]): boolean {
  return run(program, args).status === 0;
}
