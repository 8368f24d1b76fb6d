import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, ActionPreview, ActionStarted, ReplayMany } from '@handover/client';
import type { Asking } from '../asking/command.ts';
import type { Options, Values } from '../asking/options.ts';
import { EXIT, UsageError } from '../command.ts';
import { FILTERS, filterOf } from '../transfers/filters.ts';

/** Which dead letters. */
export const LETTER_FILTERS = {
  ...FILTERS,
  kind: { type: 'string' },
  all: { type: 'boolean' },
} as const satisfies Options;

export const FILTER_HELP = `  --kind <kind>     failed, unconfirmed, held or contradicted
  --status, --reason, --target, --agent, --key, --call   as in handover list
  --from, --to <time>   dead letters of this range
  --all             every dead letter, without another filter
  --dry-run         only says how many and which; changes nothing`;

export type LetterFilter = ReplayMany['filter'];

type Counts = Record<string, number>;

type Many = {
  /** What is done, in words. */
  word: string;
  isDryRun: boolean;
  preview: () => Promise<ActionPreview>;
  start: () => Promise<ActionStarted>;
};

const FIRST_LOOK_MS = 250;
const LOOK_EVERY_MS = 1_000;
const MOST_SHOWN = 20;

/** The filter of the options, which the API checks; `undefined` if there is none. */
export function letterFilterOf(values: Values<typeof LETTER_FILTERS>): LetterFilter | undefined {
  const { kind, all } = values;
  const filter = { ...filterOf(values), ...(kind !== undefined && { kind }), ...(all === true && { all }) };
  return Object.keys(filter).length === 0 ? undefined : (filter as LetterFilter);
}

/** Either an id or a filter, never both. */
export function oneOrMany(
  given: string[],
  filter: LetterFilter | undefined,
): { id: string } | { id?: never; filter: LetterFilter } {
  const [id] = given;
  if (id !== undefined && filter !== undefined)
    throw new UsageError(
      'An id and a filter exclude each other. If --reason was to say why: that goes into --because.',
    );
  if (id !== undefined && id !== '') return { id };
  if (filter === undefined)
    throw new UsageError('Which? Give an id, or a filter such as --kind failed, or --all.');
  return { filter };
}

/** Does it to all that match, and shows how far it is; or says which they are. Gives the exit code. */
export async function doToMany<O extends Options>(asking: Asking<O>, many: Many): Promise<number> {
  if (!many.isDryRun) return follow(asking, many, (await many.start()).id);
  const found = await many.preview();
  if (asking.print.isJson) asking.print.document(found);
  else preview(asking, many, found);
  return EXIT.fine;
}

function preview<O extends Options>({ print }: Asking<O>, { word }: Many, found: ActionPreview): void {
  const { total, byKind, byReason, skipped, ids, more } = found;
  print.line(`${total} match${inBrackets(byKind)}${inBrackets(byReason)}.${leftOut(skipped, 'would be')}`);
  if (more) print.line('More match than one action takes: it takes the newest.');
  if (ids.length === 0) return;
  print.line(`Without --dry-run these are ${word}:`);
  for (const id of ids.slice(0, MOST_SHOWN)) print.line(`  ${id}`);
  if (ids.length > MOST_SHOWN) print.line(`  … and more; --json shows up to 1,000 of them.`);
}

/** Until the action has ended. It goes on after Ctrl-C. */
async function follow<O extends Options>(asking: Asking<O>, { word }: Many, id: string): Promise<number> {
  const { api, print, progress, note, signal } = asking;
  const onAbort = () => note(`The action ${id} goes on. Stop it: POST /api/actions/${id}/stop`);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const look = () => api.client.actions.get(id, { signal });
    let action = await look();
    for (let waitMs = FIRST_LOOK_MS; action.status === 'running'; waitMs = LOOK_EVERY_MS) {
      progress.show(`${handled(action)} of ${action.total} ${word}${waits(action)}`);
      await sleep(waitMs, undefined, { signal });
      action = await look();
    }
    if (print.isJson) print.document(action);
    else print.line(summary(action, word));
    return action.status === 'done' && action.failed === 0 ? EXIT.fine : EXIT.failed;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function handled({ done, failed, skipped }: Action): number {
  return done + failed + sum(skipped);
}

function waits({ waitsFor }: Action): string {
  return waitsFor === undefined ? '' : `; it waits: ${waitsFor}`;
}

function summary({ status, done, total, skipped, failed }: Action, word: string): string {
  const end = status === 'stopped' ? ' It was stopped.' : '';
  const errors = failed === 0 ? '' : ` ${failed} ended with an error: see the log of the workers.`;
  return `${done} of ${total} ${word}.${leftOut(skipped, 'were')}${errors}${end}`;
}

function leftOut(skipped: Counts, verb: string): string {
  const count = sum(skipped);
  return count === 0 ? '' : ` ${count} ${verb} left out${inBrackets(skipped)}.`;
}

function inBrackets(counts: Counts): string {
  const words = Object.entries(counts).map(([name, count]) => `${name}: ${count}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
