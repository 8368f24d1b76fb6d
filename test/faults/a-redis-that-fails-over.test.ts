import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { type Fault, failOver, killed, paused, startUpstream } from '../support/failing-over.ts';
import { startSentinels } from '../support/sentinels.ts';

async function behindSentinels(context: TestContext, replicas: number, fault: Fault, times: number) {
  const redis = await startSentinels(replicas);
  context.onTestFinished(redis.stop);
  const upstream = await startUpstream(context, redis.env, { perSecond: 25, workers: 2 });
  console.log(`${replicas} replicas`);
  await failOver(context, { ...redis, waitsForOld: replicas === 1 }, [upstream], fault, times);
}

const patient = { timeout: 400_000 };

test.concurrent(
  'two replicas, the primary paused and resumed: nothing is moved twice, nothing is lost',
  patient,
  (context) => behindSentinels(context, 2, paused, LONG ? 2 : 1),
);

test.concurrent('two replicas, the primary killed: the same', patient, (context) =>
  behindSentinels(context, 2, killed, LONG ? 3 : 1),
);

test.concurrent('one replica, the primary paused and resumed: nothing is moved twice', patient, (context) =>
  behindSentinels(context, 1, paused, LONG ? 2 : 1),
);
