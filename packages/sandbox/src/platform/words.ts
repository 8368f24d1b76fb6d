/**
 * The words of the Platform API in the sandbox, beside those of `../words.ts`.
 *
 * leg        a participant of a conversation; its id is what a transfer names
 * command    a transfer that was accepted: an entry of `recentTransfers`, unless it is not shown
 * mode       `Attended`: the old leg stays until the new one connects; `Unattended`: it leaves at once
 * plan       what becomes of a command, and when
 */

/** The operations by the ids that the definition of the API gives them; the token endpoint has none there. */
export const conversationOperations = [
  'getConversationsCall',
  'getConversation',
  'postConversationParticipantReplaceQueue',
  'postConversationParticipantReplaceAgent',
  'postConversationParticipantReplaceContactExternal',
  'postConversationParticipantTransfer',
  'postConversationsCallParticipantConsultQueue',
  'postConversationsCallParticipantConsultAgent',
  'postConversationsCallParticipantConsultContactExternal',
  'postConversationsCallParticipantVoiceConsult',
  'postConversationsCallParticipantCommunicationWrapup',
  'getConversationsCallParticipantWrapupcodes',
  'getConversationParticipantWrapupcodes',
  'patchRoutingConversation',
] as const;

export const platformOperations = [
  'postOauthToken',
  'getTokensMe',
  'headTokensMe',
  ...conversationOperations,
  'getUser',
  'getUserRoles',
  'getUserRoutingstatus',
  'getUserPresencesPurecloud',
  'getAuthorizationSubject',
  'getAuthorizationSubjectsMe',
  'getRoutingQueue',
  'getRoutingQueues',
  'getRoutingQueueMediatypeEstimatedwaittime',
  'postAnalyticsQueuesObservationsQuery',
  'getArchitectSchedulegroup',
  'getArchitectSchedule',
  'getArchitectEmergencygroup',
  'getOrganizationsMe',
  'getOrganizationsLimitsNamespace',
] as const;
export type PlatformOperation = (typeof platformOperations)[number];

/** Operations whose 202 makes a command, so that a script can say what becomes of it. */
export const commandOperations: readonly PlatformOperation[] = [
  'postConversationParticipantReplaceQueue',
  'postConversationParticipantReplaceAgent',
  'postConversationParticipantReplaceContactExternal',
  'postConversationParticipantTransfer',
];

export const modes = ['Attended', 'Unattended'] as const;
export type Mode = (typeof modes)[number];

export const phoneTypes = ['WorkPhone', 'CellPhone', 'HomePhone', 'OtherPhone'] as const;
export type PhoneType = (typeof phoneTypes)[number];

/** Where a command sends the caller. The id of an `address` is the address itself. */
export type Destination =
  | { type: 'queue' | 'user' | 'address'; id: string }
  | { type: 'externalContact'; id: string; phoneType: PhoneType };

export type Ref = { id: string; name?: string | undefined };

/** A participant, in the fields of `CallMediaParticipant`; `communicationId` is shown as `calls[].id` of the generic conversation. */
export type Leg = {
  id: string;
  communicationId: string;
  purpose: string;
  state: string;
  name?: string | undefined;
  address?: string | undefined;
  ani?: string | undefined;
  dnis?: string | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
  disconnectType?: string | undefined;
  startTime?: string | undefined;
  startAlertingTime?: string | undefined;
  connectedTime?: string | undefined;
  endTime?: string | undefined;
  held?: boolean | undefined;
  muted?: boolean | undefined;
  confined?: boolean | undefined;
  recording?: boolean | undefined;
  recordingState?: RecordingState | undefined;
  securePause?: boolean | undefined;
  wrapupRequired?: boolean | undefined;
  wrapupPrompt?: string | undefined;
  wrapup?: Wrapup | undefined;
  user?: Ref | undefined;
  queue?: Ref | undefined;
  externalContact?: Ref | undefined;
  attributes?: Record<string, string> | undefined;
  conversationRoutingData?: RoutingData | undefined;
  monitoredParticipantId?: string | undefined;
  coachedParticipantId?: string | undefined;
  bargedParticipantId?: string | undefined;
  consultParticipantId?: string | undefined;
};

export type Wrapup = { code?: string | undefined; notes?: string | undefined };
export type RoutingData = { priority?: number | undefined; skills?: { id: string }[] | undefined };

export const commandStates = ['Pending', 'Active', 'Complete', 'Canceled', 'Failed', 'Timeout'] as const;
type CommandState = (typeof commandStates)[number];

/** An entry of `recentTransfers`. */
export type Command = {
  id: string;
  state: CommandState;
  transferType: Mode;
  dateIssued: string;
  initiator?: { userId?: string | undefined } | undefined;
  modifiedBy?: { id: string } | undefined;
  destination?: { userId?: string | undefined; address?: string | undefined } | undefined;
};

export const recordingStates = ['none', 'active', 'paused'] as const;
export type RecordingState = (typeof recordingStates)[number];

export const mediaTypes = ['call', 'callback', 'chat', 'email'] as const;
export type Media = (typeof mediaTypes)[number];

/** A conversation. A null `recordingState` or `securePause` is left out of every answer. */
export type Conversation = {
  readonly id: string;
  readonly media: Media;
  readonly divisionId: string;
  readonly startTime: string;
  readonly endTime?: string | undefined;
  readonly recordingState: RecordingState | null;
  readonly securePause: boolean | null;
  readonly legs: readonly Leg[];
  readonly commands: readonly Command[];
};

/** Whether a leg in this state is no part of the conversation any more. */
export function hasLeft({ state }: Leg): boolean {
  return state === 'disconnected' || state === 'terminated';
}

/** Whether this leg listens to others, as a supervisor's does. */
export function isListening(leg: Leg): boolean {
  return [leg.monitoredParticipantId, leg.coachedParticipantId, leg.bargedParticipantId].some(Boolean);
}

export function findLeg(conversation: Conversation, legId: string): Leg | undefined {
  return conversation.legs.find(({ id }) => id === legId);
}
