import type { Transfer, TransferRequest } from '@handover/client';
import { type Asking, askingCommand } from '../asking/command.ts';
import { needed, type Options, wholeNumber } from '../asking/options.ts';
import { EXIT, UsageError } from '../command.ts';
import { targetOf } from './target.ts';

const HELP = `Usage: handover submit --call <id> --user <id> --target <type>:<id> [options]

Submits a transfer: the call of this agent is moved to the target.

  --call <id>              the call
  --user <id>              the agent on whose behalf it is moved
  --target <type>:<id>     queue, user, skillGroup, externalContact or address, such as queue:queue-support
  --fallback <type>:<id>   where to, when the target does not take calls
  --consult                the target is called first; without it the transfer is blind
  --wrap-up <id>           a wrap-up code
  --priority <0-9>         higher first; 5 by default
  --not-before <time>      not sent before, such as 2026-12-01T08:00:00Z, or +10m (s, m, h, d)
  --expires-at <time>      never sent after
  --metadata <name=text>   carried through to billing (repeatable)
  --idempotency-key <key>  the same key and transfer again get the first answer
  --wait <seconds>         waits so long for the outcome
  --json, --text           JSON is the default in a pipe, text on a terminal

Exit code: 0 if accepted, or with --wait if the call was moved; 1 if it was not, or not yet.

Example, after npm start:

  handover submit --call call-1 --user agent-1 --target queue:queue-support --wait 10
`;

const OPTIONS = {
  call: { type: 'string' },
  user: { type: 'string' },
  target: { type: 'string' },
  fallback: { type: 'string' },
  consult: { type: 'boolean' },
  'wrap-up': { type: 'string' },
  priority: { type: 'string' },
  'not-before': { type: 'string' },
  'expires-at': { type: 'string' },
  metadata: { type: 'string', multiple: true },
  'idempotency-key': { type: 'string' },
  wait: { type: 'string' },
} as const satisfies Options;

const LONGEST_WAIT_S = 86_400;

/** `handover submit`. */
export const submit = askingCommand({
  help: HELP,
  options: OPTIONS,
  async run(asking) {
    const { api, values, print, signal } = asking;
    const waitS = wholeNumber(values.wait, '--wait', LONGEST_WAIT_S);
    const request = requestOf(values);
    const idempotencyKey = values['idempotency-key'];
    const accepted = await api.client.transfers.submit(request, { idempotencyKey, signal });
    if (waitS !== undefined) return waitFor(asking, accepted.id, waitS);
    if (print.isJson) print.document(accepted);
    else {
      print.line(`Accepted as ${accepted.id}: ${accepted.status}.`);
      print.line(`handover watch ${accepted.id}  follows it to its end.`);
    }
    return EXIT.fine;
  },
});

function requestOf(values: Asking<typeof OPTIONS>['values']): TransferRequest {
  const { fallback, priority, metadata, consult } = values;
  const [notBefore, expiresAt, wrapUpCodeId] = [
    values['not-before'],
    values['expires-at'],
    values['wrap-up'],
  ];
  return {
    callId: needed(values.call, '--call', '--call call-1'),
    userId: needed(values.user, '--user', '--user agent-1'),
    transferType: consult === true ? 'consult' : 'blind',
    target: targetOf(needed(values.target, '--target', '--target queue:queue-support'), '--target'),
    ...(fallback !== undefined && { fallback: targetOf(fallback, '--fallback') }),
    ...(wrapUpCodeId !== undefined && { wrapUpCodeId }),
    ...(priority !== undefined && { priority: priorityOf(priority) }),
    ...(notBefore !== undefined && { notBefore: timeOf(notBefore, '--not-before') }),
    ...(expiresAt !== undefined && { expiresAt: timeOf(expiresAt, '--expires-at') }),
    ...(metadata !== undefined && { metadata: metadataOf(metadata) }),
  };
}

function priorityOf(value: string): number {
  if (!/^\d$/.test(value)) throw new UsageError(`--priority must be from 0 to 9, not "${value}"`);
  return Number(value);
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time with its zone, or one from now on, such as `+10m`. */
function timeOf(value: string, option: string): string {
  const [, count, unit = ''] = /^\+(\d{1,6})([smhd])$/.exec(value) ?? [];
  if (count !== undefined) return new Date(Date.now() + Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
  if (Number.isNaN(Date.parse(value)) || !/[Zz]$|[+-]\d\d:\d\d$/.test(value))
    throw new UsageError(
      `${option} must be a time with its zone, such as 2026-12-01T08:00:00Z, or +10m, not "${value}"`,
    );
  return value;
}

function metadataOf(given: string[]): Record<string, string> {
  const entries = given.map((one) => {
    const equals = one.indexOf('=');
    if (equals < 1) throw new UsageError(`--metadata must be name=text, not "${one}"`);
    return [one.slice(0, equals), one.slice(equals + 1)];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

async function waitFor(
  { api, print, progress, note, signal }: Asking<typeof OPTIONS>,
  id: string,
  seconds: number,
): Promise<number> {
  const waiting = progress.waiting(`Accepted as ${id}; waiting for its outcome`);
  let ended: Transfer;
  try {
    ended = await api.client.transfers.waitFor(id, { timeoutMs: seconds * 1_000, signal });
  } catch (error) {
    note(`Accepted as ${id}; it goes on. handover watch ${id}  follows it to its end.`);
    throw error;
  } finally {
    waiting.stop();
  }
  if (print.isJson) print.document(ended);
  else {
    print.line(ended.story);
    print.line(`handover explain ${id}  tells how it came to that.`);
  }
  return ended.outcome?.status === 'transferred' ? EXIT.fine : EXIT.failed;
}
