import { isDoubtful, isOpen } from './intents.ts';
import type { Target } from './request.ts';
import { consultUnderWay } from './steps.ts';
import type { WaitingFor } from './waiting-for.ts';
import type { Outcome, Reason, TimelineEntry, TransferRecord } from './words.ts';

/** What a sentence about a transfer is made from. `timeline`: where it is at hand, it adds who and why. */
export type Told = {
  record: TransferRecord;
  /** Of an open transfer (waiting-for.ts). */
  waiting?: WaitingFor | undefined;
  timeline?: readonly TimelineEntry[] | undefined;
};

/** What happened to a transfer, and why, in one sentence for an operator. Pure. */
export function tell(told: Told): string {
  const { outcome, contradictedAt = 0 } = told.record;
  const sentence = outcome === null ? tellOpen(told) : tellOutcome(outcome, told);
  const but =
    contradictedAt > 0 ? `, but at ${time(contradictedAt)} it proved to have been moved after all` : '';
  return `${sentence}${but}.`;
}

function tellOutcome(outcome: Outcome, told: Told): string {
  switch (outcome.status) {
    case 'transferred':
      return tellTransferred(outcome, told);
    case 'rejected':
      return `The call was not moved: ${whyNot(outcome, told.record)}${inBrackets(outcome.detail)}`;
    case 'failed':
      return `The call was not moved: ${whyNot(outcome, told.record)}${inBrackets(outcome.detail)}`;
    case 'expired':
      return `The call was not moved: its deadline, ${time(told.record.expiresAt)}, passed ${beforeWhat(told)}`;
    case 'cancelled':
      return tellCancelled(outcome, told);
  }
}

function tellTransferred({ target, isFallback, confirmedBy, detail }: Outcome, told: Told): string {
  const where = target === undefined ? '' : ` to ${nameOf(target)}`;
  const why = isFallback ? `, the fallback, because ${whyFallback(told)}` : '';
  switch (confirmedBy) {
    case 'reading':
      return `The call was moved${where}${why}, as a later reading of the call showed`;
    case 'event':
      return `The call was moved${where}${why}, as an event from Genesys showed`;
    case 'operator':
      return `The call was moved${where}${why}, as an operator has confirmed${inBrackets(detail)}`;
    default:
      return `The call was moved${where}${why}`;
  }
}

function whyFallback({ record, timeline = [] }: Told): string {
  const target = record.request === null ? 'the target' : nameOf(record.request.target);
  const rule = timeline.findLast(({ decided }) => decided?.endsWith('(fallback)'))?.rule;
  return rule?.replace(/^target:? /, `${target} `) ?? `${target} did not take the call`;
}

function tellCancelled({ reason, target, isFallback }: Outcome, { timeline = [] }: Told): string {
  if (reason === 'shadow') {
    const where = target === undefined ? 'the target' : nameOf(target);
    return `Nothing was sent, in shadow mode: the call would have been moved to ${where}${isFallback ? ', the fallback' : ''}`;
  }
  const by = timeline.findLast(({ step }) => step === 'outcome')?.by;
  return `The call was not moved: the transfer was cancelled${by === undefined ? '' : ` by ${by}`} before anything was sent`;
}

function beforeWhat({ record, timeline = [] }: Told): string {
  const { outcome, epoch } = record;
  const waited = timeline.findLast(({ step }) => step === 'waiting')?.rule;
  const why = outcome?.detail ?? waited;
  if (epoch === 0) return 'before a worker could begin';
  return `before it could be sent${inBrackets(why)}`;
}

/** Why a transfer was rejected or failed. Every reason has its words. */
function whyNot({ reason }: Outcome, { request }: TransferRecord): string {
  const agent = request === null ? 'the agent' : `agent ${request.userId}`;
  const target = request === null ? 'the target' : nameOf(request.target);
  const both = request?.fallback === undefined ? target : `neither ${target} nor the fallback`;
  const words: Record<Reason, string> = {
    'not-permitted': `${agent} may not transfer calls`,
    forbidden: 'Genesys does not allow it, neither now nor on another try',
    'call-is-private': 'the call is private',
    'call-ended': 'it had already ended',
    'call-moved': 'somebody else had moved it first',
    'call-not-found': 'Genesys has no such call, or does not show it to us',
    'call-not-transferable': 'it was in a state in which it cannot be transferred',
    'agent-not-on-call': `${agent} is not on it`,
    'needs-user-token': 'Genesys lets only the agent do this, with a login of their own',
    'target-unavailable': request?.fallback === undefined ? `${target} did not take it` : `${both} took it`,
    'refused-by-platform': 'Genesys refused it',
    conflict: 'it kept changing while it was being moved',
    'platform-unavailable': 'Genesys kept failing until all retries were used up',
    'target-gave-up': `Genesys accepted the transfer to ${target} and then gave it up`,
    'workers-lost': 'one worker after another was lost while working on it',
    'unreadable-job': 'its job could not be read',
    'settled-by-operator': 'an operator has confirmed that it was not',
    shadow: 'nothing is sent in shadow mode',
  };
  return reason === undefined ? 'no reason was recorded' : words[reason];
}

function tellOpen(told: Told): string {
  const { record, waiting } = told;
  const again = record.replayed ? ', after a replay' : '';
  return `${record.parked ? tellParked(record) : tellWaiting(told, waiting)}${again}`;
}

function tellParked(record: TransferRecord): string {
  const where = wanted(record);
  const doubt = `It is not known whether the call was moved to ${where}`;
  const why = record.held === null ? '' : ', since Redis may have lost the record of it';
  return `${doubt}${why}: an operator must look and say so`;
}

function tellWaiting({ record, timeline = [] }: Told, waiting: WaitingFor | undefined): string {
  const where = wanted(record);
  const until = waiting?.until === undefined ? '' : ` until ${time(waiting.until)}`;
  const last = timeline.findLast(({ step }) => step === 'waiting')?.rule;
  switch (waiting?.reason) {
    case undefined:
      return mayHaveHappened(record)
        ? `A worker is checking whether the call was moved to ${where}`
        : `A worker is moving the call to ${where}`;
    case 'turn':
      return `The call waits for a worker to move it to ${where}`;
    case 'not-before':
      return `The call is to be moved to ${where}, and may not be before ${time(waiting?.until ?? 0)}`;
    case 'budget':
      return `The move to ${where} waits${until}: the budget of Genesys requests is used up`;
    case 'hold-off':
      return `The move to ${where} waits${until}: Genesys asked us to send less${inBrackets(last)}`;
    case 'paused':
      return `The move to ${where} waits: an operator has paused the queue`;
    case 'retry':
      return `The move to ${where} did not succeed yet${inBrackets(last ?? troubles(record))} and is tried again${at(waiting)}`;
    case 'proof':
      return `It is not known yet whether the call was moved to ${where}: it is read again${at(waiting)}${endsAs(record, ', and if it was not,')}`;
    case 'confirmation':
      return `Genesys accepted the move to ${where}, and has not shown its end yet: the call is read again${at(waiting)}`;
    case 'consult':
      return record.verdict === null
        ? `${capital(where)} is being asked to take the call: the next look is${at(waiting)}`
        : `The consult with ${where} is being ended${endsAs(record, '; then')}`;
  }
}

/** The outcome that waits for its proof, or for the end of a consult. */
function endsAs({ verdict }: TransferRecord, when: string): string {
  if (verdict === null) return '';
  return `${when} the transfer ends as ${verdict.status}${inBrackets(verdict.reason)}`;
}

function troubles({ serverErrors, conflicts }: TransferRecord): string | undefined {
  if (serverErrors > 0) return `Genesys failed ${serverErrors === 1 ? 'once' : `${serverErrors} times`}`;
  return conflicts > 0 ? 'the call changed in between' : undefined;
}

function mayHaveHappened({ intents }: TransferRecord): boolean {
  return intents.some((intent) => isOpen(intent) && isDoubtful(intent));
}

/** The target of the latest intent, or else of the request. */
function wanted({ request, intents }: TransferRecord): string {
  const latest = intents.findLast(isOpen) ?? consultUnderWay(intents);
  const target = latest?.target ?? request?.target;
  return target === undefined ? 'its target' : nameOf(target);
}

const TYPE_NAMES: Record<Target['type'], string> = {
  queue: 'queue ',
  user: 'user ',
  skillGroup: 'skill group ',
  externalContact: 'external contact ',
  address: '',
};

function nameOf({ type, id }: Target): string {
  return `${TYPE_NAMES[type]}${id}`;
}

function at(waiting: WaitingFor | undefined): string {
  return waiting?.until === undefined ? ' soon' : ` at ${time(waiting.until)}`;
}

/** `2026-11-27 14:03:05 UTC`. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function inBrackets(words: string | undefined): string {
  return words === undefined || words === '' ? '' : ` (${words})`;
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
