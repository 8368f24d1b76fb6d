import { readFileSync } from 'node:fs';
import semver from 'semver';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('every package that is installed admits the oldest Node that the README asks for', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const oldest = semver.minVersion(engines.node)?.version ?? '';
  const { packages } = parse(read('pnpm-lock.yaml')) as {
    packages: Record<string, { engines?: { node?: string } }>;
  };
  expect(Object.keys(packages).length).toBeGreaterThan(300);
  const refusing = Object.entries(packages)
    .filter(([, { engines: its }]) => its?.node !== undefined && !semver.satisfies(oldest, its.node))
    .map(([name, { engines: its }]) => `${name} wants Node ${its?.node}`);
  expect(refusing).toEqual([]);
});

test('.nvmrc names a Node that package.json admits, and the oldest line of it', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const chosen = semver.minVersion(read('.nvmrc').trim());
  expect(chosen?.version).toBe(semver.minVersion(engines.node)?.version);
});
