import {
  brotliCompressSync as br,
  deflateSync as deflate,
  deflateRawSync,
  gzipSync as gzip,
} from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readBody } from './body.ts';
import { afterRequest, openWires, read, send, serve } from './wire.testing.ts';

openWires();

const CALL = { id: 'call-ä', state: 'connected' };
const JSON_OF_CALL = Buffer.from(JSON.stringify(CALL));
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LIMIT = 1024 * 1024;

/** JSON of exactly this many bytes. */
const jsonOf = (bytes: number) => Buffer.from(`{"id":"${'x'.repeat(bytes - 9)}"}`);

describe('a body is read', () => {
  test.each<[string, string | undefined, Buffer]>([
    ['as it came', undefined, JSON_OF_CALL],
    ['in no coding', '', JSON_OF_CALL],
    ['in identity', 'identity', JSON_OF_CALL],
    ['in gzip', 'gzip', gzip(JSON_OF_CALL)],
    ['in gzip in capitals', 'GZIP', gzip(JSON_OF_CALL)],
    ['in gzip by its old name', 'x-gzip', gzip(JSON_OF_CALL)],
    [
      'in gzip of two members',
      'gzip',
      Buffer.concat([gzip('{"id":"call-ä",'), gzip('"state":"connected"}')]),
    ],
    ['in gzip at level 0', 'gzip', gzip(JSON_OF_CALL, { level: 0 })],
    ['in deflate', 'deflate', deflate(JSON_OF_CALL)],
    ['in deflate with a small window', 'deflate', deflate(JSON_OF_CALL, { windowBits: 9 })],
    ['in bare deflate', 'deflate', deflateRawSync(JSON_OF_CALL)],
    ['in bare deflate that looks like zlib at first', 'deflate', deflateRawSync(JSON_OF_CALL, { level: 0 })],
    ['in brotli', 'br', br(JSON_OF_CALL)],
    ['in two codings', 'deflate, gzip', gzip(deflate(JSON_OF_CALL))],
    ['in three, with spaces and identity between', ' br ,identity,\tgzip , , Br', br(gzip(br(JSON_OF_CALL)))],
    ['twice in the same', 'gzip,gzip', gzip(gzip(JSON_OF_CALL))],
    ['after a byte order mark', undefined, Buffer.concat([MARK, JSON_OF_CALL])],
    ['after a byte order mark that was compressed', 'gzip', gzip(Buffer.concat([MARK, JSON_OF_CALL]))],
  ])('%s', (_, encoding, bytes) => {
    expect(readBody(bytes, encoding)).toEqual(CALL);
  });

  test.each<[string, string | undefined, Buffer]>([
    ['empty', undefined, Buffer.alloc(0)],
    ['empty, in gzip', 'gzip', Buffer.alloc(0)],
    ['empty, in deflate', 'deflate', Buffer.alloc(0)],
    ['nothing but a byte order mark', undefined, MARK],
    ['after two byte order marks', undefined, Buffer.concat([MARK, MARK, JSON_OF_CALL])],
    ['a web page', undefined, Buffer.from('<html></html>')],
    ['in an unknown coding', 'snappy', JSON_OF_CALL],
    ['in an unknown one below gzip', 'snappy, gzip', gzip(JSON_OF_CALL)],
    ['said to be gzip, and is not', 'gzip', JSON_OF_CALL],
    ['said to be brotli, and is not', 'br', JSON_OF_CALL],
    ['cut in gzip', 'gzip', gzip(JSON_OF_CALL).subarray(0, -12)],
    ['cut in brotli', 'br', br(JSON_OF_CALL).subarray(0, -3)],
    ['in more codings than are honest', Array(6).fill('gzip').join(), sixTimes(JSON_OF_CALL)],
  ])('not where it is %s', (_, encoding, bytes) => {
    expect(readBody(bytes, encoding)).toBeUndefined();
  });

  test('up to 1 MiB once decoded, in every coding', () => {
    const [just, over] = [jsonOf(LIMIT), jsonOf(LIMIT + 1)];
    for (const [encoding, pack] of [
      ['gzip', gzip],
      ['deflate', deflate],
      ['deflate', deflateRawSync],
      ['br', br],
    ] as const) {
      expect(readBody(pack(just), encoding), encoding).toHaveProperty('id');
      expect(readBody(pack(over), encoding), encoding).toBeUndefined();
    }
  });

  test('not where an outer coding alone is larger than that', () => {
    // 5 MiB of nothing in 5 kB, in 1 kB.
    const bomb = gzip(gzip(Buffer.alloc(5 * LIMIT)));
    expect(bomb.length).toBeLessThan(LIMIT / 100);
    expect(readBody(bomb, 'gzip, gzip')).toBeUndefined();
  });
});

function sixTimes(bytes: Buffer): Buffer {
  return Array.from({ length: 6 }).reduce<Buffer>((packed) => gzip(packed), bytes);
}

describe('an answer that was compressed unasked', () => {
  test.each([
    ['gzip', gzip(JSON_OF_CALL)],
    ['deflate', deflate(JSON_OF_CALL)],
    ['BR', br(JSON_OF_CALL)],
    [['deflate', 'gzip'], gzip(deflate(JSON_OF_CALL))],
  ])('in %s is decoded, for a read and for the effect, and in an error', async (encoding, bytes) => {
    let status = 200;
    const url = await serve((request, response) => {
      request.resume().on('end', () => {
        const lines = [encoding].flat().flatMap((one) => ['Content-Encoding', one]);
        response.writeHead(status, lines).end(bytes);
      });
    });
    expect(await read(url)).toMatchObject({ answered: true, status: 200, data: CALL });
    expect(await send(url)).toMatchObject({ answered: true, status: 200, data: CALL });
    status = 409;
    expect(await send(url)).toMatchObject({ answered: true, status: 409, data: CALL });
  });

  test.each([
    ['a bomb', 'gzip', gzip(jsonOf(200 * LIMIT))],
    ['in an unknown coding', 'zstd', JSON_OF_CALL],
    ['broken', 'gzip', JSON_OF_CALL],
  ])('and is %s has a status, and no data', async (_, encoding, bytes) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    });
    expect(await send(url)).toMatchObject({ answered: true, status: 200, data: undefined });
  });

  test('and is cut has a status, and no data', async () => {
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5000\r\n\r\n`;
    const url = await afterRequest((socket) =>
      socket.write(Buffer.concat([Buffer.from(head), gzip(JSON_OF_CALL)]), () => socket.destroy()),
    );
    expect(await send(url)).toMatchObject({ answered: true, status: 200, data: undefined });
  });
});
