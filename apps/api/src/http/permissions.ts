import { type KeyRole, keyRoles } from '@handover/core/config';
import { consoleFiles, consolePages } from './console-pages.ts';

/**
 * What a route needs its caller to be allowed to do. `submit`: submit transfers. `cancel`: cancel one's own; `cancel-any`: also
 * those of others. `read`: transfers, reports, billing. `inspect`: read what operators work with: dead letters, Bull Board.
 * `observe`: metrics, documentation, details of readiness. `train`: use the simulator. `act`: replay, resolve, pause, resume.
 * `audit`: read who did what. `configure`: read the masked configuration. `sign-in`: what every known caller may.
 */
export const permissions = [
  ...(['submit', 'cancel', 'cancel-any', 'read', 'inspect', 'observe'] as const),
  ...(['train', 'act', 'audit', 'configure', 'sign-in'] as const),
] as const;
export type Permission = (typeof permissions)[number];

/** One permission, or several of which one is enough. */
export type Needs = Permission | readonly Permission[];

/** The roles, and `none` for a key without any, which may do what every key could before there were roles. */
export const roles = ['none', ...keyRoles] as const;
export type Role = 'none' | KeyRole;

export const permissionsOf: Record<Role, readonly Permission[]> = {
  none: ['submit', 'cancel', 'cancel-any', 'read', 'observe', 'train', 'sign-in'],
  submit: ['submit', 'cancel', 'read', 'observe', 'sign-in'],
  read: ['read', 'inspect', 'observe', 'sign-in'],
  train: ['train', 'sign-in'],
  operate: ['cancel', 'cancel-any', 'read', 'inspect', 'observe', 'act', 'audit', 'sign-in'],
  admin: permissions,
};

/** Routes without authentication, or with their own. Every other route declares what it needs. */
const PUBLIC = new Set([
  // They hold no data.
  ...[...consolePages, ...consoleFiles].map((url) => `GET ${url}`),
  ...['GET /healthz', 'GET /readyz', 'GET /problems', 'GET /problems/:code'],
  ...['POST /api/session', 'DELETE /api/session', 'POST /webhooks/billing-sync'],
]);

export function isPublic(method: string, url: string): boolean {
  return PUBLIC.has(`${method === 'HEAD' ? 'GET' : method} ${url}`);
}

/** The first of the needed permissions that is among these. */
export function granted(needs: Needs, among: ReadonlySet<Permission>): Permission | undefined {
  return [needs].flat().find((one) => among.has(one));
}

/** Which roles have one of these permissions. */
export function rolesFor(needs: Needs): Role[] {
  return roles.filter((role) => granted(needs, new Set(permissionsOf[role])) !== undefined);
}
