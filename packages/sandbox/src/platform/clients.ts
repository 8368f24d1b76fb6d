import { randomBytes } from 'node:crypto';
import type { Directory } from './directory.ts';
import type { Thing } from './things.ts';

export type Client = Thing<'clients'>;

type Issued = { client: Client; expiry: number };

/** The permissions of a client or user that was put without any. */
export const ALL_PERMISSIONS = ['*:*:*'];
const EVERYWHERE = '*';

/** Whether one of the granted permissions covers the wanted one; a granted segment may be `*`. */
export function covers(granted: readonly string[], wanted: string): boolean {
  const segments = wanted.split(':');
  return granted.some((permission) =>
    permission.split(':').every((segment, index) => segment === '*' || segment === segments[index]),
  );
}

/** Whether the client's roles reach this division. */
export function reaches({ divisions = [EVERYWHERE] }: Client, divisionId: string): boolean {
  return divisions.includes(EVERYWHERE) || divisions.includes(divisionId);
}

/** The OAuth clients and the tokens that they got. Where none was put, every client gets a token and may do everything. */
export class Clients {
  readonly #directory: Directory;
  readonly #only: { id: string; secret: string } | undefined;
  readonly #now: () => number;
  readonly #tokens = new Map<string, Issued>();

  constructor(directory: Directory, only: { id: string; secret: string } | undefined, now: () => number) {
    this.#directory = directory;
    this.#only = only;
    this.#now = now;
  }

  /** The client with these credentials, or why there is none. */
  identify(id: string, secret: string): Client | 'client not found' | 'authentication failed' {
    const client = this.#find(id, secret);
    if (!client) return 'client not found';
    return client.secret === secret ? client : 'authentication failed';
  }

  issue(client: Client, lifeSeconds: number): string {
    const token = randomBytes(48).toString('base64url');
    this.#tokens.set(token, { client, expiry: this.#now() + lifeSeconds * 1000 });
    return token;
  }

  /** Whether this token was given out here, live or not: it says which of the two worlds a request is for. */
  knows(token: string): boolean {
    return this.#tokens.has(token);
  }

  /** The client of a live token, with what it may do now. */
  ofToken(token: string): Client | undefined {
    const issued = this.#tokens.get(token);
    if (!issued || issued.expiry <= this.#now()) return undefined;
    return this.#directory.clients.get(issued.client.id) ?? issued.client;
  }

  expireTokens(): void {
    for (const issued of this.#tokens.values()) issued.expiry = 0;
  }

  #find(id: string, secret: string): Client | undefined {
    const known = this.#directory.clients.get(id);
    if (known) return known;
    if (this.#only) return this.#only.id === id ? { ...this.#only } : undefined;
    return this.#directory.clients.list().length === 0 ? { id, secret } : undefined;
  }
}
