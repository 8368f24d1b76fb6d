import type { TargetType } from '../../transfer/request.ts';

/** The permission that allows a blind transfer to any target, and for each type of target the one that allows it there. */
const ANYWHERE = 'conversation:communication:blindTransfer';
const BY_TARGET = {
  queue: 'conversation:communication:blindTransferQueue',
  skillGroup: 'conversation:communication:blindTransferQueue',
  user: 'conversation:communication:blindTransferAgent',
  externalContact: 'conversation:communication:blindTransferExternalContact',
  /** A free number wants the permission for all. */
  address: ANYWHERE,
} as const satisfies Record<TargetType, string>;

/** The permissions any one of which allows a blind transfer to such a target. */
export function permissionsFor(type: TargetType): string[] {
  return [...new Set([ANYWHERE, BY_TARGET[type]])];
}

/** Whether what somebody was granted covers a permission: each of the three parts is the same, or `*`. Pure. */
export function covers(granted: readonly string[], permission: string): boolean {
  const wanted = permission.toLowerCase().split(':');
  return granted.some((one) => {
    const parts = one.toLowerCase().split(':');
    return (
      parts.length === wanted.length && parts.every((part, index) => part === '*' || part === wanted[index])
    );
  });
}
