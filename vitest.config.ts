import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { Mixed } from './test/support/mixed.ts';

// Tests run from the TypeScript sources; only those that start built processes need a build (`pretest` makes it).
const conditions = ['source'];
const sources = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } };

/** What needs neither Redis nor PostgreSQL, so that none is looked for where only such files run. */
const STANDALONE = ['docs', 'sdk', 'standalone'].map((folder) => `test/${folder}/**/*.test.ts`);

// Only a test that fails waits as long, so a busy machine may take its time.
const patient = {
  testTimeout: 240_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 60_000, interval: 40 } },
};

// How all of it is put together: docs/testing.md.
export default defineConfig({
  test: {
    // Most files mostly wait: for an answer that stays away, a lock that runs out, a process that starts.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: Mixed },
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', ...STANDALONE],
          isolate: false,
          // These compute, after the others.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
          ...patient,
        },
      },
      {
        ...sources,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...STANDALONE],
          globalSetup: ['test/support/redis.ts', 'test/support/postgres.ts'],
          isolate: false,
          maxConcurrency: 10,
          ...patient,
        },
      },
    ],
  },
});
