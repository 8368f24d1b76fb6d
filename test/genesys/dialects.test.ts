import type { Target } from '@handover/core/transfer';
import { createSandbox } from '@handover/sandbox';
import { createGenesys } from '../../packages/core/src/genesys/genesys.ts';
import { openTestLane } from '../support/lane.ts';
import { conforms } from './conformance.ts';
import { openPlatform } from './platform-stage.ts';
import { openScripted } from './scripted.ts';
import type { Scene, Stage } from './stage.ts';

const STEPS: Record<Scene, object> = {
  changed: { before: { action: 'bump-etag' } },
  'moved-by-another': { before: { action: 'move', target: { type: 'queue', id: 'elsewhere' } } },
  'lost-after': { drop: 'after' },
  'lost-before': { drop: 'before' },
  'unwell-after': { status: 503, effect: true },
  'unwell-before': { status: 503 },
};

/** The voice API, as simulated by the sandbox. */
async function openVoice(): Promise<Stage> {
  const sandbox = createSandbox({ client: { id: 'client', secret: 'a-secret' } });
  const baseUrl = await sandbox.listen();
  const lane = openTestLane();
  sandbox.putUser('agent');
  for (const id of ['support', 'overflow', 'elsewhere']) sandbox.putQueue(id);
  const genesys = createGenesys({
    dialect: 'voice',
    ...{ redis: lane.redis, lane: lane.lane, baseUrl, clientId: 'client', clientSecret: 'a-secret' },
    ...{ timeoutMs: 2_000, budget: { requests: 0, windowMs: 0 }, cache: { userTtlMs: 0, queueTtlMs: 0 } },
    ...{ onRequest: () => undefined, onToken: () => undefined },
  });
  const ours = (callId: string) => sandbox.ledger.entries(callId).filter(({ by }) => by === 'api');
  return {
    name: 'voice',
    platform: genesys.transfers,
    settleWindowMs: 2_500,
    putCall: (callId) => void sandbox.putCall(callId),
    setOpen: ({ id }: Target, isOpen) => void sandbox.putQueue(id, { state: isOpen ? 'open' : 'closed' }),
    script: (id, scenes) =>
      void (
        scenes.length > 0 &&
        sandbox.addScript({ operation: 'transfer', id, steps: scenes.map((scene) => STEPS[scene]) })
      ),
    moves: (callId) => ours(callId).map(({ target }) => target as Target),
    requests: (callId) => ours(callId).length,
    async close() {
      genesys.close();
      await sandbox.close();
      await lane.close();
    },
  };
}

const timing = { settleWindowMs: 1_200, readLagMs: 150 };

conforms('voice', openVoice);
conforms('platform', () => openPlatform(0));
conforms('platform, with readings that lag', () => openPlatform(400));
conforms('platform, attended', () => openPlatform(400), { mode: 'attended' });
conforms('platform, with readings up to 6 s old', () => openPlatform(6_000, 0));
conforms('scripted, unattended', async () => openScripted(timing));
conforms('scripted, attended', async () => openScripted({ ...timing, isAttended: true }));
