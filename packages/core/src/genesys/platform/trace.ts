import type { Trace } from '../../transfer/ports.ts';
import type { Target } from '../../transfer/request.ts';
import {
  type Command,
  type Conversation,
  isAgent,
  isOver,
  isSilent,
  type Leg,
  wasConnected,
} from './conversation.ts';

/** What a call was like before a sending: ids only, since no leg and no command ever gets the id of another one. */
export type Before = {
  participants: string[];
  commands: string[];
  legPurpose: 'agent' | 'acd';
  customer: string[];
};

export function beforeOf(call: Conversation, leg: Leg | undefined): Before {
  return {
    participants: call.participants.map(({ id }) => id),
    commands: (call.recentTransfers ?? []).map(({ id }) => id),
    legPurpose: leg?.purpose === 'acd' ? 'acd' : 'agent',
    customer: call.participants
      .filter(({ purpose }) => purpose === 'customer' || purpose === 'external')
      .map(({ id }) => id),
  };
}

type Sent = { target: Target; leg: string | null; before: Before };

/**
 * What a reading of the call shows of a sending that replaced `leg`. Only legs and commands that were not there before count,
 * never a user's id alone, the last placement or why a leg ended. Pure.
 */
export function traceSent({ target, leg, before }: Sent, call: Conversation): Trace {
  const fresh = call.participants.filter(({ id }) => !before.participants.includes(id) && id !== leg);
  const old = call.participants.find(({ id }) => id === leg);
  const isGone = old === undefined || isOver(old);
  const there = fresh.filter((one) => isAt(one, target));
  const reached = there.find((one) => isQueue(target) || wasConnected(one));
  if (reached !== undefined)
    return { shows: 'moved', words: `leg ${reached.id} is new: ${wordsOf(reached)}` };
  const commands = (call.recentTransfers ?? []).filter(
    (one) => !before.commands.includes(one.id) && fits(one, target),
  );
  const complete = commands.find(({ state }) => state.toLowerCase() === 'complete');
  if (isOutside(target) && complete !== undefined)
    return { shows: 'moved', words: `command ${complete.id} is complete` };
  const rang = there.find(isOver);
  if (rang !== undefined && isGone) return { shows: 'moved', words: wordsOfRinging(rang, target, fresh) };
  const shown = followCommands(commands);
  if (shown !== undefined) return shown;
  const other = fresh.find((one) => !isSilent(one) && wasConnected(one));
  if (other !== undefined) return { shows: 'elsewhere', words: `leg ${other.id} is new: ${wordsOf(other)}` };
  const ringing = there.find((one) => !isOver(one));
  if (ringing !== undefined)
    return { shows: 'under-way', words: `leg ${ringing.id} is new: ${wordsOf(ringing)}` };
  if (!isGone) return { shows: 'nothing-new', words: 'the leg is still connected, and no new one is there' };
  const callers = call.participants.filter(({ id }) => before.customer.includes(id));
  if (callers.every(isOver)) return { shows: 'proves-nothing', words: 'the call has ended' };
  return { shows: 'under-way', words: 'the old leg has left, and the caller has no new one yet' };
}

function followCommands(commands: Command[]): Trace | undefined {
  const running = commands.find(({ state }) => ['pending', 'active'].includes(state.toLowerCase()));
  if (running !== undefined)
    return { shows: 'under-way', words: `command ${running.id} is ${running.state}` };
  const failed = commands.findLast(({ state }) => ['failed', 'timeout'].includes(state.toLowerCase()));
  if (failed !== undefined)
    return { shows: 'gave-up', by: 'genesys', words: `command ${failed.id} ended as ${failed.state}` };
  const canceled = commands.findLast(({ state }) => state.toLowerCase() === 'canceled');
  if (canceled === undefined) return undefined;
  const by = canceled.modifiedBy?.id ?? 'somebody';
  return { shows: 'gave-up', by: 'somebody', words: `command ${canceled.id} was cancelled by ${by}` };
}

const isQueue = ({ type }: Target): boolean => type === 'queue' || type === 'skillGroup';
const isOutside = ({ type }: Target): boolean => type === 'externalContact' || type === 'address';

function isAt(leg: Leg, { type, id }: Target): boolean {
  switch (type) {
    case 'queue':
    case 'skillGroup':
      return leg.purpose === 'acd' && leg.queue?.id === id;
    case 'user':
      return isAgent(leg) && leg.user?.id === id;
    case 'externalContact':
      return leg.purpose === 'external' && [undefined, id].includes(leg.externalContact?.id);
    case 'address':
      return leg.purpose === 'external' && mayBeAddress(leg.address ?? '', id);
  }
}

/** A command without a destination may be ours. A queue may stand in the address or nowhere, a contact by its number. */
function fits({ destination }: Command, { type, id }: Target): boolean {
  const [userId, address] = [destination?.userId ?? '', destination?.address ?? ''];
  if (userId !== '') return userId === id;
  if (address === '' || type === 'externalContact') return true;
  return type === 'address' ? mayBeAddress(address, id) : address === id;
}

const SHORTEST_NUMBER = 7;

/**
 * Whether what Genesys shows may be this number or SIP address. It comes back with another scheme, domain or prefix: numbers are
 * compared by their last digits, and what cannot be compared may be it.
 */
function mayBeAddress(shown: string, wanted: string): boolean {
  const [name, ours] = [nameIn(shown), nameIn(wanted)];
  if (name === '' || name === ours) return true;
  const isNumber = [name, ours].map((one) => /^\+?\d{7,}$/.test(one));
  if (isNumber.includes(false)) return isNumber[0] !== isNumber[1];
  return name.slice(-SHORTEST_NUMBER) === ours.slice(-SHORTEST_NUMBER);
}

/** `+4930123456` of `tel:+49 30 123456;ext=7`, and `bob` of `sip:bob@example.com`. */
function nameIn(address: string): string {
  const [name = ''] = address
    .toLowerCase()
    .replace(/^(tel|sips?):/, '')
    .split(/[@;?]/);
  return name.replaceAll(/[\s().-]/g, '');
}

/** The caller is off the old leg, and the target has not answered. */
function wordsOfRinging(rang: Leg, { id }: Target, fresh: Leg[]): string {
  const isVoicemail = fresh.some(({ purpose }) => purpose === 'voicemail');
  const end = isVoicemail ? 'went to voicemail' : `was not answered (${wordsOf(rang)})`;
  return `rang at ${id}, ${end}`;
}

function wordsOf({ purpose, queue, user, state, disconnectType }: Leg): string {
  const where = purpose === 'acd' ? ` in queue ${queue?.id}` : user?.id === undefined ? '' : ` of ${user.id}`;
  return `${purpose}${where}, ${state}${(disconnectType ?? '') === '' ? '' : ` (${disconnectType})`}`;
}
