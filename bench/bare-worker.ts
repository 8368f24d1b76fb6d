import { startPlainWorker } from './plain-worker.ts';

/** The minimum that processes a queue: a BullMQ worker whose job does nothing. */
startPlainWorker(async () => {});
