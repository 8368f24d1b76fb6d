import { Pool } from 'undici';
import { fetchToken, type Transfer, transferDirectly } from './direct.ts';
import { startPlainWorker } from './plain-worker.ts';

const genesys = new Pool(process.env.GENESYS_BASE_URL ?? '');
let token: Promise<string> | undefined;

/**
 * The floor: the least that moves a call under a fresh ETag. A BullMQ worker and undici, with a reading and the transfer.
 * It knows no rule and keeps no record.
 */
startPlainWorker<Transfer>(async (transfer) => {
  token ??= fetchToken(genesys);
  await transferDirectly(genesys, await token, transfer);
});
