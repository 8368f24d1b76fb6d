import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fields, parseConfig } from '@handover/core/config';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { imageEnvironment, root } from '../support/image.ts';
import { faultsOf, type Manifest, readManifests } from '../support/manifests.ts';

const folder = join(root, 'deploy/kubernetes');
const manifests = readManifests(folder);
/** The worker exits after at most 9.5 s; the API answers open requests and exits at once. */
const STOPPED_WITHIN_S = 10;

// biome-ignore lint/suspicious/noExplicitAny: a deliberately broken manifest has no type.
type Breakable = any;

describe('by the schemas of Kubernetes and KEDA', () => {
  const named = manifests.map((manifest) => [manifest.file, manifest.kind, manifest.metadata.name, manifest]);
  test.each(named as [string, string, string, Manifest][])(
    '%s: %s %s is valid',
    (_file, _kind, _name, manifest) => {
      expect(faultsOf(manifest)).toEqual([]);
    },
  );

  // A check that cannot fail would prove nothing.
  test.each<[what: string, kind: string, path: (string | number)[], value: unknown, words: RegExp]>([
    ['a number as text', 'Deployment', ['spec', 'replicas'], '3', /replicas must be integer/],
    ['a selector left out', 'Deployment', ['spec', 'selector'], undefined, /required property selector/],
    ['a misspelt field', 'Deployment', ['spec', 'replcas'], 3, /spec\/replcas is unknown/],
    [
      ...(['a misspelt probe', 'Deployment'] as const),
      ['spec', 'template', 'spec', 'containers', 0, 'livenesProbe'],
      ...([{}, /containers\/0\/livenesProbe is unknown/] as const),
    ],
    ['a name as a port', 'Service', ['spec', 'ports', 0, 'port'], 'http', /port must be integer/],
    ['a target left out', 'HorizontalPodAutoscaler', ['spec', 'scaleTargetRef'], undefined, /scaleTargetRef/],
    ['a trigger left out', 'ScaledObject', ['spec', 'triggers'], undefined, /required property triggers/],
    ['a number for text', 'ScaledObject', ['spec', 'triggers', 0, 'metadata', 'threshold'], 5, /be string/],
    ['another version', 'Service', ['apiVersion'], 'v2', /v2 Service has no schema/],
  ])('%s in a %s is refused', (_what, kind, path, value, words) => {
    const broken = structuredClone(one(kind));
    const last = path.slice(0, -1).reduce((at: Breakable, step) => at[step], broken);
    const field = path.at(-1) ?? '';
    if (value === undefined) delete last[field];
    else last[field] = value;
    expect(faultsOf(broken).join()).toMatch(words);
  });
});

describe('kustomize', () => {
  const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));

  test('includes every file except the example secrets and Redis, in an existing namespace', () => {
    const others = ['kustomization.yaml', 'secrets.example.yaml', 'redis'];
    const files = readdirSync(folder).filter((file) => !others.includes(file));
    expect(kustomization.resources.toSorted()).toEqual(files.sort());
    expect(one('Namespace').metadata.name).toBe(kustomization.namespace);
  });

  test('names the image that the Deployments run', () => {
    const images = (['api', 'worker'] as const).map((role) => deploymentOf(role).container.image);
    expect(images).toEqual(images.map(() => kustomization.images[0].name));
  });
});

describe.each(['api', 'worker'] as const)('the %s', (role) => {
  const { name, spec, pod, container } = deploymentOf(role);

  test('starts with the environment of image, ConfigMap and Secrets', () => {
    const sources = (container.envFrom ?? []).map(({ configMapRef, secretRef }) =>
      variables(configMapRef ? 'ConfigMap' : 'Secret', (configMapRef ?? secretRef)?.name),
    );
    expect(sources).toHaveLength(3);
    expect(parseConfig(Object.assign(imageEnvironment(), ...sources), role).host).toBe('0.0.0.0');
    expect(container.args).toEqual([`apps/${role}/dist/main.js`]);
  });

  test('is probed at its port', () => {
    const [port] = container.ports ?? [];
    expect(String(port?.containerPort)).toBe(fields[role === 'api' ? 'PORT' : 'METRICS_PORT'].default);
    const { startupProbe, readinessProbe, livenessProbe } = container;
    expect(startupProbe?.httpGet).toEqual({ path: '/healthz', port: port?.name });
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: port?.name });
    expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: port?.name });
  });

  test('matches every selector for it', () => {
    const labels = spec.template.metadata?.labels;
    const budget = manifests.filter(
      ({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === name,
    );
    const selectors = [
      spec.selector.matchLabels,
      pod.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels,
      ...budget.map((manifest: Breakable) => manifest.spec.selector.matchLabels),
      role === 'api' ? specOf('Service').selector : specOf('NetworkPolicy').podSelector.matchLabels,
    ];
    expect(selectors).toHaveLength(4);
    for (const selector of selectors) expect(selector).toEqual({ 'app.kubernetes.io/name': name });
    expect(labels).toMatchObject({ 'app.kubernetes.io/name': name });
  });

  test('is scaled by exactly one autoscaler, without fixed replicas', () => {
    const { scaleTargetRef } = specOf(role === 'api' ? 'HorizontalPodAutoscaler' : 'ScaledObject');
    expect(scaleTargetRef.name).toBe(name);
    expect(spec).not.toHaveProperty('replicas');
  });

  test('is not root, with a read-only file system and no capabilities', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('has a stop period longer than its shutdown', () => {
    const asleep = Number(container.lifecycle?.preStop?.exec?.command?.[1] ?? 0);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(asleep + STOPPED_WITHIN_S);
  });
});

test('the Service and the NetworkPolicy name existing ports', () => {
  expect(specOf('Service').ports[0].targetPort).toBe(deploymentOf('api').container.ports?.[0]?.name);
  const [rule] = specOf('NetworkPolicy').ingress;
  expect(rule.ports[0].port).toBe(deploymentOf('worker').container.ports?.[0]?.name);
});

test('every variable is known, the ConfigMap has no secret, and only the example has Secrets', () => {
  const secrets = manifests.filter(({ kind }) => kind === 'Secret');
  const names = secrets.flatMap(({ metadata }) => Object.keys(variables('Secret', metadata.name)));
  const open = Object.keys(variables('ConfigMap', 'handover'));
  expect(Object.keys(fields)).toEqual(expect.arrayContaining([...names, ...open]));
  expect(open.filter((name) => 'secret' in fields[name as keyof typeof fields])).toEqual([]);
  expect(new Set(secrets.map(({ file }) => file))).toEqual(new Set(['secrets.example.yaml']));
});

function one(kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

function specOf(kind: string): Breakable {
  return one(kind).spec;
}

function deploymentOf(role: 'api' | 'worker') {
  const name = `handover-${role}`;
  const found = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const { spec } = (found ?? {}) as unknown as IDeployment;
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  if (!spec || !pod || !container) throw new Error(`there is no Deployment ${name}`);
  return { name, spec, pod, container };
}

function variables(kind: 'ConfigMap' | 'Secret', name: string | undefined): Record<string, string> {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  return (found?.[kind === 'Secret' ? 'stringData' : 'data'] ?? {}) as Record<string, string>;
}
