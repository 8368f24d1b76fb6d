import { z } from 'zod';
import { idSchema } from '../schemas.ts';
import { permissionsSchema } from './schemas.ts';
import { phoneTypes } from './words.ts';

const countSchema = z.int().min(0).max(1_000_000);
const nameSchema = z.string().max(200).optional();
const divisionSchema = idSchema.optional();
// Without a time zone, as the schedules of the platform are.
const localTimeSchema = z.iso.datetime({ local: true });
export const routingStatuses = [
  'OFF_QUEUE',
  'IDLE',
  'INTERACTING',
  'NOT_RESPONDING',
  'COMMUNICATING',
] as const;

/** What the platform knows besides conversations; each is put whole, and a field that is left out is as usual. */
export const thingSchemas = {
  users: z.strictObject({
    name: nameSchema,
    email: z.string().max(200).optional(),
    state: z.enum(['active', 'inactive', 'deleted']).optional(),
    divisionId: divisionSchema,
    permissions: permissionsSchema.optional(),
    roles: z.array(z.strictObject({ id: idSchema, name: z.string().max(200) })).optional(),
    expandsAuthorization: z.boolean().optional(),
    routingStatus: z.enum(routingStatuses).optional(),
    presence: z.string().min(1).max(50).optional(),
  }),
  queues: z.strictObject({
    name: nameSchema,
    divisionId: divisionSchema,
    memberCount: countSchema.optional(),
    joinedMemberCount: countSchema.optional(),
    onQueueUsers: z.partialRecord(z.enum(routingStatuses), countSchema).optional(),
    offQueueUsers: countSchema.optional(),
    waiting: countSchema.optional(),
    interacting: countSchema.optional(),
    isObserved: z.boolean().optional(),
    estimatedWaitTimeSeconds: countSchema.nullable().optional(),
  }),
  contacts: z.strictObject({
    name: nameSchema,
    divisionId: divisionSchema,
    phones: z.partialRecord(z.enum(phoneTypes), z.string().min(1).max(200)).optional(),
  }),
  schedules: z.strictObject({
    name: nameSchema,
    divisionId: divisionSchema,
    start: localTimeSchema,
    end: localTimeSchema,
    rrule: z.string().max(2000).optional(),
  }),
  schedulegroups: z.strictObject({
    name: nameSchema,
    divisionId: divisionSchema,
    timeZone: z.string().min(1).max(100).optional(),
    openSchedules: z.array(idSchema).optional(),
    closedSchedules: z.array(idSchema).optional(),
    holidaySchedules: z.array(idSchema).optional(),
  }),
  emergencygroups: z.strictObject({
    name: nameSchema,
    divisionId: divisionSchema,
    enabled: z.boolean().optional(),
  }),
  wrapupcodes: z.strictObject({ name: nameSchema, queueIds: z.array(idSchema).optional() }),
  divisions: z.strictObject({ name: nameSchema }),
  clients: z.strictObject({
    secret: z.string().min(1).max(200),
    name: nameSchema,
    authorizedGrantType: z
      .enum(['CLIENT-CREDENTIALS', 'CODE', 'TOKEN', 'SAML2-BEARER', 'PASSWORD'])
      .optional(),
    permissions: permissionsSchema.optional(),
    divisions: z.array(idSchema).optional(),
  }),
};

type Schemas = typeof thingSchemas;
export type Kind = keyof Schemas;
export type Fields<Each extends Kind> = z.infer<Schemas[Each]>;
export type Thing<Each extends Kind> = Fields<Each> & { id: string };
