import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  attempt,
  type Policy,
  type RecordStore,
  type StoredTransfer,
  type TransferRecord,
  type TransferRequest,
} from '@handover/core/transfer';
import { requestOf, type TestLane, WORKER } from '../support/lane.ts';
import type { Stage } from './stage.ts';

/** Where the worker of a run dies: after the intent, before the answer, or before storing the answer. */
export const deaths = ['after-intent', 'after-effect', 'after-answer'] as const;
export type Death = (typeof deaths)[number] | 'after-settlement';

type Driven = {
  lane: TestLane;
  stage: Pick<Stage, 'platform' | 'settleWindowMs'> & { putCall(callId: string): void };
  request?: Partial<TransferRequest>;
  /** Where the workers of the first send attempts die, in order; one that `lives` does not. */
  dies?: readonly (Death | 'lives')[];
  policy?: Partial<Policy>;
  /** Continues with this replayed transfer. */
  again?: TransferRecord;
};

class Killed extends Error {}

/** Submits a transfer and runs attempts like the queue, until it has ended or needs an operator. */
export async function drive({
  lane,
  stage,
  request,
  dies = [],
  policy,
  again,
}: Driven): Promise<StoredTransfer> {
  const callId = request?.callId ?? `call-${randomUUID()}`;
  if (again === undefined) stage.putCall(callId);
  const id = again?.id ?? (await lane.accept(requestOf({ ...request, callId })));
  const left = [...dies];
  for (;;) {
    const { records, platform } = mortal(lane.records, stage, left);
    const report = await attempt({
      ...{ id, actor: WORKER, records, platform, random: Math.random },
      policy: policyOf(stage, policy),
      signal: new AbortController().signal,
    }).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      return undefined;
    });
    const next = report?.next;
    if (next?.do === 'done' || next?.do === 'park' || next?.do === 'nothing') break;
    if (next !== undefined && 'inMs' in next) await sleep(next.inMs);
  }
  const found = await lane.store.get(id);
  if (found === undefined) throw new Error(`no transfer ${id}`);
  return found;
}

function policyOf({ platform, settleWindowMs }: Driven['stage'], given: Partial<Policy> = {}): Policy {
  const provenMs = settleWindowMs + platform.timing.readLagMs;
  return {
    ...{ deadlineMs: 900_000, serverErrorRetryDelayMs: 5, serverErrorMaxRetries: 6, conflictMaxRetries: 5 },
    ...{ settleWindowMs, resendInWindow: true, recoveryMs: 900_000, recoveryPolicy: 'hold' },
    ...{ unconfirmedMaxMs: 3 * provenMs, maxInterruptions: 20, shadow: false },
    ...given,
  };
}

/** A dead worker's effects stay; it writes nothing more. */
function mortal(records: RecordStore, { platform }: Pick<Stage, 'platform'>, left: (Death | 'lives')[]) {
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Killed();
  };
  const living = <T extends (...args: never[]) => Promise<unknown>>(write: T) =>
    ((...args) => (isDead ? Promise.reject(new Killed()) : write(...args))) as T;
  return {
    records: {
      ...records,
      defer: living(records.defer),
      settle: living(async (...args: Parameters<RecordStore['settle']>) => {
        const settled = await records.settle(...args);
        return left[0] === 'after-settlement' && left.shift() ? die() : settled;
      }),
    },
    platform: {
      ...platform,
      async move(...[command, gate, signal]: Parameters<typeof platform.move>) {
        let death: Death | 'lives' | undefined;
        const answer = await platform.move(
          command,
          async () => {
            if (!(await gate())) return false;
            death = left[0] === 'after-settlement' ? undefined : left.shift();
            return death === 'after-intent' ? die() : true;
          },
          signal,
        );
        if (death === 'after-effect') die();
        if (death === 'after-answer') isDead = true;
        return answer;
      },
    },
  };
}
