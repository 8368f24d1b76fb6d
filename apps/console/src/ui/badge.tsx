import type { TransferStatus } from '@handover/client';

export type Tone = 'good' | 'waiting' | 'bad' | 'quiet';

const TONES: Record<TransferStatus, Tone> = {
  transferred: 'good',
  queued: 'quiet',
  active: 'waiting',
  delayed: 'waiting',
  consulting: 'waiting',
  unconfirmed: 'bad',
  rejected: 'quiet',
  expired: 'bad',
  cancelled: 'quiet',
  failed: 'bad',
};

export function Badge({ tone = 'quiet', children }: { tone?: Tone; children: string }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}

/** The status of a transfer, in its own word. */
export function Status({ status }: { status: TransferStatus }) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
