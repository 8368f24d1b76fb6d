import { Bill, billingCodes, discrepancyNames, EventTarget } from '@handover/core/billing';
import { transferTypes } from '@handover/core/transfer';
import { z } from 'zod';
import { Next } from '../http/page.ts';

const Instant = z.string().meta({ format: 'date-time' });

export const BillBody = Bill.extend({ billedAt: Instant.optional() }).meta({ id: 'BillingRecord' });

const Seen = z.object({ transferType: z.enum(transferTypes), target: EventTarget });

const DiscrepancyBody = z
  .object({
    name: z
      .enum(discrepancyNames)
      .describe(
        '`missing-event`: it happened, but no event shows it. `different-target`: an event shows another target. `unknown-transfer`: an event shows that it happened, our record does not.',
      ),
    transferId: z.string(),
    callId: z.string(),
    expected: Seen.optional().describe('According to our record.'),
    seen: Seen.extend({ eventId: z.string() }).optional().describe('According to the event.'),
    synthesized: z.boolean().describe('Whether it was billed from our own record.'),
    namedAt: Instant,
    healedAt: Instant.nullable().describe('When the missing side arrived, which resolved it.'),
  })
  .meta({ id: 'Discrepancy' });

export const BillPage = z.object({ items: z.array(BillBody), next: Next }).meta({ id: 'BillingPage' });
export const DiscrepancyPage = z
  .object({ items: z.array(DiscrepancyBody), next: Next })
  .meta({ id: 'DiscrepancyPage' });

export const BillingReportAnswer = z
  .object({
    days: z.array(z.object({ day: z.iso.date(), code: z.enum(billingCodes), count: z.int() })),
    totals: z.object({ TRANSFER_BLIND: z.int(), TRANSFER_CONSULT: z.int() }).describe('Over the days shown.'),
    matched: z.int().describe('Transfers of ours with a matching event.'),
    unmatched: z.int().describe('Open discrepancies.'),
    waiting: z.int().describe('Transfers and events still waiting for their counterpart.'),
    synthesized: z.int().describe('Bills made from our own record.'),
    discrepancies: z.record(z.enum(discrepancyNames), z.int()).describe('Open discrepancies, by name.'),
    newestDiscrepancies: z.array(DiscrepancyBody).describe('The newest open discrepancies.'),
  })
  .meta({ id: 'BillingReport' });

export const BillingDeadLetterBody = z
  .object({
    id: z.string().describe('The id for a replay.'),
    queue: z.string(),
    at: Instant,
    why: z.string(),
    tries: z.int(),
    record: BillBody.optional().describe('The billing record that could not be delivered.'),
    event: z.looseObject({}).optional().describe('The event that could not be processed.'),
  })
  .meta({ id: 'BillingDeadLetter' });
