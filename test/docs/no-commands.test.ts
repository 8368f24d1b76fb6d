import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What may be asked of a connection itself. */
const OF_THE_CONNECTION = new Set(['on', 'off', 'once', 'disconnect', 'status']);

/** Every use of a connection, also over several lines; in text a word in backquotes or a full stop follows it. */
const USE = /\b(?:redis|subscriber|acceptances|intents|blocked)\s*\??\.\s*(\w+)/g;

function commandsIn(text: string): string[] {
  const code = text.replace(/'[^'\n]*'/g, "''");
  return [...code.matchAll(USE)].map(([, name = '']) => name).filter((name) => !OF_THE_CONNECTION.has(name));
}

test.each(['api', 'worker'])('apps/%s sends no command of Redis itself: core/redis does', (app) => {
  const folder = `${import.meta.dirname}/../../apps/${app}/src`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(sources.length).toBeGreaterThan(10);
  const found = sources.flatMap((name) =>
    commandsIn(readFileSync(`${folder}/${name}`, 'utf8')).map((command) => `${name}: ${command}`),
  );
  expect(found).toEqual([]);
});

test.each([
  ['redis.get(key)', ['get']],
  ['await redis\n  .multi()\n  .exec()', ['multi']],
  ['subscriber.subscribe(channel)', ['subscribe']],
  ["redis.on('error', lost).off('ready', back)", []],
  ["description: 'Nothing without Redis. And without redis.get'", []],
])('%j uses %j', (code, commands) => {
  expect(commandsIn(code)).toEqual(commands);
});
