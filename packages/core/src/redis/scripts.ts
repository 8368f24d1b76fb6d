import { readFileSync } from 'node:fs';
import type { RedisClient } from './connection.ts';

type Spec = {
  keys: readonly string[];
  args: readonly string[];
  takesEntries?: true;
  withBudget?: true;
  tells?: true;
  counts?: true;
};

/** How many changes the stream of a lane keeps, approximately. */
export const CHANGES_KEPT = 10_000;

const budgetKeys = ['sent', 'running', 'allowed', 'share', 'consults'] as const;
const budgetArgs = ['limit', 'windowMs', 'requestId'] as const;

/**
 * The Lua scripts and the names of their KEYS and ARGV; each file documents its contract. In Lua `KEYS.record` and `ARGV.id` are
 * replaced by positions, `CHANGES.kept` by its value; timeline entries start at `ARGV[FIRST.entries]`. `withBudget`: the functions
 * of pace/budget.lua come first; `tells`: those of transfers/callbacks.lua; `counts`: those of transfers/count.lua.
 */
const scripts = {
  'transfers/accept': {
    keys: [
      ...(['record', 'timeline', 'holder', 'ofCall', 'due', 'deadlines'] as const),
      ...(['idempotency', 'movedBy', 'progress'] as const),
      ...(['all', 'openIndex', 'ofAgent', 'ofTarget', 'ofKey', 'indexes', 'changes'] as const),
    ],
    args: [
      ...(['id', 'request', 'actor', 'notBefore', 'expiresAt', 'deadlineMs', 'sweepAfterMs'] as const),
      ...(['fingerprint', 'entry', 'startedAgoMs', 'aheadMs', 'traceparent'] as const),
    ],
  },
  'transfers/begin': {
    keys: ['record', 'holdOff', 'holds', ...budgetKeys, 'recovery'],
    args: ['id', 'requests', 'confirmation', ...budgetArgs],
    withBudget: true,
  },
  'transfers/fence': {
    keys: [
      ...(['record', 'timeline', 'changed', 'holdOff', 'holds'] as const),
      ...budgetKeys,
      ...(['progress', 'recovery', 'known', 'changes'] as const),
    ],
    args: [
      ...(['id', 'epoch', 'intentId', 'compared', 'intents'] as const),
      ...budgetArgs,
      ...(['knowsRecovery', 'seenProgress', 'process', 'isEnd', 'reserve', 'operation'] as const),
    ],
    takesEntries: true,
    withBudget: true,
  },
  'transfers/defer': {
    keys: [
      ...(['record', 'timeline', 'due', 'deadlines', 'unconfirmed', 'dead'] as const),
      ...(['report', 'changed', 'running', 'consults', 'changes', 'unconfirmedIndex'] as const),
    ],
    args: [
      ...(['id', 'epoch', 'status', 'nextAt', 'refund', 'park', 'keepParkedMs', 'fields'] as const),
      ...(['openIntent', 'conflicts', 'sweepAfterMs', 'storedEntries', 'mayNeedEnd'] as const),
      'callbacks',
    ],
    takesEntries: true,
    tells: true,
    counts: true,
  },
  'transfers/settle': {
    keys: [
      ...(['record', 'timeline', 'due', 'deadlines', 'unconfirmed', 'dead', 'report', 'changed'] as const),
      ...(['bill', 'expected', 'early', 'discrepancy', 'billingReport', 'unknownTransfer'] as const),
      ...([
        'running',
        'progress',
        'recovery',
        'followUps',
        'consults',
        'audit',
        'changes',
        'history',
      ] as const),
      ...(['unconfirmedIndex', 'openIndex', 'unindexed', 'ofStatus', 'ofReason'] as const),
    ],
    args: [
      ...(['id', 'guard', 'epoch', 'outcome', 'status', 'reason', 'byFallback', 'deadLetter'] as const),
      ...(['retentionMs', 'keepAnswerMs', 'conflicts', 'intents', 'isBilled', 'followUps'] as const),
      ...(['callbacks', 'audit', 'keepMs', 'keepsHistory'] as const),
    ],
    takesEntries: true,
    tells: true,
    counts: true,
  },
  'transfers/follow-up': {
    keys: ['record', 'followUps'],
    args: ['id', 'field', 'triesBefore', 'text', 'lookAt'],
  },
  'transfers/callback': {
    keys: ['record', 'callbacks', 'audit'],
    args: ['id', 'field', 'before', 'text', 'nextAt', 'keepMs', 'audit'],
  },
  'transfers/replay': {
    keys: [
      ...(['record', 'timeline', 'due', 'deadlines', 'dead', 'report', 'changed', 'audit'] as const),
      ...(['changes', 'openIndex'] as const),
    ],
    args: ['id', 'deadlineMs', 'sweepAfterMs', 'deadBy', 'action', 'entry', 'audit', 'ofStatus', 'ofReason'],
    counts: true,
  },
  'transfers/unreadable': {
    keys: ['record', 'timeline', 'dead', 'report', 'all', 'ofFailed', 'ofUnreadable', 'history'],
    args: ['id', 'keepMs', 'keepsHistory', 'at', 'actor', 'outcome', 'entry'],
    counts: true,
  },
  'transfers/add-up': { keys: ['report'], args: ['most'] },
  'transfers/page': {
    keys: ['all', 'ofCall', 'ofStatus', 'ofReason', 'ofTarget', 'ofAgent', 'ofKey'],
    args: ['from', 'to', 'afterAt', 'afterId', 'limit', 'most', 'status', 'records'],
  },
  'transfers/index': {
    keys: [
      ...(['record', 'all', 'openIndex', 'unconfirmed', 'unconfirmedIndex', 'unindexed'] as const),
      ...(['ofAgent', 'ofTarget', 'ofKey', 'indexes'] as const),
    ],
    args: ['id', 'ofStatus', 'ofReason'],
  },
  'transfers/trim': { keys: ['index', 'indexes'], args: ['before', 'skip', 'most', 'records', 'now'] },
  'actions/start': {
    keys: ['action', 'left', 'actions', 'running', 'audit'],
    args: ['id', 'fields', 'keepMs', 'audit'],
    takesEntries: true,
  },
  'actions/take': {
    keys: ['action', 'left', 'running'],
    args: ['id', 'owner', 'leaseMs', 'result', 'rests', 'keepMs'],
  },
  'actions/stop': { keys: ['action', 'left', 'running', 'audit'], args: ['id', 'keepMs', 'audit'] },
  'billing/remember': { keys: ['trail'], args: ['eventKey', 'event', 'retentionMs'] },
  'billing/bill': {
    keys: [
      ...(['trail', 'bill', 'bills', 'undispatched', 'billingReport', 'expected', 'early'] as const),
      ...(['discrepancy', 'record', 'missingEvent', 'differentTarget', 'unknownTransfer'] as const),
      'history',
    ],
    args: [
      ...(['version', 'eventKey', 'id', 'bill', 'at', 'transferId', 'reportField'] as const),
      ...(['keepMs', 'keepsHistory'] as const),
    ],
  },
  'billing/name': {
    keys: ['side', 'discrepancy', 'discrepancies', 'open'],
    args: ['id', 'discrepancy', 'retentionMs'],
  },
  'billing/page': { keys: ['list'], args: ['from', 'to', 'afterAt', 'afterId', 'limit'] },
  'queues/pause': {
    keys: ['audit', 'paused', 'meta'],
    args: ['queue', 'pause', 'state', 'audit'],
  },
  'sessions/sign-in': {
    keys: ['audit', 'session', 'addressWait', 'nameWait', 'nameFailures'],
    args: ['fields', 'forMs', 'audit'],
  },
  'sessions/failed': {
    keys: ['addressWait', 'addressFailures', 'nameWait', 'nameFailures'],
    args: ['countForMs', 'addressFree', 'addressMostMs', 'nameFree', 'nameMostMs'],
  },
  'history/written': {
    keys: ['pending', 'record', 'timeline'],
    args: ['id', 'version', 'retentionMs'],
  },
  'pace/hold-off': {
    keys: ['holdOff'],
    args: ['toldMs', 'firstMs', 'longestMs', 'jitter', 'quietMs', 'why', 'of'],
  },
  'pace/drop': { keys: ['key'], args: ['start'] },
  'pace/room': {
    keys: ['holdOff', ...budgetKeys],
    args: ['limit', 'windowMs', 'run', 'needs'],
    withBudget: true,
  },
  'pace/take': {
    keys: ['holdOff', 'holds', ...budgetKeys],
    args: [...budgetArgs, 'operation'],
    withBudget: true,
  },
  alive: { keys: ['alive'], args: ['channel'] },
  presence: {
    keys: ['progress', 'known', 'processes', 'workers', 'recovery'],
    args: [
      'id',
      'seenProgress',
      'ownProgress',
      'seenRun',
      'recoveryMs',
      'neededReplicas',
      'isWorker',
      'leaves',
    ],
  },
} as const satisfies Record<string, Spec>;

type Scripts = typeof scripts;
export type ScriptName = keyof Scripts;

/** The input of a script, by name. `entries`: its timeline entries, JSON. */
export type ScriptInput<Name extends ScriptName> = {
  keys: Record<Scripts[Name]['keys'][number], string>;
  args: Record<Scripts[Name]['args'][number], string | number>;
} & (Scripts[Name] extends { takesEntries: true } ? { entries: string[] } : unknown);

/** Runs a script: EVALSHA, and EVAL if Redis does not know it yet. */
export type RunScript = <Name extends ScriptName>(name: Name, input: ScriptInput<Name>) => Promise<unknown>;

type Command = (...args: (string | number)[]) => Promise<unknown>;

/** Defines the scripts on a connection. Returns the function that runs them, which throws what Redis throws. */
export function loadScripts(redis: RedisClient): RunScript {
  const commands = new Map<ScriptName, Command>();
  for (const name of scriptNames) {
    const command = `handover:${name}`;
    redis.defineCommand(command, { lua: scriptText(name) });
    const defined = (redis as unknown as Record<string, Command>)[command];
    if (defined === undefined) throw new Error(`the script ${name} could not be defined`);
    commands.set(name, defined.bind(redis));
  }
  return (name, input) => {
    const run = commands.get(name);
    if (run === undefined) throw new Error(`no script is called ${name}`);
    return run(...scriptArguments(name, input));
  };
}

/** The number of keys, then keys and arguments. */
export type ScriptArguments = [number, ...(string | number)[]];

export const scriptNames = Object.keys(scripts) as ScriptName[];

/** The arguments of EVAL after the script, in the script's order. */
export function scriptArguments<Name extends ScriptName>(
  name: Name,
  input: ScriptInput<Name>,
): ScriptArguments {
  const { keys, args }: Spec = scripts[name];
  const given: { keys: Record<string, string>; args: Record<string, string | number>; entries?: string[] } =
    input;
  return [
    keys.length,
    ...keys.map((key) => given.keys[key] ?? ''),
    ...args.map((arg) => given.args[arg] ?? ''),
    ...(given.entries ?? []),
  ];
}

/** A script as Redis runs it, with positions instead of names. Throws if it uses an undeclared name. */
export function scriptText(name: ScriptName): string {
  const { keys, args, withBudget, tells, counts }: Spec = scripts[name];
  const place = (kind: string, names: readonly string[], wanted: string) => {
    const index = names.indexOf(wanted);
    if (index < 0) throw new Error(`${name}.lua uses ${kind}.${wanted}, which it is not given`);
    return `${kind}[${index + 1}]`;
  };
  const text = readScript(name)
    .replaceAll('FIRST.entries', String(args.length + 1))
    .replaceAll('CHANGES.kept', String(CHANGES_KEPT))
    .replace(/KEYS\.(\w+)/g, (_, key: string) => place('KEYS', keys, key))
    .replace(/ARGV\.(\w+)/g, (_, arg: string) => place('ARGV', args, arg));
  const before = [
    ...(withBudget ? ['pace/budget'] : []),
    ...(tells ? ['transfers/callbacks'] : []),
    ...(counts ? ['transfers/count'] : []),
  ];
  return [...before.map(readScript), text].join('');
}

/** The text of a Lua file. */
export function readScript(name: string): string {
  return readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
}

/** Converts a flat list of names and values into pairs. */
export function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? '',
    flat[2 * index + 1] ?? '',
  ]);
}
