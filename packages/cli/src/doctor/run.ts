import type { Check, Finding } from '@handover/core/checks';

export type Result = Pick<Check, 'id' | 'what'> & Finding;

const WITHIN_MS = 5_000;
/** Time for a check to say itself what took too long. */
const GRACE_MS = 1_000;

/**
 * Runs checks side by side, each after those that it names. Gives their results in order, each when it is there. One whose need
 * is not met is skipped. Never throws.
 */
export function runChecks(checks: readonly Check[]): Promise<Result>[] {
  const results = new Map<string, Promise<Result>>();
  const one = async (check: Check): Promise<Result> => {
    const { id, what, needs, after = [] } = check;
    // Results of checks further down the list are there, too, once the list has been walked.
    await Promise.resolve();
    await Promise.all(after.map((other) => results.get(other)));
    const before = needs && (await results.get(needs.id));
    if (needs !== undefined && (before === undefined || !['ok', 'warning'].includes(before.status)))
      return { id, what, status: 'skipped', detail: `needs ${needs.words}` };
    return { id, what, ...(await bounded(check)) };
  };
  for (const check of checks) results.set(check.id, one(check));
  return [...results.values()];
}

async function bounded({ run, withinMs = WITHIN_MS }: Check): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 'failed', detail: `no result within ${withinMs} ms`, fix: 'try again' }),
      withinMs + GRACE_MS,
    );
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    const fix = 'this is a bug of the doctor: report it, with the output';
    return { status: 'failed', detail: `the check broke: ${(error as Error).message}`, fix };
  } finally {
    clearTimeout(timer);
  }
}
