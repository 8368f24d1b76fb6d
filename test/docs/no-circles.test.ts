import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

type Imports = Map<string, string[]>;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The files that this text of a file imports by a relative path, for values and for types alike. */
function importsOf(file: string, text: string): string[] {
  const paths = [...text.matchAll(/\b(?:from|import)\b\s*\(?\s*'(\.[^']*)'/g)];
  return paths.map(([, path = '']) => join(file, '..', path));
}

function filesIn(folder: string): string[] {
  // With the types: then links are not followed, as into the installed packages.
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name) && !name.includes('node_modules'));
}

function readImports(): Imports {
  const packages = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name, 'src')),
  );
  const files = [...packages, 'bench', 'deploy', 'scripts', 'test'].flatMap(filesIn);
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]));
}

/** Every file that this one imports, itself or through others. */
function reachedFrom(file: string, imports: Imports): Set<string> {
  const reached = new Set<string>();
  const waiting = [...(imports.get(file) ?? [])];
  for (const next of waiting) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(imports.get(next) ?? []));
  }
  return reached;
}

/** The circles: in each, every file reaches every other, and itself. */
function circlesIn(imports: Imports): string[] {
  const files = [...imports.keys()].sort();
  const reached = new Map(files.map((file) => [file, reachedFrom(file, imports)]));
  const reaches = (from: string, to: string) => reached.get(from)?.has(to) === true;
  const circles = files
    .filter((file) => reaches(file, file))
    .map((file) => files.filter((other) => reaches(file, other) && reaches(other, file)).join(', '));
  return [...new Set(circles)];
}

test('no file imports itself through others', () => {
  const imports = readImports();
  // Far fewer would mean that the files or their imports are no longer found.
  expect(imports.size).toBeGreaterThan(150);
  expect([...imports.values()].flat().filter((file) => imports.has(file)).length).toBeGreaterThan(500);
  expect(circlesIn(imports)).toEqual([]);
});

/** The rooms of core from the innermost outwards: each may import those before it. */
const ROOMS = [
  ...[
    'transfer',
    'billing',
    'reports',
    'log',
    'wire',
    'tracing',
    'checks',
    'postgres',
    'history',
    'destinations',
    'callbacks',
    'actions',
    'redis',
  ],
  ...['genesys', 'metrics', 'config'],
];

test('no room of core imports one further out', () => {
  const core = join('packages', 'core', 'src');
  const roomOf = (file: string) => file.slice(core.length + 1).split('/')[0] ?? '';
  const imports = [...readImports()].filter(
    ([file]) => file.startsWith(core) && !/\.test(ing)?\.ts$/.test(file),
  );
  expect(new Set(imports.map(([file]) => roomOf(file)))).toEqual(new Set(ROOMS));
  const outwards = imports.flatMap(([file, imported]) =>
    imported
      .filter((other) => ROOMS.indexOf(roomOf(other)) > ROOMS.indexOf(roomOf(file)))
      .map((other) => `${file} imports ${other}`),
  );
  expect(outwards).toEqual([]);
});

test('every kind of import counts', () => {
  const text = `
import { a } from './a.ts';
import type {
  B,
} from '../b.ts';
export { type C, c } from './under/c.ts';
import './d.ts';
const e = await import('./e.ts');
import { z } from 'zod';
`;
  expect(importsOf('src/x/file.ts', text)).toEqual([
    'src/x/a.ts',
    'src/b.ts',
    'src/x/under/c.ts',
    'src/x/d.ts',
    'src/x/e.ts',
  ]);
});

test('circles of one, two and three files are found, each once, and what only leads to one is not', () => {
  const two = { a: ['b'], b: ['a'] };
  const three = { c: ['d'], d: ['e'], e: ['c', 'a'] };
  const imports = { one: ['one'], ...two, ...three, leads: ['c', 'leaf'] };
  expect(circlesIn(new Map(Object.entries(imports)))).toEqual(['a, b', 'c, d, e', 'one']);
});
