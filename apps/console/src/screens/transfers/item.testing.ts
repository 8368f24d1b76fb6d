import type { TransferItem } from '@handover/client';

/** A transfer of the list, with what a test cares about. */
export function itemWith(differing: Partial<TransferItem> = {}): TransferItem {
  return {
    id: 't-1',
    status: 'transferred',
    story: 'The call was moved to queue sales.',
    acceptedAt: '2026-11-20T10:00:00.000Z',
    expiresAt: '2026-11-20T10:15:00.000Z',
    attempts: 1,
    actor: { type: 'apiKey', name: 'crm' },
    outcome: { status: 'transferred' },
    request: {
      callId: 'call-1',
      userId: 'agent-1',
      transferType: 'blind',
      target: { type: 'queue', id: 'sales' },
    },
    ...differing,
  };
}
