import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { postgresAtUrl, startFoundPostgres } from '../support/find-postgres.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { openDatabase } from '../support/postgres.ts';
import { ask } from '../support/postgres-server.ts';

const TABLE = 'CREATE TABLE agents (name text PRIMARY KEY)';
const NAMES = 'SELECT name FROM agents ORDER BY name';
const NO_SERVER = 'no PostgreSQL server program';

describe.skipIf(inject('noDatabase') !== '')('the PostgreSQL that the tests share', () => {
  test('gives each test its own empty database', async () => {
    const [mine, yours] = await Promise.all([openDatabase(), openDatabase()]);
    await ask(mine.url, TABLE);
    await ask(yours.url, TABLE);
    await ask(mine.url, `INSERT INTO agents VALUES ('ann')`);
    expect(await ask(mine.url, NAMES)).toEqual([{ name: 'ann' }]);
    expect(await ask(yours.url, NAMES)).toEqual([]);
    await Promise.all([mine.close(), yours.close()]);
    await expect(ask(mine.url, 'SELECT 1')).rejects.toThrow('does not exist');
  });
});

describe('a PostgreSQL of its own', () => {
  test('keeps what was committed when it is killed, and answers at the same URL afterwards', async ({
    skip,
  }) => {
    const own = (await startOwnPostgres()) ?? skip(NO_SERVER);
    onTestFinished(() => own.stop());
    await ask(own.url, TABLE);
    for (const name of ['ann', 'bob']) {
      await ask(own.url, `INSERT INTO agents VALUES ('${name}')`);
      const { pid } = own;
      await own.kill();
      await expect(ask(own.url, NAMES)).rejects.toThrow('ECONNREFUSED');
      await own.restart();
      expect(own.pid).not.toBe(pid);
    }
    expect(await ask(own.url, NAMES)).toEqual([{ name: 'ann' }, { name: 'bob' }]);
  });

  test('may be stopped after a kill, and twice', async ({ skip }) => {
    const own = (await startOwnPostgres()) ?? skip(NO_SERVER);
    await own.kill();
    await own.stop();
    await own.stop();
    await expect(ask(own.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a present but failing choice', () => {
  test('on the PATH is reported, and the next choice is tried', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'handover-broken-postgres-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const name of ['postgres', 'initdb'])
      await writeFile(join(folder, name), '#!/bin/sh\necho no such library >&2\nexit 1\n', { mode: 0o755 });
    const lines: string[] = [];
    const found = await startFoundPostgres({
      root: resolve(import.meta.dirname, '../..'),
      log: (line) => lines.push(line),
      engine: async () => ({ url: 'postgres://engine', how: 'container', stop: async () => {} }),
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
    });
    await found.stop();
    expect(lines[0]).toMatch(/^Not used: .*handover-broken-postgres-.*postgres is there but does not run: /);
  });

  test('in TEST_DATABASE_URL is reported without the password', async () => {
    const refused = postgresAtUrl('postgres://ann:night-shift-42@127.0.0.1:1/handover');
    await expect(refused).rejects.toThrow(
      /^TEST_DATABASE_URL names postgres:\/\/\*\*\*@127\.0\.0\.1:1\/handover, but it cannot be used: connect ECONNREFUSED/,
    );
  });
});
