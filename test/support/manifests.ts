import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { parseAllDocuments } from 'yaml';

/** A manifest as in the file. */
export type Manifest = {
  file: string;
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
};

const MODELS = [
  ...[ConfigMap, Deployment, HorizontalPodAutoscaler, Namespace, NetworkPolicy],
  ...[PodDisruptionBudget, ScaledObject, Secret, Service, StatefulSet],
];

/** Every manifest of a folder, except kustomize's own. */
export function readManifests(folder: string): Manifest[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
        if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
        return { ...(document.toJS() as Omit<Manifest, 'file'>), file } as Manifest;
      }),
    );
}

/** The errors of a manifest by the schemas of Kubernetes and KEDA; unknown fields are errors too. */
export function faultsOf({ file: _, ...manifest }: Manifest): string[] {
  const { apiVersion, kind } = manifest;
  const model = MODELS.find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (model === undefined) return [`${apiVersion} ${kind} has no schema here`];
  const watched = watch(manifest);
  try {
    // The schemas are compiled into functions of the models, which look at `this`.
    model.prototype.validate.call(watched.value);
  } catch (error) {
    return [(error as Error).message];
  }
  return watched.unread();
}

/**
 * Kubernetes' schemas allow fields that they do not name, so a misspelt one would pass. But a check reads each field that
 * its schema names: a field that was not read, of an object of which others were, is unknown.
 */
function watch(root: object): { value: object; unread: () => string[] } {
  const readAt = new Map<string, { names: string[]; read: Set<PropertyKey> }>();
  const wrap = (object: object, path: string): object => {
    // A schema of several parts reads the same object more than once.
    const seen = readAt.get(path) ?? {
      names: Array.isArray(object) ? [] : Object.keys(object),
      read: new Set(),
    };
    readAt.set(path, seen);
    return new Proxy(object, {
      get(target, key) {
        seen.read.add(key);
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'object' && value !== null ? wrap(value, `${path}/${String(key)}`) : value;
      },
    });
  };
  return {
    value: wrap(root, ''),
    unread: () =>
      [...readAt].flatMap(([path, { names, read }]) =>
        names
          .filter((name) => read.size > 0 && !read.has(name))
          .map((name) => `data${path}/${name} is unknown`),
      ),
  };
}
