import { z } from 'zod';
import type { Agent } from '../../transfer/ports.ts';
import type { TargetType } from '../../transfer/request.ts';
import { Text } from '../http/answers.ts';
import type { Policies } from '../policies.ts';
import { covers, permissionsFor } from './permissions.ts';

const Condition = z.looseObject({
  variableName: z.string().nullish(),
  terms: z.array(z.unknown()).nullish(),
});

const Policy = z.looseObject({
  domain: z.string().nullish(),
  entityName: z.string().nullish(),
  actionSet: z.array(z.string()).nullish(),
  resourceConditionNode: Condition.nullish(),
  resourceCondition: z.string().nullish(),
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

/** What was granted, as `domain:entity:action`: without conditions, and under conditions only. */
export type Grants = { always: string[]; sometimes: string[] };
/** A user as remembered; null: Genesys does not say. */
export type Person = { id: string; state: string | null; granted: Grants | null };

/**
 * Everything that was granted. The plain list names also what a policy grants under conditions, so it does not count for what
 * only such policies grant. Pure.
 */
export function grantedBy({ permissions, permissionPolicies }: z.infer<typeof Authorization>): Grants {
  const policies = permissionPolicies ?? [];
  const granted = (isBound: boolean) =>
    policies
      .filter((policy) => hasCondition(policy) === isBound)
      .flatMap(({ domain, entityName, actionSet }) =>
        (actionSet ?? []).map((action) => `${domain ?? ''}:${entityName ?? ''}:${action}`),
      );
  const sometimes = granted(true);
  const listed = (permissions ?? []).filter((permission) => !covers(sometimes, permission));
  return { always: [...listed, ...granted(false)], sometimes };
}

/** `allowConditions` alone says that a policy may have some. */
function hasCondition({ resourceConditionNode: node, resourceCondition }: z.infer<typeof Policy>): boolean {
  return (
    (resourceCondition ?? '') !== '' || (node?.variableName ?? '') !== '' || (node?.terms ?? []).length > 0
  );
}

export function toPerson({ id, state, authorization }: z.infer<typeof User>): Person {
  return { id, state: state ?? null, granted: authorization == null ? null : grantedBy(authorization) };
}

type Allowed = { is: 'yes' | 'no' | 'unknown'; why: string };

/** Whether this user may transfer to targets of these types, where `unknown` says what is not told. Pure. */
export function toAgent(
  person: Person,
  types: readonly TargetType[],
  unknown: Policies['permissionUnknown'],
): Agent {
  const { id } = person;
  const { is, why } = mayTransfer(person, types);
  if (is !== 'unknown') return { id, mayTransfer: is === 'yes', why };
  if (unknown === 'allow')
    return { id, mayTransfer: true, why: `${why}; PERMISSION_UNKNOWN=allow accepts that` };
  return { id, mayTransfer: false, why: `${why}; PERMISSION_UNKNOWN=allow accepts that` };
}

function mayTransfer({ id, state, granted }: Person, types: readonly TargetType[]): Allowed {
  if (state !== null && state !== 'active') return { is: 'no', why: `agent ${id} is ${state}` };
  if (granted === null) return { is: 'unknown', why: `Genesys does not tell the permissions of agent ${id}` };
  const lacks = (list: string[]) =>
    types.filter((type) => !permissionsFor(type).some((one) => covers(list, one)));
  const needed = (lacking: TargetType[]) => [...new Set(lacking.flatMap(permissionsFor))].join(' or ');
  const lacking = lacks([...granted.always, ...granted.sometimes]);
  if (lacking.length > 0) return { is: 'no', why: `agent ${id} lacks ${needed(lacking)}` };
  const bound = lacks(granted.always);
  if (bound.length > 0)
    return {
      is: 'unknown',
      why: `agent ${id} has ${needed(bound)} under conditions only, which Handover cannot check`,
    };
  if (state === null) return { is: 'unknown', why: `Genesys does not tell whether agent ${id} is active` };
  return { is: 'yes', why: 'may transfer' };
}

export const RoutingStatus = z.looseObject({ status: z.string() });
