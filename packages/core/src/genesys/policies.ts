import { z } from 'zod';

export const privateSignals = ['secure-pause', 'recording-paused'] as const;
export type PrivateSignal = (typeof privateSignals)[number];

export const routingStatuses = [
  'OFF_QUEUE',
  'IDLE',
  'INTERACTING',
  'NOT_RESPONDING',
  'COMMUNICATING',
] as const;

/** What becomes of a transfer where the platform does not tell a fact that decides. */
export const unknowns = ['reject', 'allow'] as const;
type Unknown = (typeof unknowns)[number];

/** What makes a call private, on a platform without such a flag. */
export type PrivacyPolicy = {
  readonly signals: readonly PrivateSignal[];
  /** A participant attribute with this name, and this value if given. */
  readonly attribute?: { readonly name: string; readonly value?: string | undefined } | undefined;
  readonly divisions: readonly string[];
  readonly unknown: Unknown;
};

const Guid = z.guid('must be an id of Genesys, a UUID');
const Most = z.int().min(1);

/** When a queue takes calls; a field that is absent is not asked about. */
const QueuePolicy = z.strictObject({
  minOnQueue: z.int().min(0).optional(),
  maxWaiting: Most.optional(),
  maxWaitSeconds: Most.optional(),
  minJoinedMembers: Most.optional(),
  scheduleGroupId: Guid.optional(),
  emergencyGroupId: Guid.optional(),
});
export type QueuePolicy = Readonly<z.infer<typeof QueuePolicy>>;

/** The file of `QUEUE_POLICY_FILE`. */
export const QueuePolicies = z.strictObject({
  default: QueuePolicy.default({}),
  queues: z
    .record(z.string(), QueuePolicy)
    .superRefine((queues, context) => {
      for (const id of Object.keys(queues))
        if (!Guid.safeParse(id).success)
          context.addIssue({ code: 'custom', path: [id], message: 'is not the id of a queue, a UUID' });
    })
    .transform((queues) =>
      Object.fromEntries(Object.entries(queues).map(([id, policy]) => [id.toLowerCase(), policy])),
    )
    .default({}),
});
export type QueuePolicies = {
  readonly default: QueuePolicy;
  readonly queues: Readonly<Record<string, QueuePolicy>>;
};

/** What the operator decides about calls, agents and targets; the voice API says it all itself. */
export type Policies = {
  readonly privacy: PrivacyPolicy;
  readonly permissionUnknown: Unknown;
  /** The routing statuses in which a user takes calls. */
  readonly userStatuses: readonly string[] | 'any';
  readonly queues: QueuePolicies;
};

/** What applies where nothing is configured. */
export const defaultPolicies: Policies = {
  privacy: { signals: privateSignals, divisions: [], unknown: 'reject' },
  permissionUnknown: 'reject',
  userStatuses: ['IDLE', 'INTERACTING'],
  queues: { default: {}, queues: {} },
};

const FEWEST_ON_QUEUE = 1;

/** The policy of a queue: its own fields before those of all queues. Pure. */
export function policyOf(policies: QueuePolicies, queueId: string): QueuePolicy & { minOnQueue: number } {
  const policy = { ...policies.default, ...policies.queues[queueId.toLowerCase()] };
  return { ...policy, minOnQueue: policy.minOnQueue ?? FEWEST_ON_QUEUE };
}
