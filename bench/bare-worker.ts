import { startPlainWorker } from './plain-worker.ts';

/** The least that works a queue off: a BullMQ worker whose job does nothing. */
startPlainWorker(async () => {});
