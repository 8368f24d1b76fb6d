import type { BillView, DiscrepancyView } from '@handover/core/redis';

/** A billing record as sent over HTTP. */
export function billView({ billedAt, ...bill }: BillView) {
  return { ...bill, billedAt: iso(billedAt) };
}

export const BILL_COLUMNS = [
  'id',
  'eventId',
  'callId',
  'transferType',
  'targetType',
  'targetId',
  'timestamp',
  'billingCode',
  'transferId',
  'metadata',
  'synthesized',
  'billedAt',
];

/** A billing record as a CSV row; its metadata as JSON. */
export function billCells(bill: BillView): (string | undefined)[] {
  return [
    bill.id,
    bill.eventId,
    bill.callId,
    bill.transferType,
    bill.target.type,
    bill.target.id,
    bill.timestamp,
    bill.billingCode,
    bill.transferId,
    bill.metadata && JSON.stringify(bill.metadata),
    String(bill.synthesized === true),
    iso(bill.billedAt),
  ];
}

/** A discrepancy as sent over HTTP. */
export function discrepancyView({ namedAt, healedAt, ...discrepancy }: DiscrepancyView) {
  return { ...discrepancy, namedAt: iso(namedAt), healedAt: healedAt === null ? null : iso(healedAt) };
}

export const DISCREPANCY_COLUMNS = [
  'name',
  'transferId',
  'callId',
  'expectedType',
  'expectedTargetType',
  'expectedTargetId',
  'seenType',
  'seenTargetType',
  'seenTargetId',
  'seenEventId',
  'synthesized',
  'namedAt',
  'healedAt',
];

/** A discrepancy as a CSV row. */
export function discrepancyCells(one: DiscrepancyView): (string | undefined)[] {
  const { expected, seen } = one;
  return [
    one.name,
    one.transferId,
    one.callId,
    expected?.transferType,
    expected?.target.type,
    expected?.target.id,
    seen?.transferType,
    seen?.target.type,
    seen?.target.id,
    seen?.eventId,
    String(one.synthesized),
    iso(one.namedAt),
    one.healedAt === null ? undefined : iso(one.healedAt),
  ];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
