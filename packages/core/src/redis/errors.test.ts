import { expect, test } from 'vitest';
import { type RedisErrorKind, redisErrorKind } from './errors.ts';

const SHA = '87a063c579e0673c6e51206062c44401893142b2';
/** What Redis up to 6.2 makes of a command's error in a script. */
const in62 = (words: string) =>
  `ERR Error running script (call to f_${SHA}): @user_script:1: @user_script: 1: ${words}`;
/** What Redis 7 and Valkey make of it. */
const in7 = (words: string) => `${words} script: ${SHA}, on @user_script:1.`;
const OOM = "OOM command not allowed when used memory > 'maxmemory'.";
const READONLY = "READONLY You can't write against a read only replica.";
const NOREPLICAS = 'NOREPLICAS Not enough good replicas to write.';
const MISCONF =
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.';
const MASTERDOWN = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";

/** As Redis 6.2.16, Redis 7.0.15 and Valkey answered. */
const texts: (readonly [RedisErrorKind | undefined, string])[] = [
  ...[OOM, in62(`-${OOM}`), in7(OOM), `@user_script: 1: -${OOM}\r\n`].map((text) => ['full', text] as const),
  ...[READONLY, in62(`-${READONLY}`), in7(READONLY), `@user_script: 1: -${READONLY}\r\n`].map(
    (text) => ['read-only', text] as const,
  ),
  ...[NOREPLICAS, in62(`-${NOREPLICAS}`), in7(NOREPLICAS), MISCONF, in62(`-${MISCONF}`), in7(MISCONF)].map(
    (text) => ['cannot-write', text] as const,
  ),
  ['not-yet', 'LOADING Redis is loading the dataset in memory'],
  ['not-yet', 'LOADING Valkey is loading the dataset in memory'],
  ['not-yet', MASTERDOWN],
  ['not-yet', in62(`-${MASTERDOWN}`)],
  ['busy', 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
  ['busy', 'BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
  [
    'busy',
    `ERR Error running script (call to f_${SHA}): @user_script:1: Script killed by user with SCRIPT KILL...`,
  ],
  ['busy', in7('ERR Script killed by user with SCRIPT KILL.')],
  ['cluster', 'CLUSTERDOWN Hash slot not served'],
  ['cluster', 'TRYAGAIN Multiple keys request during rehashing of slot'],
  ['cluster', 'MOVED 3999 127.0.0.1:6381'],
  ['cluster', 'ASK 3999 127.0.0.1:6381'],
  ['cluster', 'Too many Cluster redirections. Last error: Error: Connection is closed.'],
  ['slots', "CROSSSLOT Keys in request don't hash to the same slot"],
  ['forbidden', "NOPERM this user has no permissions to run the 'info' command or its subcommand"],
  ['forbidden', "NOPERM this user has no permissions to run the 'info' command"],
  ['forbidden', "NOPERM User u has no permissions to run the 'info' command"],
  ['forbidden', 'NOPERM this user has no permissions to access one of the keys used as arguments'],
  ['forbidden', 'NOPERM No permissions to access a channel'],
  ['forbidden', in62("The user executing the script can't run this command or subcommand")],
  ['forbidden', in62("The user executing the script can't publish to the channel mentioned in the command")],
  ['forbidden', in7("ERR The user executing the script can't run this command or subcommand")],
  [
    'forbidden',
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
  ],
  ['forbidden', in7("ERR ACL failure in script: User u has no permissions to run the 'hset' command")],
  ['forbidden', 'ERR ACL failure in script: No permissions to access a channel'],
  ['unauthenticated', 'NOAUTH Authentication required.'],
  ['unauthenticated', 'NOAUTH HELLO must be called with the client already authenticated, otherwise …'],
  ['unauthenticated', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['missing-command', 'ERR unknown command `INFO`, with args beginning with: '],
  ['missing-command', "ERR unknown command 'INFO', with args beginning with: "],
  ['missing-command', in62('Unknown Redis command called from Lua script')],
  ['missing-command', in7('ERR Unknown Redis command called from script')],
  ['missing-command', 'ERR Unknown command called from script'],
  ['lost', 'Command timed out'],
  ['lost', 'Connection is closed.'],
  ['lost', "Stream isn't writeable and enableOfflineQueue options is false"],
  ['lost', "Socket timeout. Expecting data, but didn't receive any in 20000ms."],
  // BullMQ's words in front.
  ['read-only', `Failed to add repeatable job for next iteration: ${in62(`-${READONLY}`)}`],
  // Ours, not Redis'.
  [undefined, 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  [undefined, in62('WRONGTYPE Operation against a key holding the wrong kind of value')],
  [undefined, in7('ERR user_script:1: attempt to concatenate a nil value')],
  [undefined, 'x is not a function'],
  [undefined, 'the note of agent OOM is too long'],
  [undefined, ''],
];

test.each(texts)('%s: %s', (kind, text) => {
  expect(redisErrorKind(new Error(text))).toBe(kind);
});

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

test.each([
  ['lost', named('Error', 'connect ECONNREFUSED 127.0.0.1:6379', { code: 'ECONNREFUSED' })],
  ['lost', named('MaxRetriesPerRequestError', 'Reached the max retries per request limit (which is 0).')],
  ['lost', named('AbortError', 'Command aborted due to connection close')],
  ['lost', named('ClusterAllFailedError', 'Failed to refresh slots cache.', { lastNodeError: undefined })],
  [
    'unauthenticated',
    named('ClusterAllFailedError', 'Failed to refresh slots cache.', {
      lastNodeError: new Error('WRONGPASS invalid username-password pair'),
    }),
  ],
  [
    'full',
    named('ReplyError', 'EXECABORT Transaction discarded because of previous errors.', {
      previousErrors: [new Error(OOM)],
    }),
  ],
  [
    'forbidden',
    named('ReplyError', 'EXECABORT Transaction discarded because of previous errors.', {
      previousErrors: [new Error('ERR something else'), new Error('NOPERM No permissions to access a key')],
    }),
  ],
  [undefined, named('ReplyError', 'EXECABORT Transaction discarded because of previous errors.')],
  [undefined, new TypeError('x is not a function')],
  [undefined, 'Connection is closed.'],
  [undefined, undefined],
])('%s: %s', (kind, error) => {
  expect(redisErrorKind(error)).toBe(kind);
});
