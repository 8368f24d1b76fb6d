import { resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Writes each text file compressed beside itself: the API serves what the browser takes. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(js|css|svg)$/.test(file.fileName)) continue;
          const source = file.type === 'chunk' ? file.code : file.source;
          this.emitFile({
            type: 'asset',
            fileName: `${file.fileName}.br`,
            source: brotliCompressSync(source),
          });
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source: gzipSync(source) });
        }
      },
    },
  };
}

// `npm run dev` here: the console with hot reload, beside an API at HANDOVER_URL.
export default defineConfig({
  base: './',
  // From its sources, so that it need not be built. Not by the condition `source`: libraries name sources that they do not publish.
  resolve: {
    alias: { '@handover/client': resolve(import.meta.dirname, '../../packages/client/src/index.ts') },
  },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, handle) {
        // Libraries mark files for server components, which there are none of here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  plugins: [compressed()],
  server: { proxy: { '/api': process.env.HANDOVER_URL ?? 'http://127.0.0.1:3000' } },
});
