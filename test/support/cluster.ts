import { type OwnRedis, startOwnRedis } from './own-redis.ts';
import { freePort } from './ports.ts';
import { askNode, untilFound } from './redis-nodes.ts';
import { startRedisProxy } from './redis-proxy.ts';

const SLOTS = 16_384;
/** A typical setting for a fast failover. */
const NODE_TIMEOUT_MS = 1_500;

/** The default offset of a node's cluster bus port. */
const BUS_ABOVE = 10_000;

type Door = Awaited<ReturnType<typeof startRedisProxy>>;

/** `doors`: the proxies of its port and its cluster bus port, if any. */
type Node = OwnRedis & { id: string; doors: Door[]; announcedPorts: number[] };

/** The sides of a partition: `here` is the side of the isolated primary. */
type Side = 'here' | 'there';

/** A client's password marks its side, since the nodes accept any. */
const envOf = (side: Side) => ({ REDIS_URL: `redis://default:${side}@127.0.0.1:1` });

type Settings = { replicas: number; primaries?: number; canBeCut?: boolean };

/**
 * The test's own Redis Cluster: three primaries, each with this many replicas. Resolves once it serves every slot.
 * With `canBeCut` each node is reached through proxies, by clients and by every other node.
 */
export async function startCluster({ replicas, primaries = 3, canBeCut = false }: Settings) {
  const nodes: Node[] = [];
  const allDoors: Door[] = [];
  async function stop(): Promise<void> {
    await Promise.all(allDoors.map((door) => door.close()));
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

  /** The view of an answering node: id, flags and slots of each node. */
  async function view(from: OwnRedis) {
    const lines = (await ask(from, 'CLUSTER', 'NODES')).trim().split('\n');
    return lines.map((line) => {
      const [id = '', , flags = '', primary = ''] = line.split(' ');
      return { id, flags: flags.split(','), primary, slots: line.split(' ').slice(8) };
    });
  }

  /**
   * Every node that should stand is seen by every other one, each slot has a primary, each primary has a replica, and every
   * replica a primary: where a primary lost all of its replicas, the Cluster gives it one of another primary's.
   */
  async function whole(): Promise<void> {
    await until('a whole Cluster', async () => {
      for (const node of nodes) {
        if (!(await ask(node, 'CLUSTER', 'INFO')).includes('cluster_state:ok')) return false;
        const seen = await view(node);
        if (seen.some(({ flags }) => flags.some((flag) => flag.startsWith('fail')))) return false;
        const owners = seen.filter(({ slots, flags }) => slots.length > 0 && flags.includes('master'));
        if (owners.length !== primaries) return false;
        const following = owners.map(({ id }) => seen.filter(({ primary }) => primary === id).length);
        if (replicas > 0 && following.includes(0)) return false;
        if (following.reduce((sum, count) => sum + count) < primaries * replicas) return false;
        if ((await ask(node, 'INFO', 'replication')).includes('master_link_status:down')) return false;
      }
      return true;
    });
  }

  /** The healthy nodes with slots, as seen by this node; with their slots. */
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

  /** Resolves with the node that took over the slots of this one, as seen by the others. */
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

  async function startNode(): Promise<void> {
    const port = await freePort();
    const doors: Door[] = [];
    for (const target of canBeCut ? [port, port + BUS_ABOVE] : []) doors.push(await startRedisProxy(target));
    allDoors.push(...doors);
    const announcedPorts = canBeCut ? doors.map((door) => door.port) : [port, port + BUS_ABOVE];
    const [announced, announcedBus] = announcedPorts.map(String) as [string, string];
    const extraArgs = [
      ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
      ...['--cluster-announce-port', announced, '--cluster-announce-bus-port', announcedBus],
      ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--cluster-config-file', 'nodes.conf'],
      ...['--cluster-require-full-coverage', 'no', '--repl-diskless-sync-delay', '0'],
    ];
    const server = await startOwnRedis({ extraArgs, port });
    const id = await ask(server, 'CLUSTER', 'MYID');
    nodes.push(Object.assign(server, { id, doors, announcedPorts }));
  }

  /**
   * Cuts the primary, its first replica and the clients with `env` off from the other nodes and the clients with `there`, until
   * the returned function is called. Only with `canBeCut`.
   */
  function cut(primary: Node): () => void {
    const here = [primary, nodes[nodes.indexOf(primary) + primaries] as Node];
    const sideOf = (node: Node): Side => (here.includes(node) ? 'here' : 'there');
    for (const node of nodes)
      for (const door of node.doors)
        door.refuse((head) => {
          const from = senderOf(head, nodes);
          return from !== undefined && (typeof from === 'string' ? from : sideOf(from)) !== sideOf(node);
        });
    return () => {
      for (const door of allDoors) door.open();
    };
  }

  try {
    for (let index = 0; index < primaries * (1 + replicas); index += 1) await startNode();
    const [first, ...others] = nodes as [Node, ...Node[]];
    for (const node of others) await ask(node, 'CLUSTER', 'MEET', '127.0.0.1', ...first.announcedPorts);
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
      ...envOf('here'),
      REDIS_CLUSTER_NODES: nodes.map(({ announcedPorts: [port] }) => `127.0.0.1:${port}`).join(','),
    },
    /** In addition to `env`, for a process on the other side of the partition. */
    there: envOf('there'),
    nodes,
    cut,
    primaryOf,
    replaced,
    whole,
    stop,
  };
}

/** The node or client side that sent these first bytes; `undefined` if unknown yet. */
function senderOf(head: string, nodes: Node[]): Node | Side | undefined {
  // A message of the cluster bus names its sender after 40 bytes, by the 40 letters of its id.
  if (head.startsWith('RCmb')) return nodes.find(({ id }) => id === head.slice(40, 80));
  const replicaPort = /listening-port\r\n\$\d+\r\n(\d+)/.exec(head)?.[1];
  if (replicaPort !== undefined) return nodes.find(({ port }) => port === Number(replicaPort));
  return /^\*3\r\n\$4\r\nauth\r\n\$7\r\ndefault\r\n\$\d+\r\n(here|there)\r\n/i.exec(head)?.[1] as
    | Side
    | undefined;
}
