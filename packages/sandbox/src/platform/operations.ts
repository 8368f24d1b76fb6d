import type { Answer } from '../answer.ts';
import type { Asked } from './asked.ts';
import {
  changeRouting,
  readCall,
  readConversation,
  readWrapupCodes,
  wrapUp,
} from './conversation-answers.ts';
import {
  headToken,
  readOwnSubject,
  readPresence,
  readRoutingStatus,
  readSubject,
  readToken,
  readUser,
  readUserRoles,
} from './people-answers.ts';
import {
  refuseConsult,
  replaceWithAddress,
  replaceWithContact,
  replaceWithQueue,
  replaceWithUser,
} from './replace.ts';
import {
  estimateWait,
  listQueues,
  observeQueues,
  readEmergencyGroup,
  readLimits,
  readOrganization,
  readQueue,
  readSchedule,
  readScheduleGroup,
} from './routing-answers.ts';
import type { PlatformOperation } from './words.ts';

/** One operation as the definition of the API has it: any one of the permissions will do. */
export type OperationDefinition = {
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH';
  path: string;
  permissions: readonly string[];
  answer: (asked: Asked) => Answer;
};

const participant = '/api/v2/conversations/:conversationId/participants/:participantId';
const callParticipant = '/api/v2/conversations/calls/:conversationId/participants/:participantId';
const communication = 'conversation:communication';
const viewsQueues = ['routing:queue:view'];
const viewsGrants = ['authorization:grant:view'];

function blind(path: string, more: string[], answer: OperationDefinition['answer']): OperationDefinition {
  const permissions = ['blindTransfer', ...more].map((action) => `${communication}:${action}`);
  return { method: 'POST', path: `${participant}/${path}`, permissions, answer };
}

// Every client is refused for want of a user, whatever its permissions.
function consult(path: string): OperationDefinition {
  return { method: 'POST', path: `${callParticipant}/${path}`, permissions: [], answer: refuseConsult };
}

function read(
  path: string,
  permissions: readonly string[],
  answer: OperationDefinition['answer'],
): OperationDefinition {
  return { method: 'GET', path: `/api/v2/${path}`, permissions, answer };
}

/** Every operation but the token request, which needs no token. */
export const operations: Record<Exclude<PlatformOperation, 'postOauthToken'>, OperationDefinition> = {
  getTokensMe: read('tokens/me', [], readToken),
  headTokensMe: { method: 'HEAD', path: '/api/v2/tokens/me', permissions: [], answer: headToken },
  getConversationsCall: read('conversations/calls/:conversationId', [], readCall),
  getConversation: read('conversations/:conversationId', [`${communication}:view`], readConversation),
  postConversationParticipantReplaceQueue: blind('replace/queue', ['blindTransferQueue'], replaceWithQueue),
  postConversationParticipantReplaceAgent: blind('replace/agent', ['blindTransferAgent'], replaceWithUser),
  postConversationParticipantReplaceContactExternal: blind(
    'replace/contact/external',
    ['blindTransferExternalContact'],
    replaceWithContact,
  ),
  postConversationParticipantTransfer: blind('transfer', [], replaceWithAddress),
  postConversationsCallParticipantConsultQueue: consult('consult/queue'),
  postConversationsCallParticipantConsultAgent: consult('consult/agent'),
  postConversationsCallParticipantConsultContactExternal: consult('consult/contact/external'),
  postConversationsCallParticipantVoiceConsult: consult('voice/consult'),
  postConversationsCallParticipantCommunicationWrapup: {
    method: 'POST',
    path: `${callParticipant}/communications/:communicationId/wrapup`,
    permissions: ['conversation:participant:wrapup'],
    answer: wrapUp,
  },
  getConversationsCallParticipantWrapupcodes: {
    method: 'GET',
    path: `${callParticipant}/wrapupcodes`,
    permissions: [],
    answer: readWrapupCodes,
  },
  getConversationParticipantWrapupcodes: {
    method: 'GET',
    path: `${participant}/wrapupcodes`,
    permissions: [],
    answer: readWrapupCodes,
  },
  patchRoutingConversation: {
    method: 'PATCH',
    path: '/api/v2/routing/conversations/:conversationId',
    permissions: ['routing:conversation:edit'],
    answer: changeRouting,
  },
  getUser: read('users/:userId', [], readUser),
  getUserRoles: read('users/:subjectId/roles', viewsGrants, readUserRoles),
  getUserRoutingstatus: read('users/:userId/routingstatus', [], readRoutingStatus),
  getUserPresencesPurecloud: read('users/:userId/presences/purecloud', [], readPresence),
  getAuthorizationSubject: read('authorization/subjects/:subjectId', viewsGrants, readSubject),
  getAuthorizationSubjectsMe: read('authorization/subjects/me', [], readOwnSubject),
  getRoutingQueue: read('routing/queues/:queueId', viewsQueues, readQueue),
  getRoutingQueues: read('routing/queues', viewsQueues, listQueues),
  getRoutingQueueMediatypeEstimatedwaittime: read(
    'routing/queues/:queueId/mediatypes/:mediaType/estimatedwaittime',
    viewsQueues,
    estimateWait,
  ),
  postAnalyticsQueuesObservationsQuery: {
    method: 'POST',
    path: '/api/v2/analytics/queues/observations/query',
    permissions: ['analytics:queueObservation:view'],
    answer: observeQueues,
  },
  getArchitectSchedulegroup: read(
    'architect/schedulegroups/:scheduleGroupId',
    ['routing:scheduleGroup:view'],
    readScheduleGroup,
  ),
  getArchitectSchedule: read('architect/schedules/:scheduleId', ['routing:schedule:view'], readSchedule),
  getArchitectEmergencygroup: read(
    'architect/emergencygroups/:emergencyGroupId',
    ['routing:emergencyGroup:view'],
    readEmergencyGroup,
  ),
  getOrganizationsMe: read('organizations/me', [], readOrganization),
  getOrganizationsLimitsNamespace: read('organizations/limits/namespaces/:namespaceName', [], readLimits),
};
