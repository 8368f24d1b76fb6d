// Sets the project up: installs missing dependencies (with --lean not those that only tests and checks need) and, with --build,
// builds what runs. Run by npm before the root commands; idempotent.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from './lock.mjs';

const PNPM = 'pnpm@12.21.0';
const OLDEST_NODE = [20, 19];

const root = resolve(import.meta.dirname ?? '.', '..');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.setup-stamp');
const wantsBuild = process.argv.includes('--build');
// What only tests, checks and benchmarks need is half of all that is installed; of the client, what makes its types.
const isLean = process.argv.includes('--lean');
const LEFT_OUT = ['@handover/test', '@handover/test-sdk', '@handover/bench', '@handover/client'];
// pnpm runs this again as a script of the root package.
const calledByPnpm = (process.env.npm_config_user_agent ?? '').startsWith('pnpm/');

class SetupError extends Error {}

try {
  checkNode();
  process.chdir(root);
  if (wantsBuild || !calledByPnpm) await alone(setUp);
} catch (error) {
  console.error(error instanceof SetupError ? `\nSet-up stopped: ${error.message}\n` : error);
  process.exitCode = 1;
}

async function setUp() {
  if (!calledByPnpm) await install();
  if (wantsBuild) await build();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  const needed = OLDEST_NODE.join('.');
  throw new SetupError(
    `this is Node ${process.versions.node}; Handover needs ${needed} or newer (https://nodejs.org).`,
  );
}

// Concurrent set-ups would write the same folders: the second waits for the first.
async function alone(work) {
  const path = join(root, '.data', 'setup.sock');
  let lock = await takeLock(path);
  if (!lock) console.log('Another set-up is running in this folder; waiting for it …');
  for (; !lock; lock = await takeLock(path)) await sleep(200);
  try {
    await work();
  } finally {
    await lock.release();
  }
}

async function install() {
  const stamp = currentStamp();
  const leanStamp = `${stamp} without ${LEFT_OUT.join(', ')}`;
  const toolsAreThere = existsSync(join(modules, '.bin', 'vitest'));
  const installed = toolsAreThere && existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (installed === stamp || (isLean && installed === leanStamp)) return;
  // npm install removes pnpm's links; without this marker pnpm assumes that they exist.
  if (!toolsAreThere) rmSync(join(modules, '.modules.yaml'), { force: true });

  console.log(`Installing the dependencies with ${PNPM} …`);
  const { NODE_ENV: _, ...env } = process.env;
  const command = ['--yes', PNPM, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  if (isLean) command.push(...LEFT_OUT.flatMap((name) => ['--filter', `!${name}`]));
  const { code, output } = await run('npx', command, { ...env, CI: '1' });
  if (code !== 0) throw new SetupError(whyInstallFailed(code, output));
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampFile, isLean ? leanStamp : stamp);
}

/** The inputs of the installation: every manifest, the lockfile, and the machine. */
function currentStamp() {
  const folders = ['apps', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  const manifests = ['.', ...folders, 'bench', 'scripts', 'test', 'test/sdk'].map((folder) =>
    join(folder, 'package.json'),
  );
  const files = [...manifests, 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].filter((name) => existsSync(name));
  return `${PNPM} ${process.platform} ${process.arch} ${stampOf(files)}`;
}

function whyInstallFailed(code, output) {
  const again = 'Then run the same command again.';
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|error sending request/i.test(output)
  ) {
    return `the package registry cannot be reached. Check the network, the proxy and the registry that npm is set to (npm config get registry). ${again}`;
  }
  if (/OUTDATED_LOCKFILE/.test(output)) {
    return `pnpm-lock.yaml does not match the manifests. Run: npx ${PNPM} install. ${again}`;
  }
  if (/ENOSPC/.test(output)) return `the disk is full. ${again}`;
  if (/EACCES|EPERM/.test(output)) return `a folder cannot be written, see the lines above. ${again}`;
  return `the dependencies could not be installed (exit code ${code}), see the lines above. ${again}`;
}

/** What runs: the programs, each a bundle; the client; the console. Types are checked by `npm run check`. */
async function build() {
  const tool = (folder, name) => join(root, folder, 'node_modules', '.bin', name);
  await made('the programs', {
    of: ['apps/api', 'apps/worker', 'packages', 'scripts/bundle.mjs', 'tsconfig.base.json'],
    to: ['apps/api', 'apps/worker', 'packages/cli', 'packages/sandbox'].map(
      (folder) => `${folder}/dist/main.js`,
    ),
    command: [process.execPath, join('scripts', 'bundle.mjs')],
  });
  await made('the client', {
    of: ['packages/client', 'tsconfig.base.json'],
    to: ['packages/client/dist/index.js'],
    command: [tool('.', 'tsc'), '-b', 'packages/client'],
  });
  await made('the console', {
    of: ['apps/console', 'packages/client/src'],
    to: ['apps/console/dist/site/index.html'],
    command: [tool('apps/console', 'vite'), 'build', '--logLevel', 'warn', 'apps/console'],
  });
}

/** Runs this command, unless all that it makes is there and nothing that it reads has changed since. */
async function made(what, { of, to, command: [program, ...args] }) {
  const isThere = to.every((file) => existsSync(join(root, file)));
  const stampFile = `${join(root, to[0])}.stamp`;
  const stamp = stampOf([...of, 'pnpm-lock.yaml'].flatMap(filesIn).sort());
  if (isThere && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!existsSync(program))
    throw new SetupError(`${program} is missing, which builds ${what}. Run: npx ${PNPM} install`);
  const { code } = await run(program, args, process.env);
  if (code !== 0) throw new SetupError(`${what} cannot be built, see the lines above.`);
  writeFileSync(stampFile, stamp);
}

/** The files of a folder, but for tests, and what is installed or built; or the file itself. */
function filesIn(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => !['node_modules', 'dist'].includes(name) && !/\.test\.tsx?$/.test(name))
    .flatMap((name) => filesIn(join(path, name)));
}

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Runs a command, showing its output; returns its exit code and output. */
function run(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const show = (stream) => (data) => {
      output += data;
      stream.write(data);
    };
    child.stdout.on('data', show(process.stdout));
    child.stderr.on('data', show(process.stderr));
    child.once('error', (error) => {
      reject(new SetupError(`${command} could not be started (${error.code}). It comes with Node and npm.`));
    });
    child.once('close', (code) => resolve({ code, output }));
  });
}
