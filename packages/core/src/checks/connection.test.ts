import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkConnection, noConnection } from './connection.ts';

const place = (url: string) => ({ url, correct: 'correct SOME_URL' });

test.each([
  ['ENOTFOUND, no connection', 'the name of a.example does not exist in DNS', 'correct SOME_URL, or the DNS'],
  ['EAI_AGAIN, no connection', 'DNS does not answer for a.example', 'correct the DNS of this machine'],
  ['ECONNREFUSED, no connection', 'nothing listens at a.example', 'or start what listens there'],
  ['EPROTO', 'a.example does not speak TLS', 'http:// in place of https://'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate of a.example is not accepted', 'NODE_EXTRA_CA_CERTS'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate of a.example is not accepted', 'NODE_EXTRA_CA_CERTS'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate of a.example is not accepted', 'NODE_EXTRA_CA_CERTS'],
  ['ETIMEDOUT, no connection', 'a.example cannot be reached: ETIMEDOUT', 'firewall'],
  ['no answer within 10 ms', 'a.example cannot be reached: no answer within 10 ms', 'firewall'],
  ['ECONNRESET', 'the connection to a.example breaks: ECONNRESET', 'firewall'],
])('%s is explained', (why, detail, fix) => {
  expect(noConnection(place('https://a.example/b?c=d'), why)).toEqual({
    status: 'failed',
    detail: expect.stringContaining(detail),
    fix: expect.stringContaining(fix),
  });
});

test('a connection is made, and nothing is sent over it', async () => {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.once('close', () => server.emit('over'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const over = once(server, 'over');
  const found = await checkConnection(place(`http://user:hush@127.0.0.1:${port}/x?token=hush`), 5_000);
  expect(found).toEqual({
    status: 'ok',
    detail: expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:${port} accepts connections \\(\\d+ ms\\)$`)),
  });
  await over;
  expect(heard).toBe('');
});

test('no TLS at https: is told', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const found = await checkConnection(place(`https://127.0.0.1:${port}`), 5_000);
  expect(found).toMatchObject({ status: 'failed', detail: expect.stringMatching(/TLS|certificate|breaks/) });
});
