import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The instructions of the image's last stage, in their order. */
export function imageInstructions(): { name: string; value: string }[] {
  const [last = ''] = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .slice(-1);
  return [...last.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));
}

/** The environment variables of the image. */
export function imageEnvironment(): Record<string, string> {
  const set = imageInstructions().filter(({ name }) => name === 'ENV');
  return Object.fromEntries(set.flatMap(({ value }) => value.split(' ').map((pair) => pair.split('=', 2))));
}
