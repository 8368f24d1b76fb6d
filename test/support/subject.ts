import { randomUUID } from 'node:crypto';
import type { TransferRequest } from '@handover/core/transfer';
import type { Sandbox } from '@handover/sandbox';

export type Subject = { callId: string; userId: string; target: string; fallback: string; elsewhere: string };

/** A call, an agent who may transfer and three open queues, unique per row. */
export function createSubject(sandbox: Sandbox): Subject {
  const tag = randomUUID().slice(0, 8);
  const subject = {
    callId: `call-${tag}`,
    userId: `agent-${tag}`,
    target: `target-${tag}`,
    fallback: `fallback-${tag}`,
    elsewhere: `elsewhere-${tag}`,
  };
  const { callId, userId, ...queues } = subject;
  sandbox.addMany({ calls: [callId], users: [userId], queues: Object.values(queues) });
  return subject;
}

/** The request that moves the subject's call to its target; optionally with its fallback. */
export function requestFor(
  subject: Subject,
  { fallback = false, ...more }: { fallback?: boolean } & Partial<Omit<TransferRequest, 'fallback'>> = {},
): Partial<TransferRequest> {
  return {
    callId: subject.callId,
    userId: subject.userId,
    target: { type: 'queue', id: subject.target },
    ...(fallback ? { fallback: { type: 'queue', id: subject.fallback } } : {}),
    ...more,
  };
}
