import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { postgresInContainer } from './container-postgres.ts';
import { postgresAtUrl, startFoundPostgres } from './find-postgres.ts';
import { ask, type Postgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL that all tests share: create your own database in it. Empty if none was found. */
    databaseUrl: string;
    /** The reason why there is no PostgreSQL; empty if there is one. */
    noDatabase: string;
  }
}

/**
 * Finds a PostgreSQL for the tests, logs which, and provides its URL or the reason why there is none; returns the function that
 * stops it.
 * @throws {Error} if the one in `TEST_DATABASE_URL` cannot be used.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { TEST_DATABASE_URL } = process.env;
  const found = TEST_DATABASE_URL ? await postgresAtUrl(TEST_DATABASE_URL) : await startOrSayWhyNot();
  if (typeof found === 'string') {
    console.log(`Skipped: the tests that need PostgreSQL. ${found}`);
    project.provide('databaseUrl', '');
    project.provide('noDatabase', found);
    return async () => {};
  }
  console.log(`PostgreSQL for the tests: ${found.how}`);
  project.provide('databaseUrl', found.url);
  project.provide('noDatabase', '');
  return () => found.stop();
}

/** A database that belongs to one test or one file of tests. */
export interface Database {
  readonly url: string;
  /** Drops it, even with open connections. */
  close(): Promise<void>;
}

/**
 * Creates an empty database with a unique name in the shared PostgreSQL: UTF-8, sorted by bytes.
 * @throws {Error} if there is none.
 */
export async function openDatabase(): Promise<Database> {
  const sharedUrl = inject('databaseUrl');
  if (sharedUrl === '') throw new Error(inject('noDatabase'));
  const name = `handover_test_${randomUUID().replaceAll('-', '')}`;
  await ask(sharedUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`);
  const url = new URL(sharedUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async close() {
      await ask(sharedUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function startOrSayWhyNot(): Promise<Postgres | string> {
  const root = resolve(import.meta.dirname, '../..');
  try {
    return await startFoundPostgres({ root, log: console.log, engine: postgresInContainer });
  } catch (error) {
    return (error as Error).message;
  }
}
