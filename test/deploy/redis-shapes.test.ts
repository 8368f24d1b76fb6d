import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@handover/core/config';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { imageEnvironment, root } from '../support/image.ts';
import { faultsOf, type Manifest, readManifests } from '../support/manifests.ts';

// The recommended Redis, for Docker Compose and for Kubernetes. redis-group.test.ts tests what both run.

const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** The settings of `deploy/redis`, one line each. */
const settings = ['redis.conf', 'sentinel.conf'].flatMap((file) =>
  read(`deploy/redis/${file}`)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
);
const script = read('deploy/redis/start.sh');
const group = /^GROUP=(\S+)$/m.exec(script)?.[1];

test('both shapes have the settings that docs/deployment.md recommends, once', () => {
  expect(settings).toEqual(
    expect.arrayContaining([
      ...['appendonly yes', 'maxmemory-policy noeviction', 'repl-diskless-sync-delay 0'],
      ...['min-replicas-to-write 1', 'min-replicas-max-lag 3'],
      ...['sentinel resolve-hostnames yes', 'sentinel announce-hostnames yes'],
      `sentinel down-after-milliseconds ${group} 1500`,
      `sentinel parallel-syncs ${group} 2`,
      `sentinel failover-timeout ${group} 10000`,
    ]),
  );
  const names = settings.map((line) => line.replace(/ \S+$/, ''));
  expect(new Set(names.filter((name) => name !== 'protected-mode')).size).toBe(names.length - 2);
  for (const name of names.filter((one) => one !== 'protected-mode'))
    expect(script).not.toContain(`${name} `);
});

describe('Docker Compose', () => {
  type Service = {
    image?: string;
    environment?: Record<string, string>;
    volumes?: string[];
    depends_on?: string[] | Record<string, { condition: string }>;
    networks?: string[] | { redis: { ipv4_address: string } };
    extra_hosts?: string[];
    [field: string]: unknown;
  };
  type File = {
    version: string;
    services: Record<string, Service>;
    networks: { redis: { ipam: { config: [{ subnet: string; ip_range: string }] } } };
    volumes: Record<string, null>;
  };
  const files = ['docker-compose.yml', 'deploy/compose/sentinel.yml'];
  const [base, overlay] = files.map((file) =>
    parse(read(file).replace(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }),
  ) as [File, File];
  const members = Object.entries(overlay.services).filter(([name]) => name !== 'api' && name !== 'worker');
  const redises = members.filter(([name]) => name.startsWith('redis'));
  const sentinels = members.filter(([name]) => name.startsWith('sentinel'));

  test('there are three Redis, of which the first replaces the single one, and three Sentinels', () => {
    expect([redises.length, sentinels.length, members.length]).toEqual([3, 3, 6]);
    expect(redises[0]?.[0]).toBe('redis');
    expect(overlay.version).toBe(base.version);
    for (const [, { image }] of members) expect(image).toBe(base.services.redis?.image);
  });

  test.each(['api', 'worker'] as const)('the %s starts with the environment of both files', (role) => {
    const env = { ...base.services[role]?.environment, ...overlay.services[role]?.environment };
    const config = parseConfig({ ...imageEnvironment(), ...env }, role);
    expect(config.redis.sentinels).toEqual({
      nodes: sentinels.map(([host]) => ({ host, port: 26379 })),
      master: group,
    });
    expect(config.redis.url).toBe(base.services[role]?.environment?.REDIS_URL);
    expect(config.replicas).toEqual({ forIntents: 1, forAcceptance: 1 });
  });

  test.each(['api', 'worker'] as const)('the %s waits until every Redis is ready', (role) => {
    const needs = { ...base.services[role]?.depends_on, ...overlay.services[role]?.depends_on };
    for (const [name] of redises) expect(needs).toHaveProperty(name, { condition: 'service_healthy' });
  });

  test.each(members)('%s has its own name, and those of all', (name, { environment = {} }) => {
    const port = name.startsWith('redis') ? 6379 : 26379;
    expect(environment).toEqual({
      SELF: `${name}:${port}`,
      REDISES: redises.map(([host]) => `${host}:6379`).join(' '),
      SENTINELS: sentinels.map(([host]) => `${host}:26379`).join(' '),
    });
  });

  test.each(members)('%s has the settings, and its own disk', (name, { volumes = [], ...service }) => {
    expect(volumes).toEqual([`${name}-data:/data`, './deploy/redis:/etc/handover:ro']);
    expect(overlay.volumes).toHaveProperty(`${name}-data`);
    expect(service.command).toEqual(['sh', '/etc/handover/start.sh', name.replace(/-\d$/, '')]);
    expect(service).toMatchObject({
      user: 'redis',
      read_only: true,
      cap_drop: ['ALL'],
      restart: 'unless-stopped',
    });
  });

  test('uses no DNS: addresses are fixed and complete', () => {
    const [{ subnet, ip_range: others }] = overlay.networks.redis.ipam.config;
    const prefix = subnet.replace('0/24', '');
    const addresses = members.map(
      ([, { networks }]) => (networks as { redis: { ipv4_address: string } }).redis.ipv4_address,
    );
    expect(others).toBe(`${prefix}128/25`);
    expect(new Set(addresses).size).toBe(6);
    for (const address of addresses) {
      expect(address.startsWith(prefix)).toBe(true);
      expect(Number(address.slice(prefix.length))).toBeLessThan(128);
    }
    const hosts = members.map(([name], index) => `${name}:${addresses[index]}`);
    for (const [, service] of Object.entries(overlay.services)) expect(service.extra_hosts).toEqual(hosts);
    for (const role of ['api', 'worker'])
      expect(overlay.services[role]?.networks).toEqual(['default', 'redis']);
  });

  test('has no circular dependencies', () => {
    for (const [, { depends_on: needs }] of redises) expect(needs).toEqual(sentinels.map(([name]) => name));
    for (const [, service] of sentinels) expect(service).not.toHaveProperty('depends_on');
  });

  test('mounts existing files, relative to the first file', () => {
    for (const file of ['start.sh', 'redis.conf', 'sentinel.conf'])
      expect(existsSync(join(root, 'deploy/redis', file))).toBe(true);
  });

  const clients = [['docker', 'compose'], ['docker-compose']];
  const client = clients.find(([program = '', ...first]) => run(program, [...first, 'version']).status === 0);
  if (client === undefined) console.log('Skipped: the overlay by Compose itself, which is not here.');

  test.skipIf(client === undefined)('Compose accepts both files together', () => {
    const [program = '', ...first] = client ?? [];
    const named = files.flatMap((file) => ['-f', file]);
    const { status, stdout, stderr } = run(program, [...first, ...named, 'config']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(parse(stdout).services.redis.volumes).toHaveLength(2);
  });
});

describe('Kubernetes', () => {
  const folder = join(root, 'deploy/kubernetes/redis');
  const manifests = readManifests(folder);
  const kustomization = parse(read('deploy/kubernetes/redis/kustomization.yaml'));
  const kinds = ['redis', 'sentinel'] as const;

  test.each(manifests.map((one) => [one.file, one.kind, one.metadata.name, one] as const))(
    '%s: %s %s is valid',
    (_file, _kind, _name, manifest) => {
      expect(faultsOf(manifest)).toEqual([]);
    },
  );

  test('a StatefulSet with a misspelt or a missing field is refused', () => {
    const broken = structuredClone(one('StatefulSet', 'handover-redis'));
    Object.assign(broken.spec as object, { podManagementPolice: 'Parallel' });
    expect(faultsOf(broken).join()).toMatch(/podManagementPolice is unknown/);
    Object.assign(broken.spec as object, { serviceName: undefined, selector: undefined });
    expect(faultsOf(broken).join()).toMatch(/required property/);
  });

  test('kustomize includes every file except the example secret and the patch, and the settings', () => {
    const others = ['kustomization.yaml', 'secret.example.yaml', 'config.yaml'];
    const own = readdirSync(folder).filter((file) => !others.includes(file));
    expect(kustomization.resources.toSorted()).toEqual(['../../redis', ...own].sort());
    const main = parse(read('deploy/kubernetes/kustomization.yaml'));
    expect(kustomization.namespace).toBe(main.namespace);
    const [generated] = parse(read('deploy/redis/kustomization.yaml')).configMapGenerator;
    expect(generated.files.toSorted()).toEqual(['redis.conf', 'sentinel.conf', 'start.sh']);
    for (const kind of kinds)
      expect(setOf(kind).pod.volumes).toEqual([{ name: 'settings', configMap: { name: generated.name } }]);
  });

  test.each(['api', 'worker'] as const)('the %s starts with the patch', (role) => {
    const plain = readManifests(join(root, 'deploy/kubernetes'));
    const data = (list: Manifest[], name: string) =>
      list.filter(({ metadata }) => metadata.name === name).map((found) => found.data ?? found.stringData);
    const { password } = new URL(exampleUrl);
    const sources = ['handover', `handover-${role}`].flatMap((name) => data(plain, name));
    const env = Object.assign(imageEnvironment(), ...sources, ...data(manifests, 'handover'));
    const config = parseConfig({ ...env, REDIS_URL: exampleUrl }, role);
    expect(config.redis.sentinels).toEqual({
      nodes: hostsOf('sentinel').map((host) => ({ host, port: 26379 })),
      master: group,
    });
    expect(config.replicas).toEqual({ forIntents: 1, forAcceptance: 1 });
    expect(password).not.toBe('');
  });

  describe.each(kinds)('the %s', (kind) => {
    const { name, spec, pod, container } = setOf(kind);
    const port = kind === 'redis' ? 6379 : 26379;
    const env = Object.fromEntries((container.env ?? []).map((entry) => [entry.name, entry]));

    test('are three, each with its own name and those of all', () => {
      expect(spec).toMatchObject({ replicas: 3, serviceName: name, podManagementPolicy: 'Parallel' });
      expect(env.POD_NAME?.valueFrom?.fieldRef?.fieldPath).toBe('metadata.name');
      expect(env.SELF?.value).toBe(`$(POD_NAME).${domainOf(spec)}:${port}`);
      const names = one('ConfigMap', 'handover-redis-names');
      expect(container.envFrom).toEqual([{ configMapRef: { name: names.metadata.name } }]);
      expect(names.data).toEqual({
        REDISES: hostsOf('redis')
          .map((host) => `${host}:6379`)
          .join(' '),
        SENTINELS: hostsOf('sentinel')
          .map((host) => `${host}:26379`)
          .join(' '),
      });
      expect(container.command).toEqual(['sh', '/etc/handover/start.sh', kind]);
    });

    test('use the password of the example secret', () => {
      const { key = '', name: secret } = env.REDIS_PASSWORD?.valueFrom?.secretKeyRef ?? {};
      expect(one('Secret', secret ?? '').stringData).toHaveProperty(key);
    });

    test('are reachable before they are ready, by a headless Service', () => {
      expect(one('Service', name).spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    });

    test('match every selector for them, at their port', () => {
      const labels = { 'app.kubernetes.io/name': name };
      const service = one('Service', name).spec as {
        selector: object;
        ports: [{ port: number; targetPort: string }];
      };
      const budget = one('PodDisruptionBudget', name).spec as { selector: object; maxUnavailable: number };
      const policy = one('NetworkPolicy', name).spec as {
        podSelector: object;
        ingress: [{ ports: [object] }];
      };
      const [apart] = pod.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      expect(spec.template.metadata?.labels).toMatchObject(labels);
      expect(spec.selector).toEqual({ matchLabels: labels });
      expect(service.selector).toEqual(labels);
      expect(budget).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
      expect(policy.podSelector).toEqual({ matchLabels: labels });
      expect(apart?.podAffinityTerm).toEqual({
        topologyKey: 'kubernetes.io/hostname',
        labelSelector: { matchLabels: labels },
      });
      expect(container.ports).toEqual([{ name: kind, containerPort: port }]);
      expect(service.ports).toEqual([{ name: kind, port, targetPort: kind }]);
      expect(policy.ingress[0].ports).toEqual([{ port: kind }]);
    });

    test('are open to the API and the workers of Handover', () => {
      const part = { 'app.kubernetes.io/part-of': 'handover' };
      const { ingress } = one('NetworkPolicy', name).spec as { ingress: [{ from: unknown }] };
      expect(ingress[0].from).toEqual([{ podSelector: { matchLabels: part } }]);
      expect(spec.template.metadata?.labels).toMatchObject(part);
      for (const { kind: found, spec: itsSpec } of readManifests(join(root, 'deploy/kubernetes')))
        if (found === 'Deployment')
          expect((itsSpec as typeof spec).template.metadata?.labels).toMatchObject(part);
    });

    test('are not root, write to their disk only, and have no capabilities', () => {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          fsGroup: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.volumeMounts).toEqual([
        { name: 'data', mountPath: '/data' },
        { name: 'settings', mountPath: '/etc/handover', readOnly: true },
      ]);
      expect(spec.volumeClaimTemplates?.map(({ metadata }) => metadata?.name)).toEqual(['data']);
    });

    test('run the same image as Docker Compose', () => {
      expect(container.image).toBe(parse(read('docker-compose.yml')).services.redis.image);
    });
  });

  test('a Redis has more than twice the memory of its data limit', () => {
    const [, megabytes] = /^maxmemory (\d+)mb$/m.exec(settings.join('\n')) ?? [];
    const limit = Number.parseInt(String(setOf('redis').container.resources?.limits?.memory), 10);
    expect(limit).toBeGreaterThan(2 * Number(megabytes));
  });

  const hasKustomize = run('kubectl', ['kustomize', 'deploy/kubernetes']).status === 0;
  if (!hasKustomize) console.log('Skipped: the manifests by kubectl kustomize, which is not here.');

  test.skipIf(!hasKustomize)('kustomize builds them, also with the API and the workers', () => {
    const copy = mkdtempSync(join(tmpdir(), 'handover-kustomize-'));
    onTestFinished(() => rmSync(copy, { recursive: true }));
    cpSync(join(root, 'deploy'), copy, { recursive: true });
    const file = join(copy, 'kubernetes/kustomization.yaml');
    const main = parse(readFileSync(file, 'utf8'));
    const whole = {
      ...main,
      resources: [...main.resources, 'redis'],
      patches: [{ path: 'redis/config.yaml' }],
    };
    writeFileSync(file, stringify(whole));
    const { status, stdout, stderr } = run('kubectl', ['kustomize', join(copy, 'kubernetes')]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const built = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
    for (const manifest of built.filter(({ kind }) => kind !== 'Namespace'))
      expect(manifest.metadata.namespace).toBe('handover');
    const mounted = built.flatMap(({ kind, spec }) =>
      kind === 'StatefulSet'
        ? [(spec as IStatefulSet['spec'])?.template.spec?.volumes?.[0]?.configMap?.name]
        : [],
    );
    const generated = built.find(({ metadata }) => metadata.name === mounted[0]);
    expect(mounted).toEqual([expect.stringMatching(/^handover-redis-\w+$/), mounted[0]]);
    expect(generated?.data).toMatchObject({ 'start.sh': script });
    const config = built.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'handover');
    expect(config?.data).toMatchObject({ GENESYS_API: 'voice', REDIS_SENTINEL_MASTER: group });
  });

  const exampleUrl = /^# (redis:\S+)$/m.exec(read('deploy/kubernetes/redis/secret.example.yaml'))?.[1] ?? '';

  function one(kind: string, name: string): Manifest {
    const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
    return found;
  }

  function setOf(kind: (typeof kinds)[number]) {
    const name = `handover-${kind}`;
    const { spec } = one('StatefulSet', name) as unknown as IStatefulSet;
    const pod = spec?.template.spec;
    const [container] = pod?.containers ?? [];
    if (!spec || !pod || !container) throw new Error(`there is no StatefulSet ${name}`);
    return { name, spec, pod, container };
  }

  /** Five dots including the pod name: the resolver tries such a name without search domains. */
  function domainOf({ serviceName }: { serviceName?: string }): string {
    return `${serviceName}.${kustomization.namespace}.svc.cluster.local`;
  }

  function hostsOf(kind: (typeof kinds)[number]): string[] {
    const { name, spec } = setOf(kind);
    return Array.from({ length: spec.replicas ?? 0 }, (_, ordinal) => `${name}-${ordinal}.${domainOf(spec)}`);
  }
});

function run(program: string, args: string[]) {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8', timeout: 20_000 });
}
