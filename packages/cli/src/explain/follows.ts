import type { BillingRecord, Transfer } from '@handover/client';
import { dateTime } from '../print/times.ts';

type FollowUp = NonNullable<Transfer['followUps']>[number];
type Callback = NonNullable<Transfer['callbacks']>[number];

/** What comes after the story: what it waits for, follow-ups, callbacks, the bill; a sentence each. Pure. */
export function whatFollows(transfer: Transfer, bill: BillingRecord | null | undefined): string[] {
  const { followUps = [], callbacks = [] } = transfer;
  return [
    ...open(transfer),
    ...followUps.map(followUpWords),
    ...callbacks.map(callbackWords),
    ...billed(bill),
  ];
}

const OPEN_WORDS: Record<NonNullable<Transfer['waitingFor']>['reason'], string> = {
  turn: 'for a worker',
  'not-before': 'for its time',
  budget: 'for a request of the budget',
  'hold-off': 'for the end of the hold-off',
  paused: 'for an operator to resume the queue',
  retry: 'for the next try',
  proof: 'for a reading that shows whether the call was moved',
  confirmation: 'for Genesys to finish, or for an operator to look',
  consult: 'for the target of the consult',
};

function open({ outcome, waitingFor, expiresAt, timeline }: Transfer): string[] {
  if (outcome !== null) return [];
  if (timeline.at(-1)?.step === 'parked')
    return ['An operator must look, and say what happened: handover resolve, or handover replay.'];
  const until = waitingFor?.until === undefined ? '' : ` until ${dateTime(waitingFor.until)} UTC`;
  const now =
    waitingFor === undefined
      ? 'A worker is working on it.'
      : `It waits ${OPEN_WORDS[waitingFor.reason]}${until}.`;
  return [now, `Nothing is sent after ${dateTime(expiresAt)} UTC.`];
}

function followUpWords({ kind, state, why, dueAt, giveUpAt, tries }: FollowUp): string {
  const what = `Follow-up ${kind}`;
  const reason = why === undefined ? '' : `: ${why}`;
  switch (state) {
    case 'done':
      return `${what} is done.`;
    case 'superseded':
      return `${what} is no longer needed${reason}.`;
    case 'gave-up':
      return `${what} was given up after ${times(tries)}${reason}.`;
    case 'waiting':
      return `${what} is due at ${dateTime(dueAt)} UTC, and given up at ${dateTime(giveUpAt)} UTC${reason}.`;
  }
}

function callbackWords({ type, state, tried, nextAt, why }: Callback): string {
  const what = `Callback ${type}`;
  const reason = why === undefined ? '' : `: ${why}`;
  switch (state) {
    case 'delivered':
      return `${what} was delivered after ${times(tried)}.`;
    case 'gave-up':
      return `${what} was given up after ${times(tried)}${reason}.`;
    case 'waiting':
      return `${what} waits${nextAt === undefined ? '' : ` until ${dateTime(nextAt)} UTC`}, after ${times(tried)}${reason}.`;
  }
}

function billed(bill: BillingRecord | null | undefined): string[] {
  if (bill === undefined) return [];
  if (bill === null) return ['No bill of it is recorded yet.'];
  return [`It is billed as ${bill.billingCode}.`];
}

function times(count: number): string {
  return count === 1 ? '1 try' : `${count} tries`;
}
