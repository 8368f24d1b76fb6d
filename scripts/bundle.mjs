// Bundles each program into its dist/main.js: a few files load in half the time of the thousand that they are made of
// (docs/decisions/0019-bundled-programs.md).
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

const PROGRAMS = ['apps/api', 'apps/worker', 'packages/cli', 'packages/sandbox'];

// Loaded from their packages: they serve files that lie beside their code.
const BESIDE_FILES = ['@bull-board/*', '@fastify/swagger-ui'];

const DAY_MS = 86_400_000;

await Promise.all(PROGRAMS.map(bundle));

/** Bundles a program from its TypeScript sources. */
async function bundle(program) {
  const outdir = join(root, program, 'dist');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, program, 'src/main.ts')],
    outdir,
    // All beside each other, so that a path from one of them is right in each.
    chunkNames: '[name]-[hash]',
    bundle: true,
    // What is imported later is loaded later.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['source'],
    keepNames: true,
    external: [...BESIDE_FILES, 'pg-native'],
    // Modules in the older format ask for those of Node this way.
    banner: {
      js: "import { createRequire as toRequire } from 'node:module';\nconst require = toRequire(import.meta.url);",
    },
    plugins: [ownPlaces(outdir)],
    logLevel: 'warning',
    write: false,
  });
  await mkdir(outdir, { recursive: true });
  // What starts meanwhile finds whole files: the parts first, then the program that asks for them.
  const isMain = ({ path }) => basename(path) === 'main.js';
  for (const { path, contents } of outputFiles.sort((one, other) => isMain(one) - isMain(other))) {
    await writeFile(`${path}.new`, contents);
    await rename(`${path}.new`, path);
  }
  await removeOld(outdir, new Set(outputFiles.map(({ path }) => basename(path))));
}

/** What runs may still ask for a part of the build before, so parts are kept for a day. */
async function removeOld(outdir, current) {
  for (const name of await readdir(outdir)) {
    if (!name.endsWith('.js') || current.has(name)) continue;
    const { mtimeMs } = await stat(join(outdir, name));
    if (Date.now() - mtimeMs > DAY_MS) await rm(join(outdir, name));
  }
}

/** Files beside our sources (Lua, package.json, the console) are still found from where the source is. */
function ownPlaces(outdir) {
  return {
    name: 'own-places',
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.')) return undefined;
        const place = relative(outdir, path);
        const contents = text
          .replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`)
          .replaceAll(
            'import.meta.dirname',
            `(import.meta.dirname + ${JSON.stringify(`/${dirname(place)}`)})`,
          );
        return { contents, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}
