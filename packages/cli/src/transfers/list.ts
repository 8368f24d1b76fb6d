import type { TransferItem } from '@handover/client';
import { type Asking, askingCommand } from '../asking/command.ts';
import { type Options, wholeNumber } from '../asking/options.ts';
import { EXIT, UsageError } from '../command.ts';
import { jsonOf } from '../print/print.ts';
import { createTable } from '../print/table.ts';
import { dateTime } from '../print/times.ts';
import { FILTERS, filterOf } from './filters.ts';
import { targetWords } from './words.ts';

const HELP = `Usage: handover list [options]

Lists transfers, newest first. Several filters must all match.

  --status <status>   queued, active, delayed, consulting, unconfirmed, transferred, rejected, expired, cancelled or failed
  --reason <reason>   of the outcome, such as call-is-private
  --target <id>       the id of the target that was asked for
  --agent <id>        the userId of the request
  --key <name>        the API key that submitted it
  --call <id>         of this call
  --from, --to <time> accepted in this range: dates such as 2026-11-27, or date-times
  --limit <n>         how many, at most; 50 by default
  --all               all of them
  --json              prints {"items", "more", "incomplete"?}; the default in a pipe
  --text              prints a table, also in a pipe

Example, after npm start:

  handover list --status failed --from 2026-11-01
`;

const OPTIONS = {
  ...FILTERS,
  limit: { type: 'string' },
  all: { type: 'boolean' },
} as const satisfies Options;

const USUAL_LIMIT = 50;
const PAGE = 100;
const COLUMNS = ['ACCEPTED (UTC)', 'ID', 'STATUS', 'REASON', 'CALL', 'AGENT', 'TARGET', 'KEY'];

type Listing = Asking<typeof OPTIONS>;
type Query = Parameters<Listing['api']['client']['transfers']['list']>[0];

/** `handover list`. */
export const list = askingCommand({
  help: HELP,
  options: OPTIONS,
  async run({ api, values, print, progress, note, signal }) {
    const { limit, all = false } = values;
    if (all && limit !== undefined) throw new UsageError('--limit and --all exclude each other');
    const most = all ? Number.POSITIVE_INFINITY : (wholeNumber(limit, '--limit', 1_000_000) ?? USUAL_LIMIT);
    const query = { ...filterOf(values), limit: Math.min(most, PAGE) } as Query;
    const shown = print.isJson ? jsonList(print.raw) : textList(print.line);
    let count = 0;
    let hasMore = false;
    let batch: TransferItem[] = [];
    let incomplete: string | undefined;
    const pages = itemsOf(api, query, signal, (words) => {
      incomplete = words;
    });
    for await (const item of pages) {
      hasMore = count === most;
      if (hasMore) break;
      count += 1;
      batch.push(item);
      if (batch.length < PAGE) continue;
      shown.add(batch);
      batch = [];
      if (print.isJson) progress.show(`${count} transfers`);
    }
    shown.add(batch);
    shown.end(hasMore, incomplete);
    if (incomplete !== undefined) note(`NOT complete: ${incomplete}`);
    if (!print.isJson && count === 0) note('No transfer matches.');
    if (!print.isJson && hasMore) note(`There are more: --all, or a --limit above ${most}.`);
    return EXIT.fine;
  },
});

/** The items of all pages; tells what the API says is missing. */
async function* itemsOf(
  { client }: Listing['api'],
  query: Query,
  signal: AbortSignal,
  onIncomplete: (words: string) => void,
): AsyncGenerator<TransferItem> {
  for (let cursor: string | undefined; ; ) {
    const page = await client.transfers.list({ ...query, ...(cursor && { cursor }) }, { signal });
    if (page.incomplete !== undefined) onIncomplete(page.incomplete);
    yield* page.items;
    if (page.next === null) return;
    cursor = page.next;
  }
}

function textList(line: (text: string) => void) {
  const table = createTable(COLUMNS, line);
  return {
    add: (items: TransferItem[]) => {
      if (items.length > 0) table.add(items.map(rowOf));
    },
    end: () => undefined,
  };
}

function rowOf({ acceptedAt, id, status, outcome, request, actor }: TransferItem): string[] {
  const [call, agent] = [request?.callId ?? '', request?.userId ?? ''];
  const target = request === null ? '' : targetWords(request.target);
  return [dateTime(acceptedAt), id, status, outcome?.reason ?? '', call, agent, target, actor.name];
}

/** One document, written as it comes. */
function jsonList(raw: (text: string) => void) {
  let before = '{"items":[';
  return {
    add(items: TransferItem[]) {
      for (const item of items) {
        raw(`${before}\n${jsonOf(item)}`);
        before = ',';
      }
    },
    end(more: boolean, incomplete?: string) {
      const missing = incomplete === undefined ? '' : `,"incomplete":${jsonOf(incomplete)}`;
      raw(`${before === ',' ? '\n' : before}],"more":${more}${missing}}\n`);
    },
  };
}
