import type { TransferRequest } from '@handover/core/transfer';
import type { TestLane } from '../support/lane.ts';
import { drive } from './drive.ts';
import type { openPlatform } from './platform-stage.ts';

type PlatformStage = Awaited<ReturnType<typeof openPlatform>>;
export type Legs = NonNullable<Parameters<PlatformStage['sandbox']['platform']['putConversation']>[1]>;
export type Transfer = ReturnType<typeof transferOn>;

/** Transfers conversations of the given legs, by default to the queue `support`; gives how it ended and what was asked. */
export function transferOn(lane: TestLane, stage: PlatformStage) {
  return async (
    conversation: Legs,
    request: Partial<TransferRequest> = {},
    meanwhile: (callId: string) => void = () => undefined,
  ) => {
    const { callId = crypto.randomUUID() } = request;
    const putCall = (id: string) => {
      stage.sandbox.platform.putConversation(id, conversation);
      meanwhile(id);
    };
    const target = { type: 'queue', id: 'support' } as const;
    const found = await drive({
      ...{ lane, stage: { ...stage, putCall } },
      request: { target, ...request, callId },
    });
    return {
      ...found,
      outcome: found.record.outcome,
      callId,
      posts: stage.requests(callId),
      moves: stage.sandbox.ledger.entries(callId),
      asked: stage.sandbox.requests.entries(callId).map(({ operation }) => operation),
    };
  };
}
