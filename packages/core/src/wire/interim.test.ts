import { expect, test } from 'vitest';
import { afterRequest, notes, openWires, read, send, serve, serveRaw } from './wire.testing.ts';

openWires();

const FINAL = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"id":"c"}';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n';
const HINTS =
  'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\nretry-after: 60\r\netag: "0"\r\n\r\n';

/** RFC 9110, 15.2: a client must be able to parse any number of 1xx before the final answer, even if it asked for none. */
test.each([
  ['100', [CONTINUE]],
  ['102', [PROCESSING]],
  ['103', [HINTS]],
  ['an unknown one', ['HTTP/1.1 199 Whatever\r\n\r\n']],
  ['a 100 with headers', ['HTTP/1.1 100 Continue\r\ndate: now\r\ncontent-length: 0\r\n\r\n']],
  ['several', [CONTINUE, PROCESSING, HINTS, PROCESSING, CONTINUE]],
  ['a great many', Array<string>(200).fill(PROCESSING)],
])('%s before the answer is skipped, for a read and for the effect', async (_, interim) => {
  let connections = 0;
  const url = await serveRaw((socket) => {
    connections += 1;
    socket.on('data', (bytes) => {
      // The head of a POST and its body come at once, or one after the other.
      if (bytes.toString().startsWith('{')) return;
      socket.write(interim.join('') + FINAL);
    });
  });
  const expected = {
    answered: true,
    status: 200,
    data: { id: 'c' },
    retryAfterMs: undefined,
    headers: {},
  };
  expect(await read(url)).toMatchObject(expected);
  expect(await send(url)).toMatchObject(expected);
  expect(notes).toHaveLength(2);
  expect(connections).toBe(1);
});

test('they come in pieces, long before the answer', async () => {
  const url = await serve((request, response) => {
    request.resume();
    response.writeContinue();
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => {
      response.writeProcessing();
      setImmediate(() => response.end('{"id":"c"}'));
    });
  });
  expect(await send(url)).toMatchObject({ status: 200, data: { id: 'c' } });
});

test.each([
  ['100', CONTINUE],
  ['103', HINTS],
])('%s alone is no answer: the request may have been carried out', async (_, interim) => {
  const url = await afterRequest((socket) => socket.write(interim, () => socket.destroy()));
  // Bytes of an answer came, so that a read is not sent again for it.
  expect(await read(url)).toMatchObject({ answered: false, failure: { sent: true }, broken: false });
});

test('101 is no answer to what did not ask for it', async () => {
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n';
  const url = await afterRequest((socket) => socket.write(switching));
  expect(await send(url)).toMatchObject({ answered: false, failure: { sent: true }, broken: false });
});
