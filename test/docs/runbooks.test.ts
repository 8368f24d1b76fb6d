import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'docs/operations');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
const alerted = new Set(
  [...read('deploy/prometheus/alerts.yml').matchAll(/runbook_url: .*\/([\w-]+\.md)'/g)].map(
    ([, name]) => name ?? '',
  ),
);

/** The rows of the table of routes: method, path as an expression, and whether nobody's key is needed. */
const routes = [...read('docs/roles.md').matchAll(/^\| `([A-Z]+) (\S+)` \| (yes)? ?\|/gm)].map(
  ([, method, path = '', open]) => ({
    method,
    path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/?]+')}$`),
    isPublic: open === 'yes',
  }),
);

/** The fenced shell commands of a page, without the line breaks inside a command. */
function commandsOf(page: string): string[] {
  const fences = [...readFileSync(join(folder, page), 'utf8').matchAll(/^ *```sh\n(.*?)^ *```/gms)];
  return fences.map(([, text = '']) => text.replaceAll(/\\\n\s*/g, ''));
}

const curls = pages.flatMap((page) =>
  commandsOf(page)
    .flatMap((text) => text.split('\n'))
    .filter((line) => /\bcurl\b/.test(line))
    .map((command): [string, string] => [page, command.trim()]),
);

test.each([...alerted])('%s, which an alert names, has a command to paste', (page) => {
  expect(alerted.size).toBeGreaterThan(15);
  expect(commandsOf(page).join('')).toMatch(/\S/);
});

test.each(curls)('%s: %s', (_page, command) => {
  const [, url = ''] = /"\$\w+_URL(\/[^"]*)"/.exec(command) ?? [];
  const path = url.split('?')[0] ?? '';
  const given = /-X ([A-Z]+)/.exec(command)?.[1];
  const method = given ?? (/ -d /.test(command) ? 'POST' : 'GET');
  const route = routes.find((one) => one.method === method && one.path.test(path));
  expect(route, `${method} ${path} is no route of docs/roles.md`).toBeDefined();
  expect(command, 'has only shell variables to fill in').not.toMatch(/…|<[\w-]+>|(?<!\$)\{\w+\}/);
  if (route?.isPublic !== true)
    expect(command).toMatch(/-u "\$ADMIN_USER:\$ADMIN_PASSWORD"|-H "authorization: Bearer \$\w+"/);
});
