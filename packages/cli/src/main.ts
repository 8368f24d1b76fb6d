import { EXIT } from './command.ts';
import { handover } from './handover.ts';

/** How long a command may take to end after Ctrl-C. */
const END_WITHIN_MS = 1_000;

const { stdout, stderr } = process;
const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
  setTimeout(() => process.exit(EXIT.interrupted), END_WITHIN_MS).unref();
});
// `handover … | head`: whoever read has what they wanted.
stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
  process.exit(code === 'EPIPE' ? EXIT.fine : EXIT.failed),
);

process.exitCode = await handover(process.argv.slice(2), {
  env: process.env,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  outIsTerminal: stdout.isTTY === true,
  errIsTerminal: stderr.isTTY === true,
  signal: interruption.signal,
});
// Connections that are kept open do not delay the end.
if (interruption.signal.aborted) process.exit(EXIT.interrupted);
