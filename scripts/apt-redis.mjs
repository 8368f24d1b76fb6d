// The distribution's Redis package, unpacked into a folder of the project: no root, nothing installed.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMITS = { timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };
const PACKAGES = [
  { server: 'redis-server', names: ['redis-server', 'redis-tools'] },
  { server: 'valkey-server', names: ['valkey-server', 'valkey-tools'] },
];

/**
 * Gives the server program of the Debian or Ubuntu package, from `<root>/.redis` when it was unpacked before.
 * @param {{ root: string, log: (line: string) => void, skipped: string[] }} options `skipped` gathers why not, in words
 * @returns a program for `startRedisServer`, or undefined
 */
export async function packagedRedis({ root, log, skipped }) {
  const system = readSystem();
  if (!system) {
    skipped.push('this is neither Debian nor Ubuntu, so no package was fetched');
    return undefined;
  }
  const home = join(root, '.redis');
  // A container and its host may share the project's folder; what one unpacked may not run on the other.
  const unpacked = join(home, `${system.id}-${system.version}-${process.arch}`);
  const ready = await programIn(unpacked, system);
  if (ready) return ready;

  const work = join(home, `work-${process.pid}-${Date.now()}`);
  try {
    log(`No Redis on the PATH: fetching the package of ${system.name} into ${home} (nothing is installed) …`);
    await fetchPackage(work, log);
    // Somebody else may have fetched it at the same time; theirs, perhaps in use, stays.
    const theirs = await programIn(unpacked, system);
    if (theirs) return theirs;
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(join(work, 'files'), unpacked);
    return await programIn(unpacked, system);
  } catch (error) {
    skipped.push(`the package of ${system.name} could not be used: ${inWords(error)}`);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Which Debian or Ubuntu this is, by os-release(5); undefined elsewhere. */
function readSystem(file = '/etc/os-release') {
  if (!existsSync(file)) return undefined;
  const fields = new Map(
    [...readFileSync(file, 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
  const families = `${fields.get('ID')} ${fields.get('ID_LIKE') ?? ''}`.split(' ');
  if (!families.includes('debian') && !families.includes('ubuntu')) return undefined;
  return {
    id: fields.get('ID'),
    version: fields.get('VERSION_ID') ?? fields.get('VERSION_CODENAME') ?? 'unstable',
    name: fields.get('PRETTY_NAME') ?? fields.get('ID'),
  };
}

/** Whether a package name may hold a shared library: `liblzf.so.1` is in `liblzf1`, `libssl.so.3` in `libssl3t64`. */
function mayHold(packageName, library) {
  const [stem = '', version = ''] = library.split('.so.');
  const plain = packageName.replace(/t64$/, '');
  return plain === `${stem}${version}` || plain === `${stem}-${version}` || plain === stem;
}

async function programIn(folder, system) {
  for (const { server } of PACKAGES) {
    const path = join(folder, 'usr/bin', server);
    if (!existsSync(path)) continue;
    const libraryPath = libraryFolders(folder).join(':');
    try {
      await run(path, ['--version'], { ...LIMITS, env: { ...process.env, LD_LIBRARY_PATH: libraryPath } });
      return { path, libraryPath, how: `${server} of ${system.name}, unpacked in .redis` };
    } catch {
      // Unpacked by halves, or for another machine: it is fetched anew.
    }
  }
  return undefined;
}

async function fetchPackage(work, log) {
  mkdirSync(join(work, 'debs'), { recursive: true });
  mkdirSync(join(work, 'cache/archives/partial'), { recursive: true });
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  const cache = ['-o', `Dir::Cache=${join(work, 'cache')}`];
  try {
    return await fetchWith(work, cache);
  } catch {
    log(
      "The machine's package lists are empty or out of date: fetching lists of our own (about 10 MB, no root) …",
    );
  }
  const own = [...cache, '-o', `Dir::State::lists=${join(work, 'lists')}`];
  // One list of many may fail and do no harm, so this step says its troubles only if the next one fails.
  const update = await run('apt-get', [...own, ...keepRoot(), '-qq', 'update'], LIMITS);
  try {
    await fetchWith(work, own);
  } catch (error) {
    const trouble = update.stderr.split('\n').find((line) => /^[EW]:/.test(line));
    throw new Error(trouble ? `${inWords(error)} (fetching the lists said: ${trouble})` : inWords(error));
  }
}

async function fetchWith(work, apt) {
  const { server, names } = await firstKnown(apt);
  await unpack(work, apt, names);
  const path = join(work, 'files/usr/bin', server);
  for (let round = 0; round < 5; round++) {
    const missing = await missingLibraries(path, join(work, 'files'));
    if (missing.length === 0) return;
    const known = await libraryPackages(apt, names);
    const wanted = known.filter((name) => missing.some((library) => mayHold(name, library)));
    if (wanted.length === 0) throw new Error(`no package is known for ${missing.join(', ')}`);
    await unpack(work, apt, wanted);
  }
  throw new Error(`${server} still lacks libraries`);
}

async function firstKnown(apt) {
  for (const choice of PACKAGES) {
    const { stdout } = await run(
      'apt-cache',
      [...apt, 'search', '--names-only', `^${choice.server}$`],
      LIMITS,
    );
    if (stdout.trim() !== '') return choice;
  }
  throw new Error(`apt knows neither ${PACKAGES.map(({ server }) => server).join(' nor ')}`);
}

async function unpack(work, apt, names) {
  const debs = join(work, 'debs');
  await run('apt-get', [...apt, ...keepRoot(), '-qq', 'download', ...names], { ...LIMITS, cwd: debs });
  for (const file of readdirSync(debs)) {
    await run('dpkg-deb', ['-x', join(debs, file), join(work, 'files')], LIMITS);
    rmSync(join(debs, file));
  }
}

async function missingLibraries(program, files) {
  const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: libraryFolders(files).join(':') };
  const { stdout } = await run('ldd', [program], { ...LIMITS, env });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, library]) => library);
}

async function libraryPackages(apt, names) {
  const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const { stdout } = await run('apt-cache', [...apt, 'depends', '--recurse', ...only, ...names], LIMITS);
  return [...new Set(stdout.split('\n').filter((line) => /^lib/.test(line)))];
}

function libraryFolders(folder) {
  return ['usr/lib', 'lib'].flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    const inner = readdirSync(path, { withFileTypes: true }).filter((entry) => /-linux-/.test(entry.name));
    return [path, ...inner.map((entry) => join(path, entry.name))];
  });
}

// Root's apt hands the download to a user of its own, who may not read the project's folder.
function keepRoot() {
  return process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : [];
}

function inWords(error) {
  if (error.code === 'ENOENT') return `${error.path ?? 'a program'} is missing`;
  const lines = `${error.stderr || error.message}`.trim().split('\n');
  return lines.find((line) => line.startsWith('E:')) ?? lines[0] ?? 'unknown';
}
