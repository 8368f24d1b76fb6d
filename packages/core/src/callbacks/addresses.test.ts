import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createWire } from '../wire/wire.ts';
import { guardedLookup, isPublic } from './addresses.ts';

const INSIDE = [
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.0.1', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a9fe:a9fe',
    '::8.8.8.8',
    'fe80::1',
    'fe80::1%eth0',
  ],
  ...[
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '100::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::169.254.169.254',
  ],
  ...['64:ff9b:1::8.8.8.8', '2001::1', '2001:db8::1', '2002:7f00:1::1', '3fff::1', '4000::1'],
  ...['', 'localhost', '1.2.3', '1.2.3.4.5', 'nonsense'],
];
const PUBLIC = [
  ...[
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '223.255.255.255',
  ],
  ...['2606:4700:4700::1111', '2a00:1450::1', '64:ff9b::8.8.8.8'],
];

test.each(INSIDE)('%s is not on the public internet', (address) => {
  expect(isPublic(address)).toBe(false);
});
test.each(PUBLIC)('%s is', (address) => {
  expect(isPublic(address)).toBe(true);
});

/** A server on this address; returns its port and how many requests it got. */
async function listen(address: string, port = 0) {
  let requests = 0;
  const server = http.createServer((_request, response) => {
    requests += 1;
    response.writeHead(204, { connection: 'close' }).end();
  });
  server.listen(port, address);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}

test('each connection goes to an address that was allowed, whatever the name resolves to the next time', async () => {
  const outside = await listen('127.0.0.1');
  const inside = await listen('127.0.0.2', outside.port);
  const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.2', '127.0.0.1'], []];
  const lookup = guardedLookup(
    (address) => address !== '127.0.0.2',
    (_host, { all }, found) => {
      expect(all).toBe(true);
      found(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
      );
    },
  );
  const wire = createWire(5_000, () => undefined, { lookups: { plain: lookup, secure: lookup } });
  onTestFinished(() => wire.close());
  const url = `http://rebinding.example.org:${outside.port}/`;
  const { signal } = new AbortController();
  const send = () => wire.send({ operation: 'test', method: 'POST', url, body: {}, signal });
  expect(await send()).toMatchObject({ answered: true, status: 204 });
  const refused = { answered: false, failure: { sent: false, detail: 'ERR_ADDRESS_REFUSED' } };
  expect(await send()).toMatchObject(refused);
  expect(await send()).toMatchObject({ answered: true, status: 204 });
  expect(await send()).toMatchObject(refused);
  expect([outside.requests(), inside.requests()]).toEqual([2, 0]);
});

test('a name that cannot be looked up fails as ever, and one address is passed on where one is asked for', async () => {
  const failing = guardedLookup(isPublic, (_host, _options, found) => {
    found(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
  });
  const both = guardedLookup(isPublic, (_host, _options, found) => {
    const addresses = [
      { address: '10.0.0.1', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ];
    found(null, addresses);
  });
  const ask = (lookup: typeof both) =>
    new Promise((resolve) => {
      lookup('a.example', {}, (error, address, family) => resolve(error?.code ?? [address, family]));
    });
  expect(await ask(failing)).toBe('ENOTFOUND');
  expect(await ask(both)).toEqual(['2606:4700::1', 6]);
});
