/**
 * The terms of the sandbox.
 *
 * operation  one of the requests of the voice dialect that the sandbox answers
 * effect     the moment in which a transfer moves a call; atomic with its ledger entry
 * ledger     every effect in order: the oracle of every test about "once"
 * step       the scripted answer to one request
 * script     steps waiting for the next matching requests
 * simulation a prepared training run: a scenario applied to an agent, a call and a queue
 * webhook    a registered callback URL, with the types of events that are sent to it
 * event      the platform's message on one change of a call
 * sending    one delivery attempt of an event to a callback URL
 * billing    the receiver of bills: simulates the billing system of a customer
 */

export const operations = ['token', 'user', 'call', 'queue', 'transfer', 'webhook'] as const;
export type Operation = (typeof operations)[number];

/** The operations that a script can apply to. */
export const scriptedOperations = [...operations, 'billing'] as const;
export type ScriptedOperation = (typeof scriptedOperations)[number];

export const transferTypes = ['blind', 'consult'] as const;
export type TransferType = (typeof transferTypes)[number];

export const targetTypes = ['queue', 'user', 'skillGroup'] as const;
export type Target = { id: string; type: (typeof targetTypes)[number] };

export const queueStates = ['open', 'closed', 'at_capacity'] as const;

type Role = { id: string; name: string };
export type User = { id: string; name: string; roles: Role[] };
export type Queue = { id: string; name: string; state: (typeof queueStates)[number] };

/** A call as the voice API shows it. `transferType` and `target` describe its last transfer. */
export type Call = {
  id: string;
  state: string;
  privacy: boolean;
  etag: string;
  transferType?: TransferType;
  target?: Target;
};
