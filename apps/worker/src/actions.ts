import { setTimeout as sleep } from 'node:timers/promises';
import { type CarryOutPorts, carryOut } from '@handover/core/actions';
import { destinationNames } from '@handover/core/destinations';
import {
  type Budget,
  createActionStore,
  createDeadLetterReader,
  openBillingQueue,
  openDeliveryQueue,
  type RedisClient,
  readPace,
  replayBilling,
} from '@handover/core/redis';
import type { Costs } from '@handover/core/transfer';
import type { Logger } from 'pino';
import { logErrors } from './job-log.ts';
import type { Errand } from './sweep.ts';
import type { LaneParts } from './transfers.ts';

/** While so many transfers wait for a worker, an action replays no more. */
const MOST_WAITING = 10;
/** How often, and for how long at a time, an action waits for those, in ms; shorter than its hold on the action. */
const LOOK_EVERY_MS = 50;
const LOOK_FOR_MS = 2_000;

export type ActionsOptions = {
  redis: RedisClient;
  live: LaneParts;
  budget: Pick<Budget, 'room'>;
  costs: Pick<Costs, 'run'>;
  /** The name of this worker, unlike that of any other. */
  owner: string;
  log: Logger;
};

/**
 * Carries out the actions over many dead letters (docs/operations/dead-letters.md), one after another; a worker at a time holds one.
 * The sweep starts it while an action runs. `close` ends the step in progress.
 */
export function createActions({ redis, live, budget, costs, owner, log }: ActionsOptions) {
  const { lane, store, records, meter, wakes, queue } = live;
  const actions = createActionStore(redis, lane);
  let isStopping = false;
  let underWay: Promise<void> | undefined;

  /** Why no further transfer is replayed now: those that are accepted come first. */
  async function waits(): Promise<string | undefined> {
    const pace = await readPace(redis, lane, queue);
    if (pace.paused) return 'the queue is paused';
    if (pace.held !== undefined) return pace.held.reason === 'budget' ? 'budget used up' : 'rate limited';
    const giveUpAt = performance.now() + LOOK_FOR_MS;
    while ((await queue.getJobCountByTypes('waiting', 'prioritized')) >= MOST_WAITING) {
      if (isStopping || performance.now() > giveUpAt) return 'other transfers wait for a worker';
      await sleep(LOOK_EVERY_MS);
    }
    const held = await budget.room({ run: costs.run, needs: costs.run });
    return held?.rule;
  }

  async function carryOutAll(): Promise<void> {
    for (const action of await actions.running()) {
      const billing = openBilling(redis, lane.prefix, log);
      const ports: CarryOutPorts = {
        ...{ owner, actions, waits, stopping: () => isStopping },
        letters: createDeadLetterReader(redis, lane),
        transfers: {
          ...{ store, records, meter, wakes },
          onJobless: (error) => log.warn({ action, err: error }, 'job.not-added'),
        },
        replayBilling: billing.replay,
        onFailed: (id, error) => log.error({ action, letter: id, err: error }, 'action.step-failed'),
      };
      try {
        const end = await carryOut(ports, action);
        if (end === 'done') log.info({ action }, 'action.done');
      } finally {
        await billing.close();
      }
    }
  }

  const errand: Errand = {
    key: store.keys.actionsRunning,
    work() {
      if (isStopping) return;
      underWay ??= carryOutAll()
        .catch((error: unknown) => log.error({ step: 'actions', err: error }, 'sweep.failed'))
        .finally(() => {
          underWay = undefined;
        });
    },
  };
  return {
    errand,
    async close(): Promise<void> {
      isStopping = true;
      await underWay;
    },
  };
}

/** Replays dead letters of billing; opens its queues, also those of destinations that are no longer configured, once one is needed. */
function openBilling(redis: RedisClient, prefix: string, log: Logger) {
  const open = () => ({
    queue: openBillingQueue(redis, prefix),
    deliveries: destinationNames.map((name) => openDeliveryQueue(redis, prefix, name)),
  });
  let queues: ReturnType<typeof open> | undefined;
  const all = () => (queues === undefined ? [] : [queues.queue, ...queues.deliveries]);
  const openNow = () => {
    queues = open();
    for (const one of all()) one.on('error', logErrors(redis, log, one.name));
    return queues;
  };
  return {
    async replay(...[id, actor, reason]: Parameters<CarryOutPorts['replayBilling']>) {
      const end = await replayBilling({ ...(queues ?? openNow()), redis }, id, actor, reason);
      return end === undefined || end === 'not-dead' ? ('not-dead' as const) : ('replayed' as const);
    },
    close: () => Promise.all(all().map((one) => one.close())),
  };
}
