import { randomUUID } from 'node:crypto';
import { HOME_DIVISION } from './directory.ts';
import type { ConversationFields, LegFields } from './schemas.ts';
import { type Conversation, hasLeft, type Leg } from './words.ts';

type Version = { at: number; conversation: Conversation };

const VERSIONS_KEPT = 200;
const NEVER_ANSWERED = /noanswer|notavailable|donotdisturb/;

/** The conversations, each with a short history of versions, so that a read can lag behind. */
export class Conversations {
  readonly #histories = new Map<string, Version[]>();
  readonly #now: () => number;
  readonly #onChange: (conversation: Conversation) => void;

  constructor(now: () => number, onChange: (conversation: Conversation) => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Creates the conversation or resets it; its history starts anew. A connected customer is added where no caller is given. */
  put(id: string, fields: ConversationFields = {}): Conversation {
    const at = new Date(this.#now()).toISOString();
    const given = fields.participants ?? [];
    const hasCaller = given.some(({ purpose }) => purpose === 'customer' || purpose === 'external');
    const legs: LegFields[] = hasCaller ? given : [{ purpose: 'customer' }, ...given];
    const conversation: Conversation = {
      id,
      media: fields.media ?? 'call',
      divisionId: fields.divisionId ?? HOME_DIVISION,
      startTime: fields.startTime ?? at,
      recordingState: fields.recordingState === undefined ? 'none' : fields.recordingState,
      securePause: fields.securePause === undefined ? false : fields.securePause,
      legs: legs.map((leg) => makeLeg(leg, at)),
      commands: (fields.recentTransfers ?? []).map((command) => ({
        ...command,
        id: command.id ?? randomUUID(),
        dateIssued: command.dateIssued ?? at,
        transferType: command.transferType ?? 'Unattended',
      })),
    };
    this.#histories.set(id, [{ at: this.#now(), conversation: ended(conversation, at) }]);
    return conversation;
  }

  delete(id: string): void {
    this.#histories.delete(id);
  }

  clear(): void {
    this.#histories.clear();
  }

  /** The conversation as it is, or as it was at `at`; one younger than `at` is shown as it was first. */
  read(id: string, at = Number.POSITIVE_INFINITY): Conversation | undefined {
    const history = this.#histories.get(id);
    return (history?.findLast((version) => version.at <= at) ?? history?.[0])?.conversation;
  }

  /** Changes a conversation; `record` runs in the same moment, before any listener. Undefined for an unknown one. */
  change(
    id: string,
    change: (conversation: Conversation) => Conversation,
    record?: () => void,
  ): Conversation | undefined {
    const history = this.#histories.get(id);
    const current = history?.at(-1);
    if (!history || !current) return undefined;
    const now = this.#now();
    const conversation = ended(change(current.conversation), new Date(now).toISOString());
    history.push({ at: now, conversation });
    if (history.length > VERSIONS_KEPT) history.shift();
    record?.();
    this.#onChange(conversation);
    return conversation;
  }
}

/** A whole leg: connected unless its fields say otherwise, with the times that its state implies. */
export function makeLeg(fields: LegFields, at: string): Leg {
  const state = fields.state ?? 'connected';
  const leg: Leg = {
    ...fields,
    state,
    id: fields.id ?? randomUUID(),
    communicationId: fields.communicationId ?? randomUUID(),
    startTime: fields.startTime ?? at,
  };
  const wasConnected =
    state === 'connected' || (hasLeft(leg) && !NEVER_ANSWERED.test(leg.disconnectType ?? ''));
  return {
    ...leg,
    direction: fields.direction ?? 'inbound',
    ...(wasConnected && { connectedTime: fields.connectedTime ?? at }),
    ...(state === 'alerting' && { startAlertingTime: fields.startAlertingTime ?? at }),
    ...(hasLeft(leg) && { endTime: fields.endTime ?? at }),
  };
}

// A conversation is over once every leg has left it.
function ended(conversation: Conversation, at: string): Conversation {
  const isOver = conversation.legs.every(hasLeft);
  return { ...conversation, endTime: isOver ? (conversation.endTime ?? at) : undefined };
}
