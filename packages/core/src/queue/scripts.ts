import { readFileSync } from 'node:fs';
import type { RedisClient } from './connection.ts';

/** The atomic steps, each a Lua script with its contract at its head. */
const scripts = [
  'accept',
  'begin',
  'fence',
  'defer',
  'settle',
  'replay',
  'hold-off',
  'take',
  'remember',
  'bill',
  'name',
  'page',
  'alive',
  'presence',
] as const;
export type ScriptName = (typeof scripts)[number];

/** Those that look at the budget get its functions in front. */
const withBudget: ScriptName[] = ['begin', 'fence', 'take'];

/** Runs one of the scripts: EVALSHA, and EVAL when Redis does not know it yet. */
export type RunScript = (name: ScriptName, keys: string[], args: (string | number)[]) => Promise<unknown>;

/** Teaches a connection the scripts. Gives the function that runs them; it throws what Redis throws. */
export function loadScripts(redis: RedisClient): RunScript {
  const commands = new Map<ScriptName, (...args: (string | number)[]) => Promise<unknown>>();
  for (const name of scripts) {
    const command = `handover:${name}`;
    redis.defineCommand(command, { lua: scriptText(name) });
    const defined = (redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[
      command
    ];
    if (defined === undefined) throw new Error(`the script ${name} could not be defined`);
    commands.set(name, defined.bind(redis));
  }
  return (name, keys, args) => {
    const run = commands.get(name);
    if (run === undefined) throw new Error(`no script is called ${name}`);
    return run(keys.length, ...keys, ...args);
  };
}

/** A script as Redis runs it. */
export function scriptText(name: ScriptName): string {
  return (withBudget.includes(name) ? readScript('budget') : '') + readScript(name);
}

/** The text of one of the Lua files. */
export function readScript(name: string): string {
  return readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
}

/** What Redis gives as a flat list of names and values, as pairs. */
export function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? '',
    flat[2 * index + 1] ?? '',
  ]);
}
