import { z } from 'zod';

export const transferTypes = ['blind', 'consult'] as const;
export type TransferType = (typeof transferTypes)[number];

export const targetTypes = ['queue', 'user', 'skillGroup', 'externalContact', 'address'] as const;
export type TargetType = (typeof targetTypes)[number];

/** Which number of an external contact is called. */
export const phoneTypes = ['WorkPhone', 'CellPhone', 'HomePhone', 'OtherPhone'] as const;

/** `attended`: the agent keeps the call until the target has taken it; `unattended`: the agent is released at once. */
export const transferModes = ['attended', 'unattended'] as const;
export type TransferMode = (typeof transferModes)[number];

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what an id must not have
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Opaque text of 1 to 200 characters without control characters, not `.` or `..`. */
export const Id = z
  .string()
  .min(1)
  .max(200)
  .refine((id) => !CONTROL.test(id), 'must not contain control characters')
  .refine((id) => id !== '.' && id !== '..', 'must not be "." or ".."')
  .refine((id) => !LONE_SURROGATE.test(id), 'must be well-formed Unicode');

const MOST_SKILLS = 20;

/** Where to; a field that another type of target has is refused by its name. */
export const TargetBody = z
  .strictObject({
    type: z.enum(targetTypes),
    id: Id.describe('For an `address`: the phone number or SIP address.'),
    phoneType: z.enum(phoneTypes).optional().describe('Of an `externalContact`: which of its numbers.'),
    skills: z.array(Id).min(1).max(MOST_SKILLS).optional().describe('Of a `skillGroup`: ids of skills.'),
  })
  .superRefine(({ type, phoneType, skills }, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (type === 'externalContact' && phoneType === undefined) refuse('phoneType', 'is missing');
    if (type !== 'externalContact' && phoneType !== undefined)
      refuse('phoneType', 'belongs to a target of type externalContact');
    if (type !== 'skillGroup' && skills !== undefined)
      refuse('skills', 'belongs to a target of type skillGroup');
    if (skills !== undefined && new Set(skills).size < skills.length)
      refuse('skills', 'must not name a skill twice');
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof TargetBody>;
const Instant = z.iso.datetime({ offset: true });

const metadata = z
  .record(z.string().min(1).max(100), z.string().max(500))
  .refine((entries) => Object.keys(entries).length <= 20, 'must have at most 20 entries');

/** The body of a transfer request over HTTP. */
export const TransferBody = z
  .strictObject({
    callId: Id.describe('The call to move.'),
    userId: Id.describe('The agent on whose behalf it moves; asserted by the upstream.'),
    transferType: z.enum(transferTypes),
    target: TargetBody,
    fallback: TargetBody.optional().describe('Where to, when the target does not take calls.'),
    mode: z
      .enum(transferModes)
      .optional()
      .describe(
        'When the agent is released: once the target has the call, or at once; `unattended` when absent.',
      ),
    from: z.literal('queue').optional().describe('Also moves a call that waits in a queue, with no agent.'),
    wrapUpCodeId: Id.optional(),
    priority: z.int().min(0).max(9).optional().describe('0–9, higher first; 5 when absent.'),
    notBefore: Instant.optional().describe('Run later: not before this time.'),
    expiresAt: Instant.optional().describe('Never send after this time.'),
    metadata: metadata.optional().describe('Up to 20 strings, carried through to billing.'),
  })
  .meta({ id: 'TransferRequest' });
export type TransferBody = z.infer<typeof TransferBody>;

/** A parsed transfer request: the body with its times in epoch milliseconds. */
export type TransferRequest = Omit<TransferBody, 'notBefore' | 'expiresAt'> & {
  notBefore?: number | undefined;
  expiresAt?: number | undefined;
};

export type FieldError = { field: string; message: string };

/**
 * Turns a valid body into a request. Returns the fields that are wrong regardless of the current time (`notBefore` not before
 * `expiresAt`). Acceptance checks by Redis' clock whether a time is past or too far ahead.
 */
export function toRequest(
  body: TransferBody,
): { ok: true; request: TransferRequest } | { ok: false; errors: FieldError[] } {
  const { notBefore: start, expiresAt: end, ...rest } = body;
  const notBefore = start === undefined ? undefined : Date.parse(start);
  const expiresAt = end === undefined ? undefined : Date.parse(end);
  if (notBefore !== undefined && expiresAt !== undefined && notBefore >= expiresAt)
    return { ok: false, errors: [{ field: 'notBefore', message: 'is not before expiresAt' }] };
  return { ok: true, request: { ...rest, notBefore, expiresAt } };
}
