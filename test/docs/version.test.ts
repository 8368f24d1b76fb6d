import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

test('CHANGELOG.md has the version, dated, below what is not released yet', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings[0]).toBe('[Unreleased]');
  expect(headings[1]).toMatch(/^\[[\d.]+\] - \d{4}-\d\d-\d\d$/);
  expect(headings[1]).toContain(`[${version}]`);
});

test.each([
  'apps/api',
  'apps/worker',
  'packages/cli',
  'packages/client',
  'packages/core',
  'packages/sandbox',
  'bench',
  'scripts',
  'test',
])('%s has the version of the whole', (folder) => {
  expect(JSON.parse(read(`${folder}/package.json`))).toMatchObject({ version });
});

test('the image that is deployed has the version', () => {
  expect(parse(read('deploy/kubernetes/kustomization.yaml'))).toMatchObject({
    images: [{ newTag: version }],
  });
  expect(read('docker-compose.yml')).toContain(`handover:\${HANDOVER_VERSION:-${version}}`);
  expect(read('docs/deployment.md').match(/handover:[\d.]+/g)).toEqual(Array(4).fill(`handover:${version}`));
});
