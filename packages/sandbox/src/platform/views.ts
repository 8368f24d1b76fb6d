import { type Command, type Conversation, hasLeft, type Leg } from './words.ts';

const COMMANDS_SHOWN = 20;
const CALL_STATES = [
  'alerting',
  'dialing',
  'contacting',
  'offering',
  'connected',
  'disconnected',
  'terminated',
  'converting',
  'uploading',
  'transmitting',
];

/** `CallConversation`: what `GET /api/v2/conversations/calls/{id}` shows. */
export function showCallConversation(conversation: Conversation): object {
  const { id, legs, recordingState, securePause } = conversation;
  return {
    id,
    participants: legs.map((leg) => showMediaParticipant(leg, conversation)),
    otherMediaUris: [],
    recentTransfers: showCommands(conversation),
    divisions: showDivisions(conversation),
    ...(recordingState !== null && { recordingState }),
    ...(securePause !== null && { securePause }),
    maxParticipants: 4,
    selfUri: `/api/v2/conversations/calls/${id}`,
  };
}

/** `Conversation`: the generic form, in which a leg has `calls` with communication ids. */
export function showConversation(conversation: Conversation): object {
  const { id, media, startTime, endTime, legs, recordingState, securePause } = conversation;
  return {
    id,
    startTime,
    ...(endTime !== undefined && { endTime }),
    participants: legs.map((leg) => showParticipant(leg, media)),
    conversationIds: [],
    recentTransfers: showCommands(conversation),
    divisions: showDivisions(conversation),
    ...(recordingState !== null && { recordingState: recordingState.toUpperCase() }),
    ...(securePause !== null && { securePause }),
    maxParticipants: 4,
    selfUri: `/api/v2/conversations/${id}`,
  };
}

function showCommands({ commands }: Conversation): readonly Command[] {
  return commands.slice(-COMMANDS_SHOWN);
}

function showDivisions({ divisionId }: Conversation): object[] {
  const selfUri = `/api/v2/authorization/divisions/${divisionId}`;
  return [{ division: { id: divisionId, selfUri }, entities: [] }];
}

// What the conversation hides, a leg that does not state it hides too.
function showMediaParticipant(
  { communicationId, ...leg }: Leg,
  { recordingState, securePause }: Conversation,
): object {
  return {
    ...leg,
    mediaRoles: ['full'],
    held: leg.held ?? false,
    muted: leg.muted ?? false,
    confined: leg.confined ?? false,
    recording: leg.recording ?? false,
    ...(recordingState !== null && { recordingState: leg.recordingState ?? 'none' }),
    ...(securePause !== null && { securePause: leg.securePause ?? false }),
    wrapupRequired: leg.wrapupRequired ?? false,
    attributes: leg.attributes ?? {},
    provider: 'Edge',
  };
}

function showParticipant(leg: Leg, media: Conversation['media']): object {
  const { id, purpose, startTime, connectedTime, endTime, name, address, ani, dnis } = leg;
  const { user, queue, externalContact, wrapup, wrapupPrompt, attributes = {} } = leg;
  const { consultParticipantId, monitoredParticipantId, coachedParticipantId, bargedParticipantId } = leg;
  return {
    ...{ id, purpose, startTime, connectedTime, endTime, name, address, ani, dnis },
    ...{ consultParticipantId, monitoredParticipantId, coachedParticipantId, bargedParticipantId },
    ...(user && { userId: user.id, userUri: `/api/v2/users/${user.id}` }),
    ...(queue && { queueId: queue.id, queueName: queue.name }),
    ...(externalContact && { externalContactId: externalContact.id }),
    wrapupRequired: leg.wrapupRequired ?? false,
    ...{ wrapup, wrapupPrompt, attributes },
    conversationRoutingData: leg.conversationRoutingData,
    [`${media}s`]: [media === 'call' ? showCall(leg) : showCommunication(leg)],
  };
}

function showCall(leg: Leg): object {
  const { held = false, muted = false, confined = false, recording = false, securePause = false } = leg;
  const state = CALL_STATES.includes(leg.state) ? leg.state : 'none';
  const isOver = hasLeft(leg);
  const wrapupState = leg.wrapup ? 'complete' : leg.wrapupRequired ? 'pending' : 'notApplicable';
  return {
    ...showCommunication(leg),
    state,
    ...{ held, muted, confined, recording, securePause },
    recordingState: leg.recordingState ?? 'none',
    startAlertingTime: leg.startAlertingTime,
    self: { name: leg.name, addressNormalized: leg.address },
    other: {},
    wrapup: leg.wrapup,
    afterCallWork: { state: isOver ? wrapupState : 'unknown' },
    afterCallWorkRequired: leg.wrapupRequired ?? false,
  };
}

function showCommunication(leg: Leg): object {
  const { communicationId, state, direction, disconnectType, connectedTime, endTime } = leg;
  return {
    id: communicationId,
    state,
    direction,
    disconnectType,
    connectedTime,
    ...(hasLeft(leg) && { disconnectedTime: endTime }),
    provider: 'Edge',
    segments: [],
  };
}
