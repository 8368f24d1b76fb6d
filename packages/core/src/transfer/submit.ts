import type { Acceptances, Wakes, Waking } from './stores.ts';
import {
  type Acceptance,
  type Actor,
  type IdempotencyKey,
  isOutcome,
  type Status,
  type Submission,
} from './words.ts';

export type SubmitPorts = {
  store: Acceptances;
  wakes: Pick<Wakes, 'add'>;
  /** Called if the jobs of these accepted transfers could not be added: the sweep adds them. */
  onJobless: (error: unknown, transfers: Waking[]) => void;
};

/**
 * Accepts a transfer and adds its job. If the job cannot be added, the transfer is still accepted: the sweep adds it
 * (docs/rules.md). A repeated key gets its first answer again. Throws what the store throws.
 */
export async function submit(ports: SubmitPorts, submission: Submission): Promise<Acceptance> {
  const acceptance = await ports.store.accept(submission);
  await wake(ports, wakingOf(submission, acceptance));
  return acceptance;
}

/** Submits each independently, and adds their jobs in one step. Returns the results in the same order. */
export async function submitAll(
  ports: SubmitPorts,
  submissions: Submission[],
): Promise<PromiseSettledResult<Acceptance>[]> {
  const settled = await Promise.allSettled(submissions.map((one) => ports.store.accept(one)));
  const wakings = submissions.flatMap((submission, index) => {
    const one = settled[index];
    return one?.status === 'fulfilled' ? wakingOf(submission, one.value) : [];
  });
  await wake(ports, wakings);
  return settled;
}

/**
 * The first answer for a key whose request is unreadable or cannot be accepted now; `undefined` if the key is unknown. Adds the
 * job of an open transfer if it is missing. Throws what the store throws.
 */
export async function answerAgain(
  ports: SubmitPorts,
  actor: Actor,
  key: IdempotencyKey,
): Promise<Acceptance | undefined> {
  const known = await ports.store.lookUpKey(actor, key);
  if (known === undefined) return undefined;
  if (!known.sameBody) return { accepted: false, why: 'other-body' };
  const { id, status } = known;
  const record = await ports.store.recordOf(id);
  const { request = null, traceparent, status: statusNow = '' } = record ?? {};
  if (request !== null && isOpenStatus(statusNow)) await wake(ports, [{ id, request, traceparent }]);
  return { accepted: 'before', id, status, statusNow, traceparent };
}

/** The job that an accepted transfer needs, if any. */
function wakingOf({ request }: Submission, acceptance: Acceptance): Waking[] {
  if (acceptance.accepted === false) return [];
  if (acceptance.accepted === 'before' && !isOpenStatus(acceptance.statusNow)) return [];
  const { id, traceparent } = acceptance;
  return [{ id, request, traceparent }];
}

async function wake({ wakes, onJobless }: SubmitPorts, transfers: Waking[]): Promise<void> {
  if (transfers.length === 0) return;
  try {
    await wakes.add(transfers);
  } catch (error) {
    onJobless(error, transfers);
  }
}

function isOpenStatus(status: Status | ''): boolean {
  return status !== '' && !isOutcome(status);
}
