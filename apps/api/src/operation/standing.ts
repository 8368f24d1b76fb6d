import {
  fine,
  many,
  ofBilling,
  ofBudget,
  ofCallbacks,
  ofDeadLetters,
  ofGenesys,
  ofHistory,
  ofHoldOff,
  ofQueues,
  ofRedis,
  ofWebhook,
  ofWorkers,
} from './standing-parts.ts';
import type { Facts, Part, Seen, Status } from './standing-words.ts';

const UNKNOWN: Part = { is: 'unknown', says: 'Not known without Redis.' };

/** Tells in plain words how the system is, from what is known about it. The whole is as its worst part. Pure. */
export function statusOf(facts: Facts): Status {
  const { mode, seen } = facts;
  const tell = (about: (seen: Seen) => Part): Part => (seen === undefined ? UNKNOWN : about(seen));
  const parts = {
    redis: ofRedis(facts),
    genesys: {
      ...tell(ofGenesys),
      answers: seen?.answers.answers ?? 0,
      failed: seen?.answers.failed ?? 0,
      limited: seen?.answers.limited ?? 0,
      lastFailedAt: seen?.answers.lastFailedAt ?? null,
    },
    holdOff: { ...tell(ofHoldOff), until: seen?.holdOffUntil ?? null, operations: seen?.holds ?? [] },
    budget: {
      ...tell(ofBudget),
      remaining: seen === undefined || !Number.isFinite(seen.limit) ? null : seen.remaining,
      limit: seen === undefined || !Number.isFinite(seen.limit) ? null : seen.limit,
    },
    workers: { ...tell(ofWorkers), count: seen?.workers ?? 0 },
    queues: {
      ...tell(ofQueues),
      paused: seen?.paused ?? [],
      open: seen?.open ?? 0,
      waiting: seen?.waiting ?? 0,
      oldestWaitMs: seen?.oldestWaitMs ?? 0,
    },
    deadLetters: {
      ...tell(ofDeadLetters),
      transfers: seen?.deadLetters ?? 0,
      billing: seen?.billingDeadLetters ?? 0,
      unconfirmed: seen?.unconfirmed ?? 0,
    },
    billing: {
      ...(facts.isBillingOn ? tell(ofBilling) : fine('Billing is off.')),
      discrepancies: seen?.discrepancies ?? 0,
      waiting: seen?.billingWaits ?? 0,
      disabled: seen?.disabled ?? [],
    },
    webhook: { ...tell(ofWebhook), state: seen?.webhook.state ?? 'not known without Redis' },
    callbacks: {
      ...(facts.hasReceivers ? tell(ofCallbacks) : fine('No receivers of callbacks are configured.')),
      waiting: seen?.callbacks.waiting ?? 0,
      failing: seen?.callbacks.failing ?? [],
    },
    history: {
      ...(facts.hasHistory ? tell(ofHistory) : fine('No history is configured.')),
      waiting: seen?.history.waiting ?? 0,
      lagMs: seen?.history.lagMs ?? 0,
    },
  };
  const all: Part[] = Object.values(parts);
  const worst = (['trouble', 'waiting'] as const)
    .map((state) => all.find(({ is }) => is === state))
    .find((one) => one !== undefined);
  return { ...overall(worst, seen), mode, ...parts };
}

function overall(worst: Part | undefined, seen: Seen | undefined): Part {
  if (worst !== undefined) {
    const { is, says, todo, runbook } = worst;
    return { is, says, ...(todo !== undefined && { todo }), ...(runbook !== undefined && { runbook }) };
  }
  const { open = 0, workers = 0 } = seen ?? {};
  return fine(`All is well: ${many(workers, 'worker')}, ${many(open, 'open transfer')}.`);
}
