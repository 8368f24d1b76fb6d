import { readFileSync } from 'node:fs';
import { type Command, EXIT, type Surroundings, UsageError } from './command.ts';

type Entry = {
  /** One line for the list of commands. */
  summary: string;
  /** Loads it: some take a second. */
  load: () => Promise<Command>;
};

const commands: Record<string, Entry> = {
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
    err(`There is no command "${name}".\n\n${usage()}`);
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
`;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
