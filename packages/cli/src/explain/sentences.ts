import type { TimelineEntry, Transfer, TransferRequest } from '@handover/client';
import { dateTime, duration } from '../print/times.ts';
import { actorWords, capital, targetWords } from '../transfers/words.ts';

type About = Pick<Transfer, 'request' | 'acceptedAt' | 'expiresAt'>;

/** An entry of a timeline as one plain sentence; `undefined` where the next entry says it all. Pure. */
export function sentenceOf(entry: TimelineEntry, about: About): string | undefined {
  switch (entry.step) {
    case 'accepted':
      return accepted(entry, about);
    case 'started':
      return started(entry);
    case 'read':
      return read(entry, about.request);
    case 'compared':
      return compared(entry);
    case 'decided':
      return decided(entry);
    case 'intent':
      return intent(entry);
    case 'sent':
      return sent(entry);
    case 'waiting':
      return waiting(entry);
    case 'outcome':
      return ended(entry);
    case 'contradicted':
      return `It had ended by then, and proved to have moved the call after all${because(entry)}: an operator must look at it.`;
    case 'parked':
      return `It was left to an operator to say whether the call was moved${because(entry)}.`;
    case 'replayed':
      return `${capital(actorWords(entry.by))} had it tried again${because(entry)}.`;
    case 'too-late':
      return `${capital(actorWords(entry.by))} came too late${because(entry)}.`;
  }
}

function accepted({ by }: TimelineEntry, { request, expiresAt }: About): string {
  if (request === null) return `${capital(actorWords(by))} asked for something that can no longer be read.`;
  const { callId, userId, target, fallback, transferType, notBefore } = request;
  const how = transferType === 'consult' ? ' with a consult' : '';
  const orElse = fallback === undefined ? '' : `, or else to ${targetWords(fallback)}`;
  const from = notBefore === undefined ? '' : `, not before ${dateTime(notBefore)} UTC`;
  return `${capital(actorWords(by))} asked to move call ${callId} of agent ${userId} to ${targetWords(target)}${orElse}${how}${from}, by ${dateTime(expiresAt)} UTC at the latest.`;
}

function started({ by, attempt = 1, detail }: TimelineEntry): string {
  const again = attempt > 1 ? ' again' : '';
  const why = detail === undefined ? '' : `: ${detail}`;
  return `${capital(actorWords(by))} took it up${again}${why}.`;
}

function read({ evidence = {}, rule }: TimelineEntry, request: TransferRequest | null): string {
  const { agent, call, target, fallback } = evidence as Record<string, string | undefined>;
  const name = (which: 'target' | 'fallback') => {
    const one = request?.[which];
    return one === undefined ? `the ${which}` : targetWords(one);
  };
  const seen = [
    agent === undefined ? [] : `the agent ${agent}`,
    call === undefined ? [] : `the call is ${withoutVersion(call)}`,
    target === undefined ? [] : `${name('target')} is ${target}`,
    fallback === undefined
      ? []
      : `the fallback${request?.fallback === undefined ? '' : `, ${targetWords(request.fallback)},`} is ${fallback}`,
  ].flat();
  const why = rule === undefined ? '' : `, since ${rule}`;
  return `It looked${why}: ${seen.map(failureApart).join('; ')}.`;
}

/** The version of a call says nothing to people. */
function withoutVersion(call: string): string {
  return call.replace(/, version .*?(?=, at |$)/, '');
}

/** `the call is the platform answered 503` reads as `the call: the platform answered 503`. */
function failureApart(words: string): string {
  return words.replace(
    / (?:is )?(?=(?:the platform answered|no answer|not reached|unreadable answer|holding off until|\d{3} from something|this worker is)\b)/,
    ': ',
  );
}

function compared({ decided: found, rule = '' }: TimelineEntry): string | undefined {
  switch (found) {
    case 'happened':
      return `That proves that the call was moved: ${rule}.`;
    case 'clear':
      return rule === 'no intent is open' ? undefined : 'So what was sent before did not move the call.';
    case 'not-yet':
      return 'The call has not moved so far, though what was sent may still take effect.';
    case 'stale':
    case 'too-soon':
      return `That proves nothing yet: ${rule}.`;
    case 'under-way':
      return `Genesys is still carrying it out: ${rule}.`;
    case 'moved-by-another':
      return `So somebody else moved the call: ${rule}.`;
    default:
      return `That does not show whether the call was moved: ${rule}.`;
  }
}

/** Decisions that the next entry tells, with what follows from them. */
const TOLD_NEXT = ['end', 'hold-off', 'retry', 'look-again', 'hand-back', 'wait', 'transferred', 'ended'];

function decided({ decided: what = '', rule }: TimelineEntry): string | undefined {
  if (TOLD_NEXT.includes(what)) return undefined;
  const why = rule === undefined ? '' : ` (${rule})`;
  const where = /^send to (.*?)( \(fallback\))?$/.exec(what);
  if (where === null) return `It decided to ${EFFECTS[what] ?? what}${why}.`;
  return `It decided to move the call to ${where[1]}${where[2] === undefined ? '' : ', the fallback'}${why}.`;
}

const EFFECTS: Record<string, string> = {
  'consult-start': 'call the target while the caller waits',
  'consult-complete': 'bring the caller to the target',
  'consult-cancel': 'let go of the target',
};

function intent({ evidence = {} }: TimelineEntry): string {
  const { sends = 1, effect } = evidence as { sends?: number; effect?: string };
  const what = effect === undefined ? 'move the call' : (EFFECTS[effect] ?? effect);
  const again = sends > 1 ? `, for the ${ordinal(sends)} time` : '';
  return `It wrote down that it would ask Genesys to ${what}${again}.`;
}

function ordinal(n: number): string {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10;
  return `${n}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
}

function sent({ decided: what, detail, requests = [], ms }: TimelineEntry): string {
  const took = ms === undefined ? '' : ` after ${duration(ms)}`;
  if (what === 'moved') return `It asked Genesys, which confirmed the move${took}.`;
  if (what === 'accepted') return `It asked Genesys, which accepted the request${took}.`;
  if (what !== undefined) return `It asked Genesys to ${EFFECTS[what] ?? what}, which was confirmed${took}.`;
  if (requests.length === 0) return `Nothing was sent: ${detail}.`;
  return `It asked Genesys, with this result${took}: ${detail}.`;
}

function waiting({ decided: what = '', rule, at, since, times = 1 }: TimelineEntry): string {
  const why = rule === undefined ? '' : `: ${rule}`;
  const until = /^(.*) until (\S+)$/.exec(what);
  if (until === null) return `It gave the transfer back to the queue${why}.`;
  const [, kind, end = at] = until;
  const often = times > 1 ? `, ${times} times in all` : '';
  const long = duration(Date.parse(end) - Date.parse(since ?? at));
  switch (kind) {
    case 'hold off':
      return `It held off for ${long}${often}${why}.`;
    case 'unconfirmed':
      return `It waited ${long}${often}, not knowing whether the call was moved${why}.`;
    case 'consulting':
      return `It waited ${long}${often} for the target of the consult${why}.`;
    default:
      return `It waited ${long}${often} before the next try${why}.`;
  }
}

function ended({ by, decided: what = 'unknown', rule, detail }: TimelineEntry): string {
  const whys = [rule, detail].filter((why) => why !== undefined);
  const why = whys.length === 2 ? `: ${rule} (${detail})` : whys.map((one) => `: ${one}`).join('');
  const how = what.replace(/: (.*)$/, ' ($1)');
  if (by.startsWith('worker:')) return `It ended as ${how}${why}.`;
  const verb = what === 'cancelled' ? 'cancelled it before anything was sent' : `settled it as ${how}`;
  return `${capital(actorWords(by))} ${verb}${why}.`;
}

function because({ rule, detail }: TimelineEntry): string {
  const why = detail ?? rule;
  return why === undefined ? '' : `: ${why}`;
}
