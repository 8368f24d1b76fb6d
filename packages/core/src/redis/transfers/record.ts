import type { FollowUp } from '../../transfer/follow-up-words.ts';
import type { TransferRequest } from '../../transfer/request.ts';
import type {
  Actor,
  Callback,
  Ending,
  Held,
  Outcome,
  Status,
  TransferRecord,
  WaitReason,
} from '../../transfer/words.ts';
import { readIntent, type StoredIntent } from './intents.ts';

/** Parses a transfer's hash in Redis; `undefined` if there is none. Only our own scripts write these fields. */
export function parseRecord(hash: Record<string, string>): TransferRecord | undefined {
  if (hash.id === undefined || hash.status === undefined) return undefined;
  const number = (field: string) => Number(hash[field] ?? 0);
  const json = <T>(field: string, otherwise: T): T => {
    const text = hash[field];
    return text === undefined || text === '' ? otherwise : (JSON.parse(text) as T);
  };
  return {
    id: hash.id,
    request: json<TransferRequest | null>('request', null),
    actor: json<Actor>('actor', { type: 'system', name: 'unknown' }),
    status: hash.status as Status,
    acceptedAt: number('acceptedAt'),
    expiresAt: number('expiresAt'),
    nextAt: number('nextAt'),
    attempts: number('attempts'),
    epoch: number('epoch'),
    serverErrors: number('serverErrors'),
    conflicts: number('conflicts'),
    unconfirmedReads: number('unconfirmedReads'),
    unconfirmedSince: number('unconfirmedSince'),
    interruptions: number('interruptions'),
    openIntent: hash.openIntent ?? '',
    intents: json<StoredIntent[]>('intents', []).map(readIntent),
    verdict: json<Outcome | null>('verdict', null),
    outcome: json<Outcome | null>('outcome', null),
    settledAt: number('settledAt'),
    movedBy: hash.movedById === undefined ? null : { id: hash.movedById, at: number('movedByAt') },
    parked: hash.parked === '1',
    recovery:
      hash.recoverySince === undefined
        ? null
        : { since: number('recoverySince'), unsure: hash.recoveryUnsure === '1' },
    held: json<Held | null>('held', null),
    replayed: hash.replayed === '1',
    waitsFor: hash.waitsFor ? (hash.waitsFor as WaitReason) : undefined,
    contradictedAt: number('contradictedAt'),
    ...(hash.endings !== undefined && { endings: JSON.parse(hash.endings) as Ending[] }),
    followUps: followUpsOf(hash),
    callbacks: callbacksOf(hash),
    folded: number('folded'),
    traceparent: hash.traceparent,
  };
}

/** The record's field of a follow-up. */
export function followUpField(id: string): string {
  return `followUp:${id}`;
}

function followUpsOf(hash: Record<string, string>): FollowUp[] {
  const fields = Object.keys(hash).filter((field) => field.startsWith(followUpField('')));
  return fields.sort().map((field) => JSON.parse(hash[field] ?? '') as FollowUp);
}

/** The record's field of a callback. */
export function callbackField(id: string): string {
  return `callback:${id}`;
}

function callbacksOf(hash: Record<string, string>): Callback[] {
  const fields = Object.keys(hash).filter((field) => field.startsWith(callbackField('')));
  const callbacks = fields.map((field) => JSON.parse(hash[field] ?? '') as Callback);
  const numberOf = ({ id }: Callback) => Number(id.slice(id.lastIndexOf('_') + 1));
  return callbacks.sort((one, other) => numberOf(one) - numberOf(other));
}
