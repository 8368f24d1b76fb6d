import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const inFolder = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
const pages = [...readdirSync(root), ...inFolder('docs'), 'packages/sandbox/README.md'].filter((path) =>
  path.endsWith('.md'),
);

test.each(pages)('every link of %s leads to something that is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  const missing = targets
    .filter((target) => !/^(https?:|#)/.test(target))
    .filter((target) => !existsSync(resolve(root, dirname(page), target.split('#')[0] ?? '')));
  expect(missing).toEqual([]);
});
