import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Who logs what these folders hold, as the table says it. */
const WHO = { 'apps/api/src': 'API', 'apps/worker/src': 'worker', 'packages/core/src': 'both' };
const EVENT = /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/;

/** Every call of a log: its level, and its last argument where that is a text. */
function callsIn(text: string): { level: string; event: string | undefined }[] {
  const starts = [...text.matchAll(/\b\w*[lL]og\.(trace|debug|info|warn|error|fatal)\(/g)];
  return starts.map(({ index, 0: head, 1: level = '' }) => {
    const call = untilClosed(text.slice(index + head.length));
    return { level, event: /'([^']*)',?\s*$/.exec(call)?.[1] };
  });
}

/** What stands before the bracket that closes this text; brackets in quotes do not count. */
function untilClosed(text: string): string {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/'[^'\n]*'|`[^`]*`|[()]/g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0) return text.slice(0, index);
  }
  return text;
}

function inSource(): string[] {
  const calls = Object.entries(WHO).flatMap(([folder, who]) => {
    const files = readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' });
    const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    return sources.flatMap((name) =>
      callsIn(readFileSync(`${root}/${folder}/${name}`, 'utf8')).map((call) => ({ ...call, who, name })),
    );
  });
  for (const { event, name } of calls) expect(event, name).toMatch(EVENT);
  const levels = new Map<string, Set<string>>();
  const places = new Map<string, Set<string>>();
  for (const { event = '', level, who } of calls) {
    levels.set(event, (levels.get(event) ?? new Set()).add(level));
    places.set(event, (places.get(event) ?? new Set()).add(who));
  }
  return [...levels].map(([event, ofEvent]) => {
    const who = [...(places.get(event) ?? [])];
    return `${event}: ${[...ofEvent].sort().join(', ')}; ${who.length === 1 ? who[0] : 'both'}`;
  });
}

function inDocs(): string[] {
  const page = readFileSync(`${root}/docs/operations/log.md`, 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/gm)];
  return rows.map(([, event, level, who]) => `${event}: ${level?.trim()}; ${who?.trim()}`);
}

test('every event of the log stands in docs/operations/log.md, and every event there is logged', () => {
  expect(inSource().sort()).toEqual(inDocs().sort());
});

test('each form of a call is found', () => {
  const text = `
log.info('api.stopped');
request.log.warn({ reason: f('x)') }, 'request.failed');
attemptLog.error(
  { err: error },
  'job.failed',
);
log.warn(\`no event: \${why}\`);
job.log('not a line of ours');`;
  expect(callsIn(text)).toEqual([
    { level: 'info', event: 'api.stopped' },
    { level: 'warn', event: 'request.failed' },
    { level: 'error', event: 'job.failed' },
    { level: 'warn', event: undefined },
  ]);
});
