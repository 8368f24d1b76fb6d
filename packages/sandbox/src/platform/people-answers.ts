import type { Answer } from '../answer.ts';
import { type Asked, thing, wordsOf } from './asked.ts';
import { ALL_PERMISSIONS, type Client } from './clients.ts';
import { HOME_DIVISION } from './directory.ts';
import { notFound } from './refusal.ts';
import type { Thing } from './things.ts';

type User = Thing<'users'>;

export function readUser(asked: Asked): Answer {
  const user = thing(asked, asked.platform.directory.users, asked.params.userId ?? '');
  const expand = wordsOf(asked, 'expand');
  const { id, name, email, state = 'active', divisionId = HOME_DIVISION } = user;
  const showsAuthorization = expand.includes('authorization') && user.expandsAuthorization !== false;
  const body = {
    id,
    name: name ?? id,
    division: { id: divisionId, name: asked.platform.directory.divisionName(divisionId) },
    ...(email !== undefined && { email, username: email }),
    state,
    version: 1,
    ...(showsAuthorization && { authorization: authorizationOf(user) }),
    ...(expand.includes('routingStatus') && { routingStatus: routingStatusOf(user, id) }),
    ...(expand.includes('presence') && { presence: presenceOf(user) }),
    acdAutoAnswer: false,
    selfUri: `/api/v2/users/${id}`,
  };
  return { status: 200, body };
}

export function readUserRoles(asked: Asked): Answer {
  return {
    status: 200,
    body: authorizationOf(thing(asked, asked.platform.directory.users, asked.params.subjectId ?? '')),
  };
}

/** `OFF_QUEUE` also for a user that does not exist, as the platform says of itself. */
export function readRoutingStatus({ platform, params }: Asked): Answer {
  const id = params.userId ?? '';
  return { status: 200, body: routingStatusOf(platform.directory.users.get(id), id) };
}

export function readPresence(asked: Asked): Answer {
  return {
    status: 200,
    body: presenceOf(thing(asked, asked.platform.directory.users, asked.params.userId ?? '')),
  };
}

/** What a user or an OAuth client may do, by division. */
export function readSubject(asked: Asked): Answer {
  const id = asked.params.subjectId ?? '';
  const { users, clients } = asked.platform.directory;
  const user = users.get(id);
  if (user) return { status: 200, body: subjectOf(asked, user, [user.divisionId ?? HOME_DIVISION]) };
  const client = clients.get(id) ?? (asked.client.id === id ? asked.client : undefined);
  if (!client) throw notFound('subject', id);
  return { status: 200, body: clientSubject(asked, client) };
}

export function readOwnSubject(asked: Asked): Answer {
  return { status: 200, body: clientSubject(asked, asked.client) };
}

/** Who a token is for. */
export function readToken({ platform, client }: Asked): Answer {
  const organization = { id: platform.organization.id, name: platform.organization.name };
  const { id, name = id, authorizedGrantType = 'CLIENT-CREDENTIALS' } = client;
  return {
    status: 200,
    body: {
      organization,
      homeOrganization: organization,
      authorizedScope: [],
      OAuthClient: { id, name, authorizedGrantType, state: 'active', scope: [], organization },
    },
  };
}

export function headToken(): Answer {
  return { status: 200 };
}

function clientSubject(asked: Asked, client: Client): object {
  return subjectOf(asked, client, client.divisions ?? ['*']);
}

function subjectOf(asked: Asked, subject: User | Client, divisionIds: string[]): object {
  const { id, name = id, permissions = ALL_PERMISSIONS } = subject;
  const { directory } = asked.platform;
  const policies = permissions.map((permission) => {
    const [domain, entityName, action] = permission.split(':');
    return { domain, entityName, actions: [action] };
  });
  const grants = divisionIds.map((divisionId) => ({
    subjectId: id,
    division: {
      id: divisionId,
      name: divisionId === '*' ? 'All divisions' : directory.divisionName(divisionId),
      description: '',
      homeDivision: divisionId === HOME_DIVISION,
    },
    role: { id: `role-of-${id}`, name: `Role of ${name}`, description: '', policies },
  }));
  return { id, name, version: 1, grants, selfUri: `/api/v2/authorization/subjects/${id}` };
}

function authorizationOf({ roles = [], permissions = ALL_PERMISSIONS }: User): object {
  const permissionPolicies = permissions.map((permission, index) => {
    const [domain, entityName, action] = permission.split(':');
    return { id: `policy-${index + 1}`, domain, entityName, actionSet: [action], allowConditions: false };
  });
  return { roles, unusedRoles: [], permissions, permissionPolicies };
}

function routingStatusOf(user: User | undefined, userId: string): object {
  return { userId, status: user?.routingStatus ?? 'OFF_QUEUE' };
}

function presenceOf({ id, presence = 'Available' }: User): object {
  return {
    id,
    name: 'PURECLOUD',
    source: 'PURECLOUD',
    primary: true,
    presenceDefinition: { id: `presence-${presence.toLowerCase()}`, systemPresence: presence },
    message: '',
    selfUri: `/api/v2/users/${id}/presences/PURECLOUD`,
  };
}
