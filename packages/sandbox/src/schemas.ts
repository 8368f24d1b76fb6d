import { z } from 'zod';
import { isUsableSecret } from './signature.ts';
import { queueStates, scriptedOperations, targetTypes, transferTypes } from './words.ts';

const LONGEST_WAIT_MS = 600_000;
const LONGEST_SKEW_MS = 31_536_000_000;

export const idSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .regex(/^(?!\.{1,2}$)/, 'must not be . or ..');

const targetSchema = z.strictObject({ id: idSchema, type: z.enum(targetTypes) });
export const waitSchema = z.number().min(0).max(LONGEST_WAIT_MS);

export const callSchema = z.strictObject({
  state: z.string().min(1).max(50).optional(),
  privacy: z.boolean().optional(),
  transferType: z.enum(transferTypes).optional(),
  target: targetSchema.optional(),
});

export const actionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['hang-up', 'make-private', 'bump-etag']) }),
  z.strictObject({
    action: z.literal('move'),
    target: targetSchema,
    transferType: z.enum(transferTypes).optional(),
  }),
]);

export const userSchema = z.strictObject({
  name: z.string().optional(),
  roles: z.array(z.strictObject({ id: z.string().min(1), name: z.string().optional() })).optional(),
});

export const queueSchema = z.strictObject({ name: z.string().optional(), state: z.enum(queueStates) });

export const bulkSchema = z.strictObject({
  calls: z.array(idSchema).optional(),
  users: z.array(idSchema).optional(),
  queues: z.array(idSchema).optional(),
});

const headersSchema = z.record(
  z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not a header name')
    .regex(/^(?!(content-length|transfer-encoding|connection)$)/i, 'is set by the sandbox itself'),
  z.string().regex(/^[\t\x20-\x7e]*$/, 'is not a header value'),
);

/** What a step of either world may say. */
export const stepFields = {
  times: z.int().min(1).max(1_000_000).optional(),
  latencyMs: waitSchema.optional(),
  status: z.int().min(200).max(599).optional(),
  headers: headersSchema.optional(),
  body: z.json().optional(),
  effect: z.boolean().optional(),
  drop: z.enum(['before', 'after']).optional(),
  hang: z.enum(['before', 'after']).optional(),
  cutBody: z.literal(true).optional(),
  invalidBody: z.literal(true).optional(),
  trickle: z.number().min(1).max(10_000).optional(),
};
const plainStepSchema = z.strictObject(stepFields);
type PlainStep = z.infer<typeof plainStepSchema>;

/** Refuses fields of a step that do not go together. */
export function checkStep(step: PlainStep, context: z.core.$RefinementCtx): void {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  for (const field of ['headers', 'body', 'effect'] as const) {
    if (step[field] !== undefined && step.status === undefined) refuse(field, 'needs a status');
  }
  for (const field of ['drop', 'hang', 'invalidBody'] as const) {
    if (step[field] !== undefined && step.status !== undefined) refuse(field, 'cannot go with a status');
  }
  const endings = (['drop', 'hang', 'cutBody', 'invalidBody', 'trickle'] as const).filter(
    (field) => step[field] !== undefined,
  );
  for (const field of endings.slice(1)) refuse(field, `cannot go with ${endings[0]}`);
}

const stepSchema = z.strictObject({ ...stepFields, before: actionSchema.optional() }).superRefine(checkStep);

/** How one request (or the next `times` ones) is answered; `{}` means normal behaviour. */
export type Step<Action = z.infer<typeof actionSchema>> = PlainStep & { before?: Action | undefined };

export const scriptSchema = z
  .strictObject({
    operation: z.enum(scriptedOperations),
    id: idSchema.optional(),
    steps: z.array(stepSchema).min(1),
  })
  .superRefine((script, context) => {
    if (script.operation === 'token' && script.id !== undefined) {
      context.addIssue({ code: 'custom', path: ['id'], message: 'a token request has no id' });
    }
    if (script.operation === 'call' || script.operation === 'transfer') return;
    for (const [index, step] of script.steps.entries()) {
      if (!step.before) continue;
      const path = ['steps', index, 'before'];
      context.addIssue({ code: 'custom', path, message: `a ${script.operation} request has no call` });
    }
  });

/** Steps for the next requests of an operation: for that id, or without one for any. */
export type Script = z.infer<typeof scriptSchema>;

export const latencySchema = z.union([
  waitSchema,
  z
    .strictObject({ min: waitSchema, max: waitSchema })
    .refine(({ min, max }) => min <= max, 'min must not be above max'),
]);

/** A delay in milliseconds, fixed or uniform between two bounds. */
export type Latency = z.infer<typeof latencySchema>;

const rateSchema = z.number().min(0).max(1);

/** A secret of Standard Webhooks: base64 if it starts with `whsec_`, else any text. */
export const secretSchema = z.string().refine(isUsableSecret, 'is empty, or not base64 after whsec_');

export const settingsSchema = z.strictObject({
  requestsPerMinute: z.int().min(0).optional(),
  rateLimitWindowMs: z.int().min(1).max(3_600_000).optional(),
  latencyMs: latencySchema.optional(),
  transferLatencyMs: latencySchema.optional(),
  readLagMs: latencySchema.optional(),
  tokenLifeSeconds: z.int().min(1).max(31_536_000).optional(),
  conflictStatus: z.union([z.literal(409), z.literal(412)]).optional(),
  etagCompared: z.enum(['when-carried-out', 'on-arrival']).optional(),
  webhookRoutes: z.enum(['all', 'create']).optional(),
  eventDropRate: rateSchema.optional(),
  eventDuplicateRate: rateSchema.optional(),
  eventDelayMs: latencySchema.optional(),
  eventIds: z.boolean().optional(),
  eventTargetTypes: z.boolean().optional(),
  eventClockSkewMs: z.int().min(-LONGEST_SKEW_MS).max(LONGEST_SKEW_MS).optional(),
  eventRetryIntervalMs: waitSchema.nullable().optional(),
  eventSecret: secretSchema.nullable().optional(),
  eventHeaders: headersSchema.optional(),
  billingSecret: secretSchema.nullable().optional(),
  billingLatencyMs: latencySchema.optional(),
  billingStatus: z.int().min(200).max(599).nullable().optional(),
});

export type SettingsChange = z.infer<typeof settingsSchema>;
