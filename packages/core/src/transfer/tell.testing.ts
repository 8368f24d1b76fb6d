import type { TransferRecord } from './words.ts';

/** A record for tests of what is said about it: queued, never run. */
export function recordOf(given: Partial<TransferRecord> = {}): TransferRecord {
  return {
    id: 't',
    request: {
      callId: 'call-1',
      userId: 'ann',
      transferType: 'blind',
      target: { type: 'queue', id: 'sales' },
    },
    actor: { type: 'apiKey', name: 'crm' },
    status: 'queued',
    acceptedAt: 0,
    expiresAt: Date.UTC(2026, 10, 27, 14, 15),
    nextAt: 0,
    attempts: 0,
    epoch: 0,
    serverErrors: 0,
    conflicts: 0,
    unconfirmedReads: 0,
    unconfirmedSince: 0,
    interruptions: 0,
    openIntent: '',
    intents: [],
    verdict: null,
    outcome: null,
    settledAt: 0,
    movedBy: null,
    parked: false,
    recovery: null,
    held: null,
    replayed: false,
    followUps: [],
    callbacks: [],
    folded: 0,
    ...given,
  };
}
