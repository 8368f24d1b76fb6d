import { z } from 'zod';
import { invalidRequest } from './failures.ts';
import { Problem } from './problems.ts';

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
const Scenarios = z.object({ items: z.array(z.object({ scenario: z.string() })) });

const TIMEOUT_MS = 5_000;
const LARGEST_ANSWER = 1024 * 1024;

export type SandboxClient = ReturnType<typeof createSandboxClient>;

/** The sandbox's control API at this URL. */
export function createSandboxClient(baseURL: string) {
  const url = `${baseURL}/control/simulations`;

  async function ask(method: 'GET' | 'POST', data?: object): Promise<{ status: number; body: unknown }> {
    try {
      const answer = await fetch(url, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(data && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) }),
      });
      return { status: answer.status, body: parse(await textOf(answer)) };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      throw unreachable(cause?.code ?? message);
    }
  }

  /**
   * Prepares a training run; gives the ids to use. Throws `unknown-scenario`, `invalid-request` for what the sandbox
   * refuses, and `sandbox-unreachable`, also where something else than a sandbox answers.
   */
  async function prepare(simulation: Simulation): Promise<z.infer<typeof Prepared>> {
    const { status, body } = await ask('POST', simulation);
    const prepared = Prepared.safeParse(body);
    if (status === 200 && prepared.success) return prepared.data;
    const refusal = Refusal.safeParse(body);
    if (status !== 400 || !refusal.success) throw unreachable(`it answered ${status}`);
    const { errors } = refusal.data;
    if (errors.some(({ field }) => field === 'scenario')) throw await unknownScenario(simulation.scenario);
    throw invalidRequest(errors);
  }

  async function unknownScenario(name: string): Promise<Problem> {
    const known = Scenarios.safeParse((await ask('GET')).body);
    const names = known.success ? known.data.items.map(({ scenario }) => scenario).join(', ') : 'not known';
    return new Problem('unknown-scenario', `There is no scenario "${name}". The scenarios are: ${names}.`);
  }

  return { prepare };
}

/** Throws where there is more than any answer of a sandbox; what is packed counts unpacked. */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(why: string): Problem {
  const detail = `The sandbox at SANDBOX_URL cannot be used (${why}).`;
  return new Problem('sandbox-unreachable', detail, {}, { 'retry-after': '5' });
}
