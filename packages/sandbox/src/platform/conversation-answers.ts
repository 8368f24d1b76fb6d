import { z } from 'zod';
import type { Answer } from '../answer.ts';
import { type Asked, conversationNow, conversationSeen, legNow } from './asked.ts';
import { changeLeg } from './legs.ts';
import { badRequest, conversationNotFound, notFound, Refusal } from './refusal.ts';
import { needsUser } from './replace.ts';
import { showCallConversation, showConversation } from './views.ts';
import type { Conversation, Leg } from './words.ts';

const wrapupSchema = z.object({
  code: z.string().min(1).optional(),
  notes: z.string().optional(),
  provisional: z.boolean().optional(),
});
const routingSchema = z.object({
  priority: z.int().optional(),
  skillIds: z.array(z.string().min(1)).optional(),
  skillExpression: z.string().optional(),
});

export function readCall(asked: Asked): Answer {
  const conversation = conversationSeen(asked);
  if (conversation.media !== 'call') throw conversationNotFound(conversation.id);
  return { status: 200, body: showCallConversation(conversation) };
}

export function readConversation(asked: Asked): Answer {
  return { status: 200, body: showConversation(conversationSeen(asked)) };
}

/** Sets the wrap-up code of a leg. */
export function wrapUp(asked: Asked): Answer {
  const { platform, params } = asked;
  const conversation = conversationNow(asked);
  const leg = legNow(asked, conversation);
  const communicationId = params.communicationId ?? '';
  if (leg.communicationId !== communicationId) throw notFound('communication', communicationId);
  if (platform.settings.wrapupNeedsUser) throw needsUser();
  const asks = wrapupSchema.safeParse(asked.body);
  if (!asks.success) throw badRequest('The wrap-up is not as it must be');
  const { code, notes, provisional = false } = asks.data;
  if (code === undefined && !provisional) {
    const message = 'Wrapup code is required for non-provisional wrapup';
    throw new Refusal(400, 'conversation.error.wrapup.code.required', message);
  }
  if (code !== undefined && !codesOf(asked, leg).some(({ id }) => id === code)) {
    throw new Refusal(400, 'invalid.value', `Value [${code}] is not valid for field type [wrapupCode].`);
  }
  platform.conversations.change(conversation.id, (current) =>
    changeLeg(current, leg.id, { wrapup: { code, notes }, wrapupRequired: provisional }),
  );
  return { status: 202 };
}

export function readWrapupCodes(asked: Asked): Answer {
  const conversation = conversationNow(asked);
  const leg = legNow(asked, conversation);
  const body = codesOf(asked, leg).map(({ id, name }) => ({
    id,
    name: name ?? id,
    selfUri: `/api/v2/routing/wrapupcodes/${id}`,
  }));
  return { status: 200, body };
}

// A code without queues is offered everywhere.
function codesOf({ platform }: Asked, { queue }: Leg): { id: string; name?: string | undefined }[] {
  return platform.directory.wrapupCodes
    .list()
    .filter(({ queueIds }) => queueIds === undefined || (queue !== undefined && queueIds.includes(queue.id)));
}

/** Changes the skills and the priority of a call that waits in a queue. */
export function changeRouting(asked: Asked): Answer {
  const conversation = conversationNow(asked);
  const asks = routingSchema.safeParse(asked.body);
  if (!asks.success) throw badRequest('The routing attributes are not as they must be');
  const { priority = 0, skillIds = [], skillExpression } = asks.data;
  const waiting = conversation.legs.findLast(
    ({ purpose, state }) => purpose === 'acd' && state === 'connected',
  );
  if (!waiting) throw badRequest('The conversation is not waiting in a queue');
  const skills = skillIds.map((id) => ({ id, name: id }));
  asked.platform.conversations.change(conversation.id, (current: Conversation) =>
    changeLeg(current, waiting.id, {
      conversationRoutingData: { priority, skills: skillIds.map((id) => ({ id })) },
    }),
  );
  return {
    status: 200,
    body: { priority, skills, ...(skillExpression !== undefined && { skillExpression }) },
  };
}
