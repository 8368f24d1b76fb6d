import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { imageInstructions, root } from '../support/image.ts';
import { freePort } from '../support/ports.ts';

const run = promisify(execFile);
const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
const value = (wanted: string) => imageInstructions().find(({ name }) => name === wanted)?.value ?? '';

describe('the image', () => {
  test('has a numeric non-root user', () => {
    expect(value('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('starts Node directly, so that it gets signals, and the API by default', () => {
    expect(JSON.parse(value('ENTRYPOINT'))).toEqual(['node']);
    expect(JSON.parse(value('CMD'))).toEqual(['apps/api/dist/main.js']);
  });

  test('has a health check without missing tools', () => {
    expect(value('HEALTHCHECK')).toMatch(/ CMD \["node", "deploy\/healthcheck\.mjs"\]$/);
  });

  test('is built with the pinned pnpm', () => {
    const pnpm = /pnpm@[\d.]+/.exec(readFileSync(join(root, 'scripts/setup.mjs'), 'utf8'))?.[0];
    expect([...dockerfile.matchAll(/pnpm@[\d.]+/g)].map(([found]) => found)).toEqual([pnpm, pnpm]);
  });

  test('copies the manifest of every app and package', () => {
    const folders = ['apps', 'packages'].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
    );
    const manifests = folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
    for (const folder of manifests) expect(dockerfile).toContain(`COPY ${folder}/package.json ${folder}/`);
  });
});

describe('the health check', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  test.each([
    ['api', 'PORT', '/healthz'],
    ['worker', 'METRICS_PORT', '/healthz'],
    ['sandbox', 'SANDBOX_PORT', '/control/health'],
  ])('of the %s requests %s for %s, and accepts only 200', async (name, variable, path) => {
    const asked: (string | undefined)[] = [];
    let status = 200;
    server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const port = String((server.address() as AddressInfo).port);
    const env = { HOST: '0.0.0.0', SANDBOX_HOST: '0.0.0.0', [variable]: port };
    await expect.poll(() => check(name, env)).toBe('healthy');
    status = 503;
    await expect.poll(() => check(name, env)).toContain(`http://127.0.0.1:${port}${path}: 503`);
    expect(new Set(asked)).toEqual(new Set([path]));
  });

  test('reports a missing listener or an unknown process', async () => {
    const port = await freePort();
    await expect.poll(() => check('worker', { METRICS_PORT: String(port) })).toContain('ECONNREFUSED');
    expect(await check('clock', {})).toContain('There is no process "clock": api, worker, sandbox.');
  });
});

async function check(name: string, env: Record<string, string>): Promise<string> {
  return run(process.execPath, ['deploy/healthcheck.mjs', name], { cwd: root, env }).then(
    () => 'healthy',
    ({ stderr }: { stderr: string }) => stderr,
  );
}
