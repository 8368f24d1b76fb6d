import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { unpackedPackage } from '../../scripts/apt-package.mjs';
import {
  firstLine,
  firstThatWorks,
  noneWorks,
  notUsed,
  type Telling,
  withoutPassword,
} from '../../scripts/choices.mjs';
import {
  ask,
  type Postgres,
  type PostgresPrograms,
  type PostgresServer,
  runProgram,
  serverUser,
  startPostgresServer,
} from './postgres-server.ts';

interface Options {
  /** The project's folder. */
  readonly root: string;
  readonly log: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

const CHOICES = [
  'name a running one, whose user may create databases: TEST_DATABASE_URL=postgres://user:password@127.0.0.1/postgres',
  'install PostgreSQL, so that postgres and initdb are on the PATH or in /usr/lib/postgresql',
  'start a container engine (the tests use it by themselves)',
  'on Debian or Ubuntu: let the package be fetched from the distribution (needs the network, not root)',
];

/**
 * Returns the PostgreSQL in `TEST_DATABASE_URL`.
 * @throws {Error} if it does not answer or its user may not create databases.
 */
export async function postgresAtUrl(url: string): Promise<Postgres> {
  const shown = withoutPassword(url);
  const next = 'Start that PostgreSQL, or unset TEST_DATABASE_URL.';
  const mayCreate = 'SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user';
  const [role] = await ask(url, mayCreate).catch((error: Error & { code?: string }) => {
    const why = error.message || error.code;
    throw new Error(`TEST_DATABASE_URL names ${shown}, but it cannot be used: ${why}\n${next}`);
  });
  if (role?.may !== true)
    throw new Error(`TEST_DATABASE_URL names ${shown}, but its user may not create databases.`);
  return { url, how: `TEST_DATABASE_URL (${shown})`, stop: async () => {} };
}

/**
 * Starts a PostgreSQL from the first choice that works: programs on the PATH or where Debian has them, `engine` (a
 * container engine), the distribution's package. A present but failing choice is logged.
 * @throws {Error} listing the choices, if none works.
 */
export function startFoundPostgres(options: Options): Promise<PostgresServer>;
export function startFoundPostgres(
  options: Options & { readonly engine: (skipped: string[]) => Promise<Postgres | undefined> },
): Promise<Postgres>;
export async function startFoundPostgres({
  root,
  log,
  env = process.env,
  engine,
}: Options & { readonly engine?: (skipped: string[]) => Promise<Postgres | undefined> }): Promise<Postgres> {
  const telling = { log, skipped: [] as string[] };
  const installed = installedBins(env).map((bin) => () => startInstalled(bin, telling));
  const unpacked = async () => {
    const programs = await packagedPrograms(root, telling);
    return programs && startPostgresServer(programs);
  };
  const started = await firstThatWorks<Postgres>(
    [...installed, async () => engine?.(telling.skipped), unpacked],
    telling,
  );
  if (started) return started;
  throw new Error(noneWorks('No PostgreSQL was found. Choose one:', CHOICES, telling.skipped));
}

/** Every folder with both programs: those on the PATH, then those of Debian's packages, which are not on it. */
function installedBins(env: NodeJS.ProcessEnv): string[] {
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => resolve(folder || '.'));
  const folders = [...onPath, ...versions('/usr/lib/postgresql')];
  return folders.filter((bin) => ['postgres', 'initdb'].every((name) => existsSync(join(bin, name))));
}

/** The folders of the programs of every version below the folder, newest first. */
function versions(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => join(folder, name, 'bin'));
}

async function startInstalled(bin: string, telling: Telling): Promise<PostgresServer | undefined> {
  const programs: PostgresPrograms = { bin, how: join(bin, 'postgres') };
  try {
    await runProgram('postgres', ['--version'], { programs, user: await serverUser() });
  } catch (error) {
    notUsed(`${programs.how} is there but does not run: ${firstLine(error)}`, telling);
    return undefined;
  }
  return startPostgresServer(programs);
}

async function packagedPrograms(root: string, telling: Telling): Promise<PostgresPrograms | undefined> {
  const unpacked = await unpackedPackage(
    {
      name: 'PostgreSQL',
      home: join(root, '.postgres'),
      packages: [{ search: '^postgresql-[0-9]+$' }],
      programs: (files) => {
        const [bin] = versions(join(files, 'usr/lib/postgresql'));
        return bin ? [join(bin, 'postgres'), join(bin, 'initdb')] : [];
      },
    },
    telling,
  );
  if (!unpacked) return undefined;
  const { programs, ...rest } = unpacked;
  return { ...rest, bin: dirname(programs[0] ?? '') };
}
