import { type TakeReport, take } from '@handover/core/billing';
import { type Asleep, BILLING_QUEUE, BillingEventJob } from '@handover/core/redis';
import { traceIdOf } from '@handover/core/tracing';
import { actorLabel } from '@handover/core/transfer';
import { type Job, UnrecoverableError } from 'bullmq';
import { jobFields } from '../job-log.ts';
import { sleepNoted } from '../queue-action.ts';
import type { BillingParts } from './parts.ts';

/** Handles the jobs of platform events: bills what the event proves, and settles unconfirmed transfers. */
export function createEventHandler(parts: BillingParts, asleep: Asleep) {
  const { live, trails, transfers, dispatcher, config, meter, log } = parts;

  async function handleEvent(job: Job<unknown>, token: string) {
    const parsed = BillingEventJob.safeParse(job.data);
    if (!parsed.success) {
      const reason = 'the payload of this event cannot be read';
      log.error({ ...jobFields(BILLING_QUEUE, job.id), reason }, 'job.unreadable');
      throw new UnrecoverableError(reason);
    }
    const { event } = parsed.data;
    const actor = { type: 'genesysEvent', name: event.id ?? 'without an id' } as const;
    const report = await take(
      event,
      { ...live, trails, transfers, dispatcher },
      { windowMs: config.billing.reorderWindowMs, actor },
    );
    if (report.result !== 'waiting') meter.bills(report.result, Math.max(1, report.bills.length));
    logReport(report, event.callId, actorLabel(actor));
    if (report.next.do === 'sleep') return sleepNoted(asleep, job, token, report.next.inMs);
    return { result: report.result, bills: report.bills.map(({ id }) => id) };
  }

  function logReport({ bills, settled, contradicted }: TakeReport, call: string, actor: string) {
    for (const { id, transferId, billingCode } of bills)
      log.info({ actor, bill: id, transfer: transferId, call, billingCode }, 'billing.billed');
    for (const transfer of contradicted)
      log.error({ actor, transfer, call }, 'transfer.contradicted-by-event');
    if (settled === undefined) return;
    const { record, outcome } = settled;
    const line = { actor, transfer: record.id, call, traceId: traceIdOf(record.traceparent) };
    log.info({ ...line, outcome: outcome.status }, 'transfer.settled-by-event');
  }

  return handleEvent;
}
