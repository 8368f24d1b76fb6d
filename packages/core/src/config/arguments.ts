import { fields, type Role } from './schema.ts';
import { version } from './version.ts';

/** What a process is for, in one line. */
const WHAT = {
  api: 'The HTTP API of Handover: accepts transfers, shows them, serves operators.',
  worker: 'A worker of Handover: moves calls, delivers bills, does what follows a transfer.',
};

/** What a process prints and how it exits, if its arguments ask for something else than to run. */
export type Told = { text: string; isError: boolean };

/**
 * Answers `--help` and `--version`; `undefined` without arguments: run. Any other argument is an error, since everything is
 * configured by environment variables. Pure.
 */
export function answerArguments(role: Role, [first, ...rest]: readonly string[]): Told | undefined {
  if (first === undefined) return undefined;
  if (rest.length === 0 && (first === '--version' || first === '-v'))
    return { text: `${version}\n`, isError: false };
  if (rest.length === 0 && (first === '--help' || first === '-h'))
    return { text: help(role), isError: false };
  const text = `The ${role} takes no argument "${rest[0] ?? first}", only --help or --version: it is configured by environment variables.\n`;
  return { text, isError: true };
}

function help(role: Role): string {
  const lines = Object.entries(fields).map(([name, field]) => {
    const usual = 'default' in field ? field.default : '';
    return `  ${name}${usual === '' ? '' : `=${usual}`}\n      ${plain(field.about)}`;
  });
  return `${WHAT[role]}

Usage: node apps/${role}/dist/main.js [--help | --version]

It takes no arguments and reads these environment variables, each with its default:

${lines.join('\n')}

More about them: docs/configuration.md
`;
}

/** A description without its Markdown. */
function plain(about: string): string {
  return about.replaceAll(/ ?\(\[[^\]]+\]\([^)]+\)\)/g, '').replaceAll('`', '');
}
