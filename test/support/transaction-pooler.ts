import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Client } from 'pg';

/** AuthenticationOk, the server parameters, and ReadyForQuery. */
const WELCOME = Buffer.concat([
  message('R', Buffer.alloc(4)),
  ...[
    ['server_version', '15.0'],
    ['client_encoding', 'UTF8'],
    ['standard_conforming_strings', 'on'],
  ].map((pair) => message('S', Buffer.from(`${pair.join('\0')}\0`))),
  message('Z', Buffer.from('I')),
]);

type Session = { socket: net.Socket; end: () => Promise<void> };

/**
 * PgBouncer in transaction mode: every client may use any of a few database sessions, from one
 * ReadyForQuery outside a transaction to the next, here never the same one twice in a row. It needs no password.
 * `close` ends it and the sessions.
 */
export async function startTransactionPooler(databaseUrl: string, sessions = 2) {
  const free: Session[] = [];
  for (let index = 0; index < sessions; index += 1) free.push(await openSession(databaseUrl));
  const all = [...free];
  const waiting: ((session: Session) => void)[] = [];
  const clients = new Set<net.Socket>();
  let transactions = 0;

  function giveBack(session: Session): void {
    const next = waiting.shift();
    if (next === undefined) free.push(session);
    else next(session);
  }
  const take = async () => free.shift() ?? new Promise<Session>((given) => waiting.push(given));

  const server = net.createServer(async (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    // The first message is the client's StartupMessage.
    await once(client, 'data');
    client.write(WELCOME);
    let held: Session | undefined;
    let early: Buffer[] | undefined;
    // The number of pending ReadyForQuery: one for each Query and each Sync.
    let owed = 0;
    const readClient = readMessages(async (whole, type) => {
      // Terminate is for the pooler: a refused client sends it before its ReadyForQuery arrives.
      if (type === 'X') return void client.end();
      if (type === 'Q' || type === 'S') owed += 1;
      if (held !== undefined) return void held.socket.write(whole);
      if (early !== undefined) return void early.push(whole);
      early = [whole];
      const session = await take();
      held = session;
      transactions += 1;
      const readSession = readMessages((answer, kind, body) => {
        client.write(answer);
        if (kind !== 'Z') return;
        owed -= 1;
        if (owed > 0 || body.toString() !== 'I') return;
        session.socket.off('data', readSession);
        held = undefined;
        giveBack(session);
      });
      session.socket.on('data', readSession);
      session.socket.write(Buffer.concat(early));
      early = undefined;
    });
    client.on('data', readClient);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { pathname } = new URL(databaseUrl);
  return {
    url: `postgres://any@127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    /** How many transactions it has passed on. */
    transactions: () => transactions,
    async close(): Promise<void> {
      for (const client of clients) client.destroy();
      server.close();
      await Promise.all(all.map((session) => session.end()));
    },
  };
}

/** A logged-in database session, with its raw socket. */
async function openSession(connectionString: string): Promise<Session> {
  const client = new Client({ connectionString });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: net.Socket } }).connection;
  stream.removeAllListeners('data');
  stream.resume();
  return {
    socket: stream,
    async end() {
      stream.removeAllListeners();
      stream.on('error', () => undefined);
      stream.destroy();
    },
  };
}

/** Splits the stream into protocol messages: a letter, the length, the body. */
function readMessages(each: (whole: Buffer, type: string, body: Buffer) => unknown) {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes: Buffer): void => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = 1 + rest.readInt32BE(1);
      const whole = rest.subarray(0, end);
      rest = rest.subarray(end);
      each(whole, String.fromCharCode(whole[0] ?? 0), whole.subarray(5));
    }
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
