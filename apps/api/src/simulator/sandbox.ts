import type { Config } from '@handover/core/config';
import { outcomeStatuses, reasons } from '@handover/core/transfer';
import { createWire } from '@handover/core/wire';
import { z } from 'zod';
import { invalidRequest } from '../http/failures.ts';
import { Problem } from '../http/problems.ts';

export type Simulation = {
  scenario: string;
  userId: string;
  callId: string;
  targetQueueId: string;
  fallbackQueueId?: string | undefined;
};

const Prepared = z.object({
  userId: z.string(),
  callId: z.string(),
  targetQueueId: z.string(),
  fallbackQueueId: z.string().optional(),
});
const Refusal = z.object({ errors: z.array(z.object({ field: z.string(), message: z.string() })).min(1) });
const Expected = z.object({
  status: z.enum(outcomeStatuses),
  reason: z.enum(reasons).optional(),
  isFallback: z.boolean().optional(),
});
// A sandbox of an older version tells only the names.
const Scenarios = z.object({
  items: z.array(
    z.object({
      scenario: z.string(),
      description: z.string().default(''),
      handling: z.string().default(''),
      expected: Expected.optional(),
      withoutFallback: Expected.optional(),
    }),
  ),
});
export type ScenarioTold = z.infer<typeof Scenarios>['items'][number];

const TIMEOUT_MS = 5_000;

export type SandboxClient = ReturnType<typeof createSandboxClient>;

type Dialect = Config['genesys']['dialect'];

/** Where each dialect's world is prepared. */
const PATHS = {
  voice: '/control/simulations',
  platform: '/control/platform/simulations',
} as const satisfies Record<Dialect, string>;

/** A client of the sandbox's control API at this URL, for training on this dialect. */
export function createSandboxClient(baseURL: string, dialect: Dialect) {
  const wire = createWire(TIMEOUT_MS, () => undefined);
  // Never aborted: a shutdown waits for the HTTP requests that use it.
  const { signal } = new AbortController();

  async function ask(method: 'GET' | 'POST', body?: object): Promise<{ status: number; body: unknown }> {
    const url = `${baseURL}${PATHS[dialect]}`;
    const answer = await wire.send({ operation: 'simulation', method, url, body, signal });
    if (!answer.answered) throw unreachable(answer.failure.detail);
    return { status: answer.status, body: answer.data };
  }

  /**
   * Prepares a training run; returns the ids to use. Throws `unknown-scenario`, `invalid-request` if the sandbox refuses the
   * input, and `sandbox-unreachable`, also if something else answers.
   */
  async function prepare(simulation: Simulation): Promise<z.infer<typeof Prepared>> {
    const { status, body } = await ask('POST', simulation);
    const prepared = Prepared.safeParse(body);
    if (status === 200 && prepared.success) return prepared.data;
    const refusal = Refusal.safeParse(body);
    if (status !== 400 || !refusal.success) throw unreachable(`it answered ${status}${unreadable(body)}`);
    const { errors } = refusal.data;
    if (errors.some(({ field }) => field === 'scenario')) throw await unknownScenario(simulation.scenario);
    throw invalidRequest(errors);
  }

  /** What can be practised. Throws `sandbox-unreachable`, also if something else answers. */
  async function scenarios(): Promise<ScenarioTold[]> {
    const { status, body } = await ask('GET');
    const known = Scenarios.safeParse(body);
    if (status !== 200 || !known.success)
      throw unreachable(`it answered ${status} without scenarios${unreadable(body)}`);
    return known.data.items;
  }

  async function unknownScenario(name: string): Promise<Problem> {
    const names = (await scenarios()).map(({ scenario }) => scenario).join(', ');
    return new Problem('unknown-scenario', `There is no scenario "${name}". The scenarios are: ${names}.`);
  }

  return { prepare, scenarios };
}

/** The problem of an API without a sandbox. */
export function notConfigured(): Problem {
  const detail = 'Set SANDBOX_URL to the URL of the sandbox.';
  return new Problem('simulator-not-configured', detail, {}, { 'retry-after': '60' });
}

function unreadable(body: unknown): string {
  return body === undefined ? ', with no JSON, or with more than 1 MiB' : '';
}

function unreachable(why: string): Problem {
  const detail = `The sandbox at SANDBOX_URL cannot be used (${why}).`;
  return new Problem('sandbox-unreachable', detail, {}, { 'retry-after': '5' });
}
