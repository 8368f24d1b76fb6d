import { readFileSync } from 'node:fs';
import { type Command, EXIT, type Surroundings, UsageError } from './command.ts';
import { didYouMean } from './nearest.ts';

type Entry = {
  /** One line for the list of commands. */
  summary: string;
  /** Loads it: some take a second. */
  load: () => Promise<Command>;
};

const commands: Record<string, Entry> = {
  submit: {
    summary: 'submits a transfer, and waits for its outcome if you like',
    load: async () => (await import('./transfers/submit.ts')).submit,
  },
  watch: {
    summary: 'follows a transfer, or every change',
    load: async () => (await import('./transfers/watch.ts')).watch,
  },
  list: {
    summary: 'lists transfers by status, target, agent, time and more',
    load: async () => (await import('./transfers/list.ts')).list,
  },
  explain: {
    summary: 'tells a transfer as a person would',
    load: async () => (await import('./explain/command.ts')).explainTransfer,
  },
  cancel: {
    summary: 'cancels a transfer that was not sent yet',
    load: async () => (await import('./transfers/cancel.ts')).cancel,
  },
  replay: {
    summary: 'has a dead letter tried again',
    load: async () => (await import('./dead-letters/replay.ts')).replay,
  },
  resolve: {
    summary: 'states whether the call of an unconfirmed transfer was moved',
    load: async () => (await import('./dead-letters/resolve.ts')).resolve,
  },
  simulate: {
    summary: 'moves a simulated call, for training',
    load: async () => (await import('./training/simulate.ts')).simulate,
  },
  export: {
    summary: "writes a month's billing records, and checks that they are all there",
    load: async () => (await import('./billing/export.ts')).exportBills,
  },
  status: {
    summary: 'tells how the system is, and what to do',
    load: async () => (await import('./status/status.ts')).status,
  },
  doctor: {
    summary: 'checks a configuration from end to end, and says what to correct',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
};

/** Runs `handover` with these arguments. Gives the exit code. */
export async function handover(args: string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') return tell(out, usage());
  if (name === '--version' || name === '-v') return tell(out, `${version()}\n`);
  const command = Object.hasOwn(commands, name) ? await commands[name]?.load() : undefined;
  if (command === undefined) {
    err(`There is no command "${name}".${didYouMean(name, Object.keys(commands))}\n\n${usage()}`);
    return EXIT.usage;
  }
  if (rest.includes('--help') || rest.includes('-h')) return tell(out, command.help);
  try {
    return await command.run(rest, surroundings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err(`${error.message}\n\n${command.help}`);
    return EXIT.usage;
  }
}

function tell(out: (text: string) => void, text: string): number {
  out(text);
  return EXIT.fine;
}

function usage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: handover <command> [options]

Commands:
${lines.join('\n')}

handover <command> --help shows the options of a command, handover --version the version.

All but doctor ask the API at HANDOVER_URL (http://127.0.0.1:3000 by default) with HANDOVER_API_KEY, or else with ADMIN_USER and
ADMIN_PASSWORD. Text on a terminal, JSON in a pipe; --text and --json choose. docs/cli.md has more.

Exit codes: 0 fine, 1 failed, 2 wrong arguments, 3 the API cannot be reached or cannot serve now, 4 refused, 130 Ctrl-C.
`;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
