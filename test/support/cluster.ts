import { type OwnRedis, startOwnRedis } from './own-redis.ts';
import { freePort } from './ports.ts';
import { askNode, untilFound } from './redis-nodes.ts';

const SLOTS = 16_384;
/** As operations set it who want a failover soon. */
const NODE_TIMEOUT_MS = 1_500;

type Node = OwnRedis & { id: string };

/** A Redis Cluster of the test's own: three primaries, each with so many replicas. Resolves once it serves every slot. */
export async function startCluster({ replicas, primaries = 3 }: { replicas: number; primaries?: number }) {
  const nodes: Node[] = [];
  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.stop()));
  }

  async function ask(node: OwnRedis, ...command: [string, ...(string | number)[]]): Promise<string> {
    const answer = await askNode(node.port, command);
    if (answer === undefined) throw new Error(`${node.port} does not answer ${command[0]}`);
    return String(answer);
  }

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await untilFound(what, async () => ((await isSo().catch(() => false)) ? true : undefined));
  }

  /** How a node that answers sees all of them: id, flags and slots of each. */
  async function view(from: OwnRedis) {
    const lines = (await ask(from, 'CLUSTER', 'NODES')).trim().split('\n');
    return lines.map((line) => {
      const [id = '', , flags = '', primary = ''] = line.split(' ');
      return { id, flags: flags.split(','), primary, slots: line.split(' ').slice(8) };
    });
  }

  /** Every node that should stand is seen by every other one, each slot has a primary, and each primary its replicas. */
  async function whole(): Promise<void> {
    await until('a whole Cluster', async () => {
      for (const node of nodes) {
        if (!(await ask(node, 'CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
        const seen = await view(node);
        if (seen.some(({ flags }) => flags.some((flag) => flag.startsWith('fail')))) return false;
        const owners = seen.filter(({ slots, flags }) => slots.length > 0 && flags.includes('master'));
        if (owners.length !== primaries) return false;
        for (const { id } of owners)
          if (seen.filter(({ primary }) => primary === id).length < replicas) return false;
        if ((await ask(node, 'INFO', 'replication')).includes('master_link_status:down')) return false;
      }
      return true;
    });
  }

  /** The ids of the nodes that serve slots, and have not failed, as this node sees it; with their slots. */
  async function owners(from: OwnRedis) {
    return (await view(from)).filter(
      ({ slots, flags }) =>
        slots.length > 0 && flags.includes('master') && !flags.some((flag) => flag.startsWith('fail')),
    );
  }

  /** The primary of this key's slot. */
  async function primaryOf(key: string): Promise<Node> {
    const [node] = nodes as [Node, ...Node[]];
    const slot = Number(await ask(node, 'CLUSTER', 'KEYSLOT', key));
    const owner = (await owners(node)).find(({ slots }) =>
      slots.some((range) => {
        const [from = 0, to = from] = range.split('-').map(Number);
        return from <= slot && slot <= to;
      }),
    );
    const found = nodes.find(({ id }) => id === owner?.id);
    if (found === undefined) throw new Error(`nothing serves ${key}`);
    return found;
  }

  /** Resolves with the node that has taken over the slots of this one, as the others see it. */
  async function replaced(from: OwnRedis): Promise<Node> {
    const other = nodes.find((node) => node !== from) as Node;
    const before = (await owners(other)).map(({ id }) => id);
    let found: Node | undefined;
    await until('another primary', async () => {
      const [newcomer] = (await owners(other)).filter(({ id }) => !before.includes(id));
      found = nodes.find(({ id }) => id === newcomer?.id);
      return found !== undefined;
    });
    return found as Node;
  }

  try {
    for (let index = 0; index < primaries * (1 + replicas); index += 1) {
      const port = await freePort();
      const extraArgs = [
        ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
        ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--cluster-config-file', 'nodes.conf'],
        ...['--cluster-require-full-coverage', 'no', '--repl-diskless-sync-delay', '0'],
      ];
      const server = await startOwnRedis({ extraArgs, port });
      nodes.push(Object.assign(server, { id: await ask(server, 'CLUSTER', 'MYID') }));
    }
    const [first, ...others] = nodes as [Node, ...Node[]];
    for (const node of others) await ask(node, 'CLUSTER', 'MEET', '127.0.0.1', first.port);
    for (const node of nodes)
      await until('every node is known', async () => (await view(node)).length === nodes.length);
    for (let index = 0; index < primaries; index += 1) {
      const node = nodes[index] as Node;
      const [from, to] = [index, index + 1].map((part) => Math.floor((SLOTS * part) / primaries)) as [
        number,
        number,
      ];
      await ask(node, 'CLUSTER', 'ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
    }
    for (let index = primaries; index < nodes.length; index += 1) {
      const primary = nodes[index % primaries] as Node;
      await until(
        'a replica follows',
        async () => (await ask(nodes[index] as Node, 'CLUSTER', 'REPLICATE', primary.id)) === 'OK',
      );
    }
    await whole();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: {
      REDIS_URL: 'redis://127.0.0.1:1',
      REDIS_CLUSTER_NODES: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
    },
    nodes,
    primaryOf,
    replaced,
    whole,
    stop,
  };
}
