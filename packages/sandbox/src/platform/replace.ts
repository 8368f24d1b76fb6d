import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { type Asked, conversationNow, thing } from './asked.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import { changePlan } from './settings.ts';
import {
  type Conversation,
  type Destination,
  findLeg,
  hasLeft,
  isListening,
  type Leg,
  modes,
  phoneTypes,
} from './words.ts';

type Target = { destination: Destination; address?: string | undefined };
type FindTarget = (asked: Asked, body: Record<string, unknown>) => Target;

const MOST_PARTIES = 2;
const NOT_CONNECTED = 'You are not a connected participant on the call';
const bodySchema = z.looseObject({ transferType: z.enum(modes).default('Unattended') });
const contactSchema = z.object({ contactId: z.string().min(1), phoneType: z.enum(phoneTypes) });

export const replaceWithQueue = replaceWith((asked, { queueId, queueName }) => {
  const { platform } = asked;
  const named = platform.directory.queues.list().find(({ name }) => name !== undefined && name === queueName);
  const id = textOf(queueId) ?? named?.id ?? textOf(queueName);
  if (id === undefined) throw destinationRequired();
  thing(asked, platform.directory.queues, id, () => {
    const message = 'Interaction cannot be transferred to a queue that does not exist.';
    return new Refusal(platform.settings.queueNotFoundStatus, 'conversations.error.queue.not.found', message);
  });
  return { destination: { type: 'queue', id } };
});

export const replaceWithUser = replaceWith((asked, { userId, userName }) => {
  const named = asked.platform.directory.users
    .list()
    .find(({ email }) => email !== undefined && email === userName);
  const id = textOf(userId) ?? named?.id ?? textOf(userName);
  if (id === undefined) throw destinationRequired();
  thing(asked, asked.platform.directory.users, id);
  return { destination: { type: 'user', id } };
});

export const replaceWithContact = replaceWith((asked, body) => {
  const parsed = contactSchema.safeParse(body);
  if (!parsed.success) throw badRequest('contactId and phoneType are required');
  const { contactId: id, phoneType } = parsed.data;
  const address = thing(asked, asked.platform.directory.contacts, id).phones?.[phoneType];
  if (address === undefined) throw badRequest(`Contact ${id} has no ${phoneType}`);
  return { destination: { type: 'externalContact', id, phoneType }, address };
});

export const replaceWithAddress = replaceWith((_asked, body) => {
  const id = textOf(body.address);
  if (id === undefined) throw destinationRequired();
  return { destination: { type: 'address', id }, address: id };
});

/** One of the four transfers: checks what the platform checks, and answers 202 with nothing but a command made. */
function replaceWith(findTarget: FindTarget): (asked: Asked) => Answer {
  return (asked) => {
    const conversation = conversationNow(asked);
    const body = bodySchema.safeParse(asked.body);
    if (!body.success)
      throw badRequest('The request could not be understood by the server due to malformed syntax.');
    const { transferType: mode, ...fields } = body.data;
    const leg = connectedLeg(asked, conversation);
    const target = findTarget(asked, fields);
    checkParties(conversation, leg, target.destination);
    checkMode(asked, conversation, leg, mode);
    const { platform, step } = asked;
    const plan = changePlan(platform.settings.command, step.command);
    platform.transfers.accept({
      conversationId: conversation.id,
      leg: leg.id,
      mode,
      by: 'api',
      plan,
      ...target,
    });
    return { status: 202 };
  };
}

function connectedLeg({ params }: Asked, conversation: Conversation): Leg {
  const leg = findLeg(conversation, params.participantId ?? '');
  if (!leg) throw badRequest(NOT_CONNECTED);
  if (hasLeft(leg)) throw notConnected();
  const canBeReplaced = ['agent', 'user', 'acd'].includes(leg.purpose) && leg.state === 'connected';
  if (!canBeReplaced) throw badRequest(NOT_CONNECTED);
  return leg;
}

function checkParties(conversation: Conversation, leg: Leg, { type, id }: Destination): void {
  if (type === 'user' && leg.user?.id === id) {
    throw new Refusal(400, 'conversation.error.cannot.transfer.to.self', 'You cannot transfer to yourself.');
  }
  const parties = conversation.legs.filter((each) => each.state === 'connected' && !isListening(each));
  if (parties.some(({ user, purpose }) => type === 'user' && purpose === 'agent' && user?.id === id)) {
    const message = 'The target of the transfer cannot be the same as the destination.';
    throw new Refusal(400, 'conversations.error.transfer.same.party', message);
  }
  if (parties.length > MOST_PARTIES) {
    throw new Refusal(
      400,
      'conversation.error.cannot.transfer.conference',
      'A conference cannot be transferred.',
    );
  }
}

function checkMode({ platform }: Asked, { id }: Conversation, leg: Leg, mode: (typeof modes)[number]): void {
  if (mode === 'Attended') return;
  if (leg.purpose === 'acd') {
    const message = 'An ACD call cannot be transferred unattended.';
    throw new Refusal(400, 'conversations.error.transfer.acd.call.unattended', message);
  }
  const isSecond = platform.settings.secondReplace === 'refused' && platform.transfers.takesAway(id, leg.id);
  if (isSecond) throw notConnected();
}

function notConnected(): Refusal {
  const message = 'You can only transfer conversations that are in the connected state.';
  return new Refusal(400, 'conversations.error.transfer.not.connected', message);
}

function destinationRequired(): Refusal {
  const message = 'The destination is a required property for a transfer request.';
  return new Refusal(400, 'conversations.error.transfer.destination.required', message);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A consult wants the token of the agent, so a client is always refused. */
export function refuseConsult(asked: Asked): Answer {
  const conversation = conversationNow(asked);
  const id = asked.params.participantId ?? '';
  if (!findLeg(conversation, id)) throw notFound('participant', id);
  throw needsUser();
}

export function needsUser(): Refusal {
  const message =
    'This request requires a user context. Client credentials cannot be used for requests to this resource.';
  return new Refusal(400, 'not.a.user', message);
}
