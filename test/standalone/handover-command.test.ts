import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

test('npx --no-install handover is ours, linked by the installation', async () => {
  const { stdout } = await run('npx', ['--no-install', 'handover', '--version'], { cwd: root });
  expect(stdout).toBe('0.1.0\n');
});

test('without a build it says what to run', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'handover-command-'));
  cpSync(join(root, 'packages/cli/bin'), join(dir, 'bin'), { recursive: true });
  const ended = run(process.execPath, [join(dir, 'bin/handover.mjs'), 'doctor']);
  await expect(ended).rejects.toMatchObject({
    ...{ code: 1, stdout: '' },
    stderr: 'handover is not built yet: run npm run build in the folder of the project.\n',
  });
  rmSync(dir, { recursive: true });
});
