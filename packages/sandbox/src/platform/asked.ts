import { drawLatency, type Settings } from '../settings.ts';
import { type Client, reaches } from './clients.ts';
import { HOME_DIVISION, type Shelf } from './directory.ts';
import type { Platform } from './platform.ts';
import { conversationNotFound, notFound, Refusal } from './refusal.ts';
import type { PlatformStep } from './schemas.ts';
import { type Conversation, findLeg, type Leg } from './words.ts';

/** An admitted request of the Platform API without its transport, and what it is answered from. */
export type Asked = {
  platform: Platform;
  shared: Readonly<Settings>;
  now: () => number;
  random: () => number;
  client: Client;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | string[] | undefined>>;
  body: unknown;
  step: PlatformStep;
};

/** The conversation as it is now; refused for one that is unknown, or lies where the client has no role. */
export function conversationNow(asked: Asked): Conversation {
  return visible(asked, asked.platform.conversations.read(conversationId(asked)));
}

/** The conversation as a reading shows it: up to `readLagMs` old. */
export function conversationSeen(asked: Asked): Conversation {
  const { platform, shared, now, random } = asked;
  const lag = drawLatency(shared.readLagMs, random);
  const id = conversationId(asked);
  return visible(asked, platform.conversations.read(id, lag > 0 ? now() - lag : undefined));
}

function conversationId({ params }: Asked): string {
  return params.conversationId ?? '';
}

function visible(asked: Asked, conversation: Conversation | undefined): Conversation {
  if (!conversation) throw conversationNotFound(conversationId(asked));
  checkDivision(asked, conversation.divisionId, () => conversationNotFound(conversationId(asked)));
  return conversation;
}

/** The leg that the path names. */
export function legNow(asked: Asked, conversation: Conversation): Leg {
  const id = asked.params.participantId ?? '';
  const leg = findLeg(conversation, id);
  if (!leg) throw notFound('participant', id);
  return leg;
}

/** A user, queue … that the client may see. */
export function thing<Fields extends { divisionId?: string | undefined }>(
  asked: Asked,
  shelf: Shelf<Fields>,
  id: string,
  unknown = () => notFound(shelf.name, id),
): Fields & { id: string } {
  const found = shelf.get(id);
  if (!found) throw unknown();
  checkDivision(asked, found.divisionId ?? HOME_DIVISION, unknown);
  return found;
}

function checkDivision({ client, platform }: Asked, divisionId: string, unknown: () => Refusal): void {
  if (reaches(client, divisionId)) return;
  if (platform.settings.otherDivisionStatus === 404) throw unknown();
  throw new Refusal(403, 'not.authorized', 'You are not authorized to perform the requested action.');
}

/** The words of a query parameter that may be repeated, or hold several words with commas. */
export function wordsOf({ query }: Asked, name: string): string[] {
  return [query[name] ?? []].flat().flatMap((text) => text.split(','));
}
