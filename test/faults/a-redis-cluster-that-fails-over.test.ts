import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'vitest';
import { LONG } from '../support/chance.ts';
import { startCluster } from '../support/cluster.ts';
import { type Fault, failOver, killed, paused, startUpstream } from '../support/failing-over.ts';

/**
 * A Cluster of three primaries with two replicas each; three prefixes, each in a slot of another primary, with its own API and
 * workers. The fault hits the primaries in turn.
 */
async function inCluster(context: TestContext, fault: Fault, times: number) {
  const cluster = await startCluster({ replicas: 2 });
  context.onTestFinished(cluster.stop);
  const prefixes: string[] = [];
  for (const primary of cluster.nodes.slice(0, 3)) {
    let prefix: string;
    do prefix = `{t-${randomUUID().slice(0, 8)}}`;
    while ((await cluster.primaryOf(prefix)) !== primary);
    prefixes.push(prefix);
  }
  const upstreams = [];
  for (const prefix of prefixes.slice(0, LONG ? 3 : 2)) {
    const env = { ...cluster.env, QUEUE_PREFIX: prefix };
    upstreams.push(await startUpstream(context, env, { perSecond: 10, workers: 1 }));
  }
  let next = 0;
  const failing = {
    whole: cluster.whole,
    primary: () => cluster.primaryOf(prefixes[next++ % prefixes.length] ?? ''),
    failedOver: cluster.replaced,
  };
  await failOver(context, failing, upstreams, fault, times);
}

const patient = { timeout: 400_000 };

test.concurrent('a primary paused and resumed: nothing is moved twice, nothing is lost', patient, (context) =>
  inCluster(context, paused, LONG ? 3 : 1),
);

// Nine servers and two systems are heavy for `npm test`; the other fault runs with FAULTS=long only.
if (LONG) test.concurrent('a primary killed: the same', patient, (context) => inCluster(context, killed, 3));
