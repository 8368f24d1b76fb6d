import type { Call, Queue, User } from '../words.ts';
import type { CallFields } from './calls.ts';

export type UserFields = {
  name?: string | undefined;
  roles?: { id: string; name?: string | undefined }[] | undefined;
};
export type QueueFields = { name?: string | undefined; state?: Queue['state'] | undefined };

type Known = { has(id: string): boolean };

/** The part of a sandbox that the seed and the simulations fill. Missing fields get defaults. */
export type World = {
  readonly calls: Known;
  readonly users: Known;
  readonly queues: Known;
  putCall(id: string, fields?: CallFields): Call;
  putUser(id: string, fields?: UserFields): User;
  putQueue(id: string, fields?: QueueFields): Queue;
};
