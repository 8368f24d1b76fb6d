import { z } from 'zod';
import type { Agent, Availability } from '../../transfer/ports.ts';
import type { TargetType } from '../../transfer/request.ts';
import { Text } from '../http/answers.ts';
import { covers, permissionsFor } from './permissions.ts';

const Policy = z.looseObject({
  domain: z.string().nullish(),
  entityName: z.string().nullish(),
  actionSet: z.array(z.string()).nullish(),
});

/** What a user was granted (`UserAuthorization`). */
export const Authorization = z.looseObject({
  permissions: z.array(z.string()).nullish(),
  permissionPolicies: z.array(Policy).nullish(),
});

/** A user with `expand=authorization`; the block is expanded on a best-effort basis, so it may be missing. */
export const User = z.looseObject({
  id: Text,
  state: z.string().nullish(),
  authorization: Authorization.nullish(),
});

/** A user as remembered: `granted` is null where Genesys does not say. */
export type Person = { id: string; state: string; granted: string[] | null };

/** Everything that was granted, as `domain:entity:action`. Pure. */
export function grantedBy({ permissions, permissionPolicies }: z.infer<typeof Authorization>): string[] {
  const policies = (permissionPolicies ?? []).flatMap(({ domain, entityName, actionSet }) =>
    (actionSet ?? []).map((action) => `${domain ?? ''}:${entityName ?? ''}:${action}`),
  );
  return [...(permissions ?? []), ...policies];
}

export function toPerson({ id, state, authorization }: z.infer<typeof User>): Person {
  return { id, state: state ?? 'unknown', granted: authorization == null ? null : grantedBy(authorization) };
}

/** Whether this user may transfer to targets of these types. Pure. Unknown permissions count as none. */
export function toAgent({ id, state, granted }: Person, types: readonly TargetType[]): Agent {
  if (state !== 'active') return { id, mayTransfer: false, why: `the agent is ${state}` };
  if (granted === null)
    return { id, mayTransfer: false, why: 'Genesys does not report the permissions of the agent' };
  const lacking = types.filter((type) => !permissionsFor(type).some((one) => covers(granted, one)));
  if (lacking.length === 0) return { id, mayTransfer: true, why: 'may transfer' };
  const needed = [...new Set(lacking.flatMap(permissionsFor))].join(' or ');
  return { id, mayTransfer: false, why: `the agent lacks ${needed}` };
}

export const RoutingStatus = z.looseObject({ status: z.string() });

/** An agent takes calls while on queue. Pure. */
export function toUserAvailability({ status }: z.infer<typeof RoutingStatus>): Availability {
  return { open: status === 'IDLE' || status === 'INTERACTING', state: status };
}
