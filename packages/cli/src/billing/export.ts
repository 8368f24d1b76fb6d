import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { HandoverProblem, HandoverUnreachable } from '@handover/client';
import type { Api } from '../asking/api.ts';
import { openApi } from '../asking/api.ts';
import { failureOf } from '../asking/failures.ts';
import { needed, type Options, readArguments } from '../asking/options.ts';
import { type Command, EXIT, type Surroundings, UsageError } from '../command.ts';
import { harmless } from '../print/print.ts';
import { createProgress } from '../print/progress.ts';
import { watchExport } from './whole-file.ts';

const HELP = `Usage: handover export --month <yyyy-mm> [options]

Writes every billing record of a month (UTC) as one CSV file, and checks that it is whole: its last line tells the number of its
rows.

  --month <yyyy-mm>   the month
  --out <file>        into this file, which is there only when it is whole; without it to standard output

Exit code: 0 if the file is whole; 1 if it is not: do not use it then.

Example, after npm start:

  handover export --month ${new Date().toISOString().slice(0, 7)} --out bills.csv
`;

const OPTIONS = { month: { type: 'string' }, out: { type: 'string' } } as const satisfies Options;

const PROGRESS_EVERY = 1_000;

/** `handover export`: always CSV. */
export const exportBills: Command = {
  help: HELP,
  async run(args, surroundings) {
    const { values } = readArguments(args, OPTIONS);
    const month = needed(values.month, '--month', '--month 2026-11');
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
      throw new UsageError(`--month must be a month such as 2026-11, not "${month}"`);
    const api = openApi(surroundings.env);
    const say = (words: string) => surroundings.err(`${harmless(words)}\n`);
    try {
      const { fault, rows } = await download(api, month, values.out, surroundings);
      if (fault === undefined) {
        if (values.out !== undefined) say(`${values.out} has all ${rows} rows of ${month}.`);
        return EXIT.fine;
      }
      const where = values.out === undefined ? 'What was written' : partOf(values.out);
      say(`${where} is NOT whole, do not use it: ${fault}.`);
      return EXIT.failed;
    } catch (error) {
      if (surroundings.signal?.aborted) return EXIT.interrupted;
      const failure = failureOf(error, api.shownUrl);
      if (failure === undefined) throw error;
      say(failure.words);
      return failure.code;
    }
  },
};

type Fetched = { fault: string | undefined; rows: number };

async function download(
  api: Api,
  month: string,
  file: string | undefined,
  surroundings: Surroundings,
): Promise<Fetched> {
  const { signal = new AbortController().signal } = surroundings;
  const response = await open(api, month, signal);
  const watched = watchExport();
  const sink = file === undefined ? toOutput(surroundings) : await toFile(partOf(file));
  const progress = createProgress({ ...surroundings, errIsTerminal: isShown(file, surroundings) });
  let cutOff: string | undefined;
  try {
    let next = PROGRESS_EVERY;
    for await (const piece of textOf(response)) {
      watched.take(piece);
      await sink.write(piece);
      if (watched.rows() < next) continue;
      next = watched.rows() + PROGRESS_EVERY;
      progress.show(`${watched.rows()} rows`);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HandoverUnreachable)) throw error;
    cutOff = `the connection was cut off after ${watched.rows()} rows`;
  } finally {
    progress.clear();
    await sink.end();
  }
  const fault = cutOff ?? watched.fault();
  if (file !== undefined && fault === undefined) await rename(partOf(file), file);
  return { fault, rows: watched.rows() };
}

/** Not between the rows on one terminal. */
function isShown(file: string | undefined, { errIsTerminal, outIsTerminal }: Surroundings): boolean {
  return errIsTerminal === true && (file !== undefined || outIsTerminal !== true);
}

async function open({ url, headers }: Api, month: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(`${url}/api/billing/export?month=${month}`, { headers, signal }).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw new HandoverUnreachable(`GET /api/billing/export got no answer: ${wordsOf(cause)}`, { cause });
    },
  );
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && type.startsWith('text/csv')) return response;
  if (type.startsWith('application/problem+json'))
    throw new HandoverProblem((await response.json()) as HandoverProblem['problem']);
  const words = `GET /api/billing/export got ${response.status}, but not from Handover: something in between answered`;
  throw new HandoverUnreachable(words, { status: response.status });
}

async function* textOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await pieces.next().catch((cause: unknown) => {
      throw new HandoverUnreachable(`the connection was cut off: ${wordsOf(cause)}`, { cause });
    });
    if (next.done) break;
    yield decoder.decode(next.value, { stream: true });
  }
  yield decoder.decode();
}

function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}

function toOutput({ out }: Surroundings) {
  return { write: async (piece: string) => out(piece), end: async () => undefined };
}

async function toFile(path: string) {
  const stream = createWriteStream(path);
  await once(stream, 'open').catch((error: Error) => {
    throw new UsageError(`--out cannot be written: ${error.message}`);
  });
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    async write(piece: string): Promise<void> {
      if (failure !== undefined) throw failure;
      if (!stream.write(piece)) await once(stream, 'drain');
    },
    async end(): Promise<void> {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
      if (failure !== undefined) throw failure;
    },
  };
}

function partOf(file: string): string {
  return `${file}.part`;
}
