import type { Target } from '@handover/core/transfer';
import { createSandbox, type Sandbox } from '@handover/sandbox';
import { createGenesys } from '../../packages/core/src/genesys/genesys.ts';
import type { Policies } from '../../packages/core/src/genesys/policies.ts';
import { Swagger } from '../../packages/sandbox/test/swagger.ts';
import { openTestLane } from '../support/lane.ts';
import type { Scene, Stage } from './stage.ts';

const PLATFORM_STEPS: Record<Scene, object> = {
  changed: {
    before: { action: 'add-leg', leg: { id: 'listener', purpose: 'agent', monitoredParticipantId: 'x' } },
    ...{ status: 400, code: 'conversations.error.transfer.not.connected' },
  },
  'moved-by-another': { before: { action: 'move', destination: { type: 'queue', id: 'elsewhere' } } },
  'lost-after': { drop: 'after' },
  'lost-before': { drop: 'before' },
  'unwell-after': { status: 503, effect: true },
  'unwell-before': { status: 503 },
};
const REPLACE_QUEUE = 'postConversationParticipantReplaceQueue';
/** The operations that move a caller, to whatever target. */
const MOVES = /^postConversationParticipant(Replace|Transfer)/;

const DEFINITION = process.env.PLATFORM_API_SWAGGER ?? '';
if (DEFINITION === '')
  console.log(
    'Skipped: PLATFORM_API_SWAGGER names no file with the definition, so no request is compared with it',
  );

/** Compares every request that a sandbox gets with the definition of the Platform API, except those for a token. */
export function compareRequests(sandbox: Sandbox) {
  const problems = new Set<string>();
  const operations = new Set<string>();
  const swagger = DEFINITION === '' ? undefined : new Swagger(DEFINITION);
  sandbox.on('request', ({ operation, sent }) => {
    if (sent === undefined || operation === 'postOauthToken') return;
    operations.add(operation);
    for (const problem of swagger?.requestProblems(operation, sent) ?? []) problems.add(problem);
  });
  return { problems, operations };
}

/**
 * The Platform API, as simulated by the sandbox. Closing it fails if a request was not as the definition has it.
 * `leastLagMs`: readings are between that and `readLagMs` old. `cacheMs`: for how long look-ups are cached.
 */
export async function openPlatform(
  readLagMs: number,
  leastLagMs = readLagMs,
  {
    policies,
    cacheMs = 0,
    timeoutMs = 2_000,
  }: { policies?: Policies; cacheMs?: number; timeoutMs?: number } = {},
) {
  const sandbox = createSandbox({
    client: { id: 'client', secret: 'a-secret' },
    settings: { readLagMs: { min: leastLagMs, max: readLagMs } },
    platform: { command: { afterMs: 50, connectMs: 100 } },
  });
  const compared = compareRequests(sandbox);
  const baseUrl = await sandbox.listen();
  const lane = openTestLane();
  const { platform: world } = sandbox;
  world.directory.users.put('agent', { permissions: ['conversation:communication:blindTransfer'] });
  const setOpen = ({ id }: Pick<Target, 'id'>, isOpen: boolean) =>
    void world.directory.queues.put(id, { onQueueUsers: { IDLE: isOpen ? 2 : 0 } });
  for (const id of ['support', 'overflow', 'elsewhere']) setOpen({ id }, true);
  const genesys = createGenesys({
    dialect: 'platform',
    readLagMs,
    ...{ redis: lane.redis, lane: lane.lane, baseUrl, clientId: 'client', clientSecret: 'a-secret' },
    ...{
      timeoutMs,
      budget: { requests: 0, windowMs: 0 },
      cache: { userTtlMs: cacheMs, queueTtlMs: cacheMs },
    },
    policies,
    ...{ onRequest: () => undefined, onToken: () => undefined },
  });
  const ours = (callId: string) => sandbox.ledger.entries(callId).filter(({ by }) => by === 'api');
  return {
    name: 'platform',
    platform: genesys.transfers,
    settleWindowMs: 2_500,
    putCall: (callId) =>
      void world.putConversation(callId, { participants: [{ purpose: 'agent', user: { id: 'agent' } }] }),
    setOpen,
    script: (id, scenes) =>
      void (
        scenes.length > 0 &&
        world.addScript({
          ...{ operation: REPLACE_QUEUE, id },
          steps: scenes.map((scene) => PLATFORM_STEPS[scene]),
        })
      ),
    moves: (callId) => ours(callId).map(({ target }) => ({ type: target.type, id: target.id }) as Target),
    requests: (callId) =>
      sandbox.requests.entries(callId).filter(({ operation }) => MOVES.test(operation)).length,
    sandbox,
    lane,
    baseUrl,
    /** The operations that were called so far. */
    operations: compared.operations,
    async close() {
      genesys.close();
      await sandbox.close();
      await lane.close();
      if (compared.problems.size > 0) throw new Error([...compared.problems].join('\n'));
    },
  } satisfies Stage & Record<string, unknown>;
}
