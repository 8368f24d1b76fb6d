#!/usr/bin/env node
// Committed, so that an installation can link it before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(fileURLToPath(main))) await import(main.href);
else {
  process.stderr.write('handover is not built yet: run npm run build in the folder of the project.\n');
  process.exitCode = 1;
}
