import type { z } from 'zod';
import type { Facts, Part, Pause, Seen } from './standing-words.ts';

const page = (name: string) => `docs/operations/${name}.md`;
export const fine = (says: string): Part => ({ is: 'fine', says });
export const many = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;
/** From this share of failed answers on, and this many, Genesys is in trouble: as the alert HandoverGenesysFails has it. */
const FAILS = { share: 0.25, least: 3 };
const LONG_WAIT_MS = 60_000;

export function ofRedis({ redis: { isReady, detail, durability }, recovery, replicas }: Facts): Part {
  if (!isReady)
    return {
      is: 'trouble',
      says: `Redis cannot be used${detail === undefined ? ': it does not answer' : `: ${detail}`}. Nothing is accepted or moved.`,
      todo: 'Bring Redis back; everything resumes by itself.',
      runbook: page('redis-refuses'),
    };
  if (recovery.state !== 'none')
    return {
      is: 'trouble',
      says: `Redis has lost data, or may have${recovery.until === undefined ? '' : `: until ${recovery.until}`} calls that are already at their target are held.`,
      todo: 'Look at the dead letters of the kind held, and resolve them.',
      runbook: page('redis-went-back'),
    };
  if (replicas.following !== null && replicas.following < replicas.needed)
    return {
      is: 'trouble',
      says: `${replicas.following} of ${many(replicas.needed, 'replica')} of Redis follow: nothing is moved until they do.`,
      todo: 'Bring the replicas back.',
      runbook: page('redis-replicas'),
    };
  if (durability === 'volatile')
    return {
      is: 'trouble',
      says: 'Redis is not durable: it may forget accepted transfers.',
      todo: 'Switch on its append-only file, and eviction off.',
      runbook: page('redis-forgets'),
    };
  return fine('Redis answers, and takes writes.');
}

export function ofGenesys({
  token,
  tokenDetail,
  answers: { minutes, answers, failed, ...last },
}: Seen): Part {
  if (token === 'failing')
    return {
      is: 'trouble',
      says: `Genesys issues no token${tokenDetail ? `: ${tokenDetail}` : ''}. Nothing can be moved.`,
      todo: 'Run npx --no-install handover doctor with the environment of a worker.',
      runbook: page('token-fails'),
    };
  const when = last.lastFailedAt === null ? '' : `, the last at ${last.lastFailedAt}`;
  const lately = `${failed} of the ${many(answers, 'answer')} of the last ${minutes} minutes failed${when}`;
  if (failed >= FAILS.least && failed / answers > FAILS.share)
    return {
      is: 'trouble',
      says: `Genesys is not well: ${lately}. ${last.since > 0 ? `Since then ${many(last.since, 'answer')} came and none failed: it may be over. ` : ''}Transfers that meet this wait and are retried; those out of retries become dead letters.`,
      todo: 'Nothing while Genesys is down; afterwards replay what failed.',
      runbook: page('genesys-fails'),
    };
  return fine(
    answers === 0 ? `Genesys was not asked in the last ${minutes} minutes.` : `Genesys answers: ${lately}.`,
  );
}

export function ofHoldOff({ holdOffUntil, holds }: Seen): Part {
  if (holdOffUntil !== null)
    return {
      is: 'waiting',
      says: `Genesys limits the rate: nothing is sent until ${holdOffUntil}.`,
      todo: 'Nothing if it is short. Does another system use the same OAuth client?',
      runbook: page('hold-off'),
    };
  if (holds.length > 0)
    return {
      is: 'waiting',
      says: `Genesys limits ${holds.map(({ operation }) => operation).join(', ')}; everything else goes on.`,
      runbook: page('hold-off'),
    };
  return fine('Nothing is held off.');
}

export function ofBudget({ remaining, limit }: Seen): Part {
  if (!Number.isFinite(limit)) return fine('No limit of requests is configured.');
  if (remaining === 0)
    return {
      is: 'waiting',
      says: `The ${limit} requests of this minute are used up: transfers wait for the next.`,
      todo: 'If it lasts, submit less at once, or have the limit raised.',
      runbook: page('transfers-wait'),
    };
  return fine(`${remaining} of ${limit} requests are left of this minute.`);
}

export function ofWorkers({ workers }: Seen): Part {
  if (workers === 0)
    return {
      is: 'trouble',
      says: 'No worker runs: transfers are accepted, but none is moved.',
      todo: 'Start a worker.',
      runbook: page('no-worker'),
    };
  return fine(`${many(workers, 'worker')} ${workers === 1 ? 'runs' : 'run'}.`);
}

export function ofQueues({ paused, open, waiting, oldestWaitMs }: Seen): Part {
  const [first] = paused;
  if (first !== undefined)
    return {
      is: 'waiting',
      says: `${paused.map(({ queue }) => queue).join(', ')} ${paused.length === 1 ? 'is' : 'are'} paused, ${by(first)}.`,
      todo: `Resume: POST /api/queues/${first.queue}/resume.`,
      runbook: page('transfers-wait'),
    };
  if (oldestWaitMs > LONG_WAIT_MS)
    return {
      is: 'trouble',
      says: `${many(waiting, 'transfer')} wait for a worker, the oldest for ${Math.round(oldestWaitMs / 1_000)} s.`,
      todo: 'Are workers, hold-off and budget fine? Else start more workers.',
      runbook: page('transfers-wait'),
    };
  return fine(
    waiting === 0
      ? `${many(open, 'open transfer')}; none waits for a worker.`
      : `${many(open, 'open transfer')}, ${waiting} of them waiting for a worker.`,
  );
}

function by({ actor, reason, since }: z.infer<typeof Pause>): string {
  const why = reason === null ? '' : `: ${reason}`;
  const when = since === null ? '' : ` since ${since}`;
  return actor === null ? `reason unknown${when}` : `by ${actor}${when}${why}`;
}

export function ofDeadLetters({ deadLetters, newestDeadAt, billingDeadLetters }: Seen): Part {
  if (deadLetters + billingDeadLetters === 0) return fine('There are no dead letters.');
  const [what, runbook] =
    deadLetters > 0
      ? [
          `${many(deadLetters, 'transfer')}${billingDeadLetters > 0 ? ` and ${many(billingDeadLetters, 'bill')}` : ''}`,
          page('dead-letters'),
        ]
      : [many(billingDeadLetters, 'bill or event'), page('billing-dead-letters')];
  const newest = newestDeadAt === null || billingDeadLetters > 0 ? '' : `, the newest since ${newestDeadAt}`;
  return {
    is: 'trouble',
    says: `${what} ${deadLetters + billingDeadLetters === 1 ? 'needs' : 'need'} an operator${newest}.`,
    todo: 'Look at GET /api/dead-letters; replay or resolve them. Unsure whether the cause is over? Replay one first.',
    runbook,
  };
}

export function ofBilling({ discrepancies, disabled, billingWaits }: Seen): Part {
  if (disabled.length > 0)
    return {
      is: 'trouble',
      says: `Nothing is delivered to ${disabled.join(', ')}: it is gone, or an operator paused its queue. Bills wait.`,
      todo: 'Correct the destination, then resume its queue.',
      runbook: page('billing-destination'),
    };
  if (discrepancies > 0)
    return {
      is: 'trouble',
      says: `Our records and the events disagree about ${many(discrepancies, 'transfer')}.`,
      todo: 'Look at GET /api/billing/discrepancies.',
      runbook: page('billing-discrepancies'),
    };
  return fine(
    `Records and events agree${billingWaits === 0 ? '' : `; ${billingWaits} ${billingWaits === 1 ? 'waits for its' : 'wait for their'} counterpart`}.`,
  );
}

export function ofWebhook({ webhook: { state, detail } }: Seen): Part {
  if (state === 'failing')
    return {
      is: 'trouble',
      says: `The webhook is not registered${detail ? `: ${detail}` : ''}. No event arrives.`,
      todo: 'Correct WEBHOOK_CALLBACK_URL, or the scopes of the OAuth client.',
      runbook: page('webhook-not-registered'),
    };
  if (state === 'pending')
    return {
      is: 'waiting',
      says: 'The webhook is being registered.',
      runbook: page('webhook-not-registered'),
    };
  return fine(state === 'registered' ? 'The webhook is registered.' : 'No webhook is wanted.');
}

export function ofCallbacks({ callbacks: { waiting, failing } }: Seen): Part {
  const [first] = failing;
  if (first === undefined)
    return fine(`Receivers take their callbacks; ${many(waiting, 'message')} on the way.`);
  return {
    is: 'trouble',
    says: `The receiver of ${failing.map(({ key }) => key).join(', ')} fails, since ${first.since}; messages waiting: ${waiting}. Transfers go on.`,
    todo: 'Look at the callbacks of a transfer for the reason; tell those who run the receiver.',
    runbook: page('callbacks'),
  };
}

export function ofHistory({ history: { waiting, lagMs } }: Seen): Part {
  if (lagMs <= LONG_WAIT_MS) return fine(`The history is up to date; ${waiting} are being written.`);
  return {
    is: 'trouble',
    says: `${waiting} wait to be written to the history, the oldest for ${Math.round(lagMs / 1_000)} s. Transfers go on.`,
    todo: 'Repair PostgreSQL, or correct HISTORY_DATABASE_URL on the workers. Nothing has to be repeated.',
    runbook: page('history-lags'),
  };
}
