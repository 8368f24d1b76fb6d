import { z } from 'zod';
import { checkStep, idSchema, latencySchema, stepFields, waitSchema } from '../schemas.ts';
import {
  commandOperations,
  commandStates,
  conversationOperations,
  mediaTypes,
  modes,
  phoneTypes,
  platformOperations,
  recordingStates,
} from './words.ts';

const textSchema = z.string().max(2000);
const wordSchema = z.string().min(1).max(50);
const timeSchema = z.iso.datetime();
const refSchema = z.strictObject({ id: idSchema, name: textSchema.optional() });
export const permissionsSchema = z.array(
  z.string().regex(/^[\w.*-]+:[\w.*-]+:[\w.*-]+$/, 'must be domain:entity:action'),
);

const legFields = {
  communicationId: idSchema.optional(),
  name: textSchema.optional(),
  address: textSchema.optional(),
  ani: textSchema.optional(),
  dnis: textSchema.optional(),
  direction: z.enum(['inbound', 'outbound']).optional(),
  disconnectType: wordSchema.optional(),
  startTime: timeSchema.optional(),
  startAlertingTime: timeSchema.optional(),
  connectedTime: timeSchema.optional(),
  endTime: timeSchema.optional(),
  held: z.boolean().optional(),
  muted: z.boolean().optional(),
  confined: z.boolean().optional(),
  recording: z.boolean().optional(),
  recordingState: z.enum(recordingStates).optional(),
  securePause: z.boolean().optional(),
  wrapupRequired: z.boolean().optional(),
  wrapupPrompt: wordSchema.optional(),
  wrapup: z.strictObject({ code: idSchema.optional(), notes: textSchema.optional() }).optional(),
  user: refSchema.optional(),
  queue: refSchema.optional(),
  externalContact: refSchema.optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  conversationRoutingData: z
    .strictObject({
      priority: z.int().optional(),
      skills: z.array(z.strictObject({ id: idSchema })).optional(),
    })
    .optional(),
  monitoredParticipantId: idSchema.optional(),
  coachedParticipantId: idSchema.optional(),
  bargedParticipantId: idSchema.optional(),
  consultParticipantId: idSchema.optional(),
};

const legSchema = z.strictObject({
  id: idSchema.optional(),
  purpose: wordSchema,
  state: wordSchema.optional(),
  ...legFields,
});
export type LegFields = z.infer<typeof legSchema>;

const commandSchema = z.strictObject({
  id: idSchema.optional(),
  state: z.enum(commandStates),
  transferType: z.enum(modes).optional(),
  dateIssued: timeSchema.optional(),
  initiator: z.strictObject({ userId: idSchema.optional() }).optional(),
  modifiedBy: z.strictObject({ id: idSchema }).optional(),
  destination: z.strictObject({ userId: idSchema.optional(), address: textSchema.optional() }).optional(),
});

const privacyFields = {
  recordingState: z.enum(recordingStates).nullable().optional(),
  securePause: z.boolean().nullable().optional(),
};

export const conversationSchema = z
  .strictObject({
    media: z.enum(mediaTypes).optional(),
    divisionId: idSchema.optional(),
    startTime: timeSchema.optional(),
    participants: z.array(legSchema).max(200).optional(),
    recentTransfers: z.array(commandSchema).max(20).optional(),
    ...privacyFields,
  })
  .superRefine(({ participants = [] }, context) => {
    const ids = participants.flatMap(({ id }) => id ?? []);
    if (new Set(ids).size === ids.length) return;
    context.addIssue({ code: 'custom', path: ['participants'], message: 'two have the same id' });
  });
export type ConversationFields = z.infer<typeof conversationSchema>;

const destinationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['queue', 'user', 'address']), id: idSchema }),
  z.strictObject({ type: z.literal('externalContact'), id: idSchema, phoneType: z.enum(phoneTypes) }),
]);

/** Something that happens to a conversation without the Platform API. */
export const conversationActionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('hang-up') }),
  z.strictObject({ action: z.literal('change'), ...privacyFields, divisionId: idSchema.optional() }),
  z.strictObject({ action: z.literal('add-leg'), leg: legSchema }),
  z.strictObject({
    action: z.literal('change-leg'),
    leg: idSchema,
    change: z.strictObject({ purpose: wordSchema.optional(), state: wordSchema.optional(), ...legFields }),
  }),
  z.strictObject({ action: z.literal('pick-up'), userId: idSchema }),
  z.strictObject({ action: z.literal('cancel-transfers'), userId: idSchema.optional() }),
  z.strictObject({
    action: z.literal('move'),
    destination: destinationSchema,
    leg: idSchema.optional(),
    userId: idSchema.optional(),
  }),
]);
export type ConversationAction = z.infer<typeof conversationActionSchema>;

const legEndSchema = z.strictObject({
  afterMs: waitSchema,
  state: wordSchema,
  disconnectType: wordSchema.optional(),
});

export const planSchema = z.strictObject({
  ends: z.enum(['Complete', 'Failed', 'Timeout', 'Canceled', 'Pending']).optional(),
  afterMs: latencySchema.optional(),
  activeAfterMs: waitSchema.nullable().optional(),
  shown: z.boolean().optional(),
  canceledBy: idSchema.nullable().optional(),
  answers: z.boolean().optional(),
  connectMs: latencySchema.optional(),
  ringMs: latencySchema.optional(),
  unanswered: z.enum(['Timeout', 'Failed', 'Pending']).optional(),
  voicemail: z.boolean().optional(),
  releases: z.boolean().optional(),
  legEnds: z.array(legEndSchema).min(1).max(20).optional(),
});
export type PlanFields = z.infer<typeof planSchema>;

/** The limit that a scripted 429 names. */
const limitSchema = z.strictObject({ namespace: wordSchema, key: textSchema, value: z.int().min(0) });

const platformStepSchema = z
  .strictObject({
    ...stepFields,
    before: conversationActionSchema.optional(),
    command: planSchema.optional(),
    code: wordSchema.optional(),
    message: textSchema.optional(),
    limit: limitSchema.optional(),
  })
  .superRefine((step, context) => {
    checkStep(step, context);
    for (const field of ['code', 'message', 'limit'] as const) {
      if (step[field] === undefined || (step.status ?? 0) >= 400) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'needs a status of 400 or more' });
    }
  });
export type PlatformStep = z.infer<typeof platformStepSchema>;

export const platformScriptSchema = z
  .strictObject({
    operation: z.enum(platformOperations),
    id: idSchema.optional(),
    steps: z.array(platformStepSchema).min(1),
  })
  .superRefine(({ operation, steps }, context) => {
    const hasConversation = conversationOperations.some((known) => known === operation);
    const refuse = (index: number, field: string, message: string) =>
      context.addIssue({ code: 'custom', path: ['steps', index, field], message });
    for (const [index, { before, command }] of steps.entries()) {
      if (before && !hasConversation) refuse(index, 'before', `a ${operation} request has no conversation`);
      if (command && !commandOperations.includes(operation)) {
        refuse(index, 'command', `a ${operation} request makes no command`);
      }
    }
  });
/** Steps for the next requests of an operation: for that conversation, user, queue …, or without an id for any. */
export type PlatformScript = z.infer<typeof platformScriptSchema>;

export const platformSettingsSchema = z.strictObject({
  command: planSchema.optional(),
  secondReplace: z.enum(['refused', 'accepted']).optional(),
  queueNotFoundStatus: z.union([z.literal(404), z.literal(400)]).optional(),
  otherDivisionStatus: z.union([z.literal(404), z.literal(403)]).optional(),
  wrapupNeedsUser: z.boolean().optional(),
  requestsByOthers: z.int().min(0).optional(),
});
export type PlatformSettingsChange = z.infer<typeof platformSettingsSchema>;
