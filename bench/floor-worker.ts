import { Pool } from 'undici';
import { fetchToken, type Transfer, transferDirectly } from './direct.ts';
import { startPlainWorker } from './plain-worker.ts';

const genesys = new Pool(process.env.GENESYS_BASE_URL ?? '');
let token: Promise<string> | undefined;

/**
 * The floor: the minimum that moves a call under a fresh ETag. A BullMQ worker with undici, a reading and the transfer.
 * It has no rules and no record.
 */
startPlainWorker<Transfer>(async (transfer) => {
  token ??= fetchToken(genesys);
  await transferDirectly(genesys, await token, transfer);
});
