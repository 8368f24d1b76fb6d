// Unpacks a distribution package into a project folder, without root or installation.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMITS = { timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };

/**
 * Returns the programs of a Debian or Ubuntu package, from `home` if unpacked before.
 * @param {object} wanted
 * @param {string} wanted.name a human-readable name
 * @param {string} wanted.home the folder for it, in the project
 * @param {{ search: string, also?: string[] }[]} wanted.packages patterns of package names; the first known to apt is
 *   used in its highest version, with further required packages besides libraries
 * @param {(files: string) => string[]} wanted.programs their paths, below the folder where the packages are unpacked
 * @param {{ log: (line: string) => void, skipped: string[] }} telling `skipped` collects the reasons for failures
 * @returns the programs and what they need to run, or undefined
 */
export async function unpackedPackage(wanted, { log, skipped }) {
  const system = readSystem();
  if (!system) {
    skipped.push('this is neither Debian nor Ubuntu, so no package was fetched');
    return undefined;
  }
  const { name, home } = wanted;
  // A container and its host may share the project folder, but not the unpacked binaries.
  const unpacked = join(home, `${system.id}-${system.version}-${process.arch}`);
  const ready = await programsIn(unpacked, wanted, system);
  if (ready) return ready;

  const work = join(home, `work-${process.pid}-${Date.now()}`);
  try {
    log(
      `No ${name} on the PATH: fetching the package of ${system.name} into ${home} (nothing is installed) …`,
    );
    await fetchPackage(work, wanted, log);
    // Another process may have fetched it concurrently; keep its copy, which may be in use.
    const theirs = await programsIn(unpacked, wanted, system);
    if (theirs) return theirs;
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(join(work, 'files'), unpacked);
    return await programsIn(unpacked, wanted, system);
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

/** Whether a package may hold a shared library: `liblzf.so.1` is in `liblzf1`, `libssl.so.3` in `libssl3t64`. */
function mayHold(packageName, library) {
  const [file = '', version = ''] = library.replaceAll('_', '-').split('.so.');
  // One package contains all ICU libraries.
  const stem = file.replace(/^libicu(uc|i18n|data)$/, 'libicu');
  const plain = packageName.replace(/(?<=\d)(t64|g)$/, '');
  return plain === `${stem}${version}` || plain === `${stem}-${version}` || plain === stem;
}

async function programsIn(files, wanted, system) {
  const programs = wanted.programs(files);
  if (programs.length === 0) return undefined;
  const libraryPath = libraryFolders(files).join(':');
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
  try {
    for (const program of programs) await run(program, ['--version'], { ...LIMITS, env });
  } catch {
    // Incomplete, or for another machine: fetch it again.
    return undefined;
  }
  const how = `${basename(programs[0])} of ${system.name}, unpacked in ${basename(wanted.home)}`;
  return { files, programs, libraryPath, how };
}

async function fetchPackage(work, wanted, log) {
  mkdirSync(join(work, 'debs'), { recursive: true });
  mkdirSync(join(work, 'cache/archives/partial'), { recursive: true });
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  const cache = ['-o', `Dir::Cache=${join(work, 'cache')}`];
  try {
    return await fetchWith(work, wanted, cache);
  } catch {
    log(
      "The machine's package lists are empty or out of date: fetching lists of our own (about 10 MB, no root) …",
    );
  }
  const own = [...cache, '-o', `Dir::State::lists=${join(work, 'lists')}`];
  // A failing package list may be harmless, so report it only if the next step fails.
  const update = await run('apt-get', [...own, ...keepRoot(), '-qq', 'update'], LIMITS);
  try {
    await fetchWith(work, wanted, own);
  } catch (error) {
    const trouble = update.stderr.split('\n').find((line) => /^[EW]:/.test(line));
    throw new Error(trouble ? `${inWords(error)} (fetching the lists said: ${trouble})` : inWords(error));
  }
}

async function fetchWith(work, wanted, apt) {
  const names = await firstKnown(wanted.packages, apt);
  const files = join(work, 'files');
  await unpack(work, apt, names);
  const programs = wanted.programs(files);
  if (programs.length === 0) throw new Error(`${names.join(' and ')} hold no program of ${wanted.name}`);
  for (let round = 0; round < 5; round++) {
    const missing = await missingLibraries(programs, files);
    if (missing.length === 0) return;
    const known = await libraryPackages(apt, names);
    const holders = known.filter((name) => missing.some((library) => mayHold(name, library)));
    if (holders.length === 0) throw new Error(`no package is known for ${missing.join(', ')}`);
    await unpack(work, apt, holders);
  }
  throw new Error(`${names.join(' and ')} still lack libraries`);
}

async function firstKnown(packages, apt) {
  for (const { search, also = [] } of packages) {
    const { stdout } = await run('apt-cache', [...apt, 'search', '--names-only', search], LIMITS);
    const found = [...stdout.matchAll(/^\S+/gm)].map(([name]) => name);
    const [newest] = found.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    if (newest) return [newest, ...also];
  }
  throw new Error(`apt knows no package named ${packages.map(({ search }) => search).join(' or ')}`);
}

async function unpack(work, apt, names) {
  const debs = join(work, 'debs');
  await run('apt-get', [...apt, ...keepRoot(), '-qq', 'download', ...names], { ...LIMITS, cwd: debs });
  for (const file of readdirSync(debs)) {
    await run('dpkg-deb', ['-x', join(debs, file), join(work, 'files')], LIMITS);
    rmSync(join(debs, file));
  }
}

async function missingLibraries(programs, files) {
  const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: libraryFolders(files).join(':') };
  const { stdout } = await run('ldd', programs, { ...LIMITS, env });
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

// As root, apt downloads as another user, which may not read the project folder.
function keepRoot() {
  return process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : [];
}

function inWords(error) {
  if (error.code === 'ENOENT') return `${error.path ?? 'a program'} is missing`;
  const lines = `${error.stderr || error.message}`.trim().split('\n');
  return lines.find((line) => line.startsWith('E:')) ?? lines[0] ?? 'unknown';
}
