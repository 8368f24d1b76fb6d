import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex, type Readable, Transform, type TransformCallback } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type Inflate,
  type InflateRaw,
} from 'node:zlib';
import type { FastifyRequest, RequestPayload } from 'fastify';
import type { Api } from '../parts.ts';
import { bodyTooLarge, Problem } from './problems.ts';

const DECODERS: Record<string, () => Duplex> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: () => new AnyInflate(),
  br: createBrotliDecompress,
};
const ACCEPTED = 'gzip, deflate, br';
/** Each coding multiplies the decompressed size; no client needs more. */
const MOST_CODINGS = 2;

/**
 * Decodes compressed request bodies (RFC 9110, 8.4). The body limit applies to the decoded bytes, and decoding stops there.
 * An unknown coding is `unsupported-media-type` with `Accept-Encoding`; a body that cannot be decoded is `bad-request`.
 */
export function decodeBodies(app: Api): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const codings = codingsOf(request);
    if (codings.length === 0) return payload;
    const decoders = codings.map((coding) => (DECODERS[coding] as () => Duplex)()).reverse();
    return decode(payload, decoders, request.routeOptions.bodyLimit);
  });
}

/** The decoded body. On an error it emits the problem to answer with, and discards the rest of the body. */
function decode(encoded: RequestPayload, decoders: Duplex[], limit: number): RequestPayload {
  let encodedLength = 0;
  let length = 0;
  const decoded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > limit) done(bodyTooLarge());
      else done(null, chunk);
    },
  });
  decoded.once('error', () => {
    encoded.unpipe();
    for (const decoder of decoders) decoder.destroy();
    encoded.resume();
  });
  const broken = () =>
    decoded.destroy(new Problem('bad-request', 'The body cannot be decoded by its Content-Encoding.'));
  for (const decoder of decoders) decoder.once('error', broken);
  encoded.once('error', (error) => decoded.destroy(error));
  encoded.on('data', (chunk: Buffer) => {
    encodedLength += chunk.length;
  });
  [...decoders, decoded].reduce<Readable>((from, to) => from.pipe(to), encoded);
  // Fastify compares this with Content-Length.
  return Object.defineProperty(decoded, 'receivedEncodedLength', { get: () => encodedLength });
}

/** `deflate` is the zlib format (low nibble of the first byte: 8), but many senders omit the zlib header. */
class AnyInflate extends Transform {
  #inflate: Inflate | InflateRaw | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#inflate ??= this.#begin(chunk);
    // Calls `done` only once the output was consumed, for back-pressure.
    this.#inflate.write(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    if (this.#inflate === undefined) done(new Error('the body is empty'));
    else this.#inflate.once('end', done).end();
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    done(error);
  }

  #begin(chunk: Buffer): Inflate | InflateRaw {
    const inflate = ((chunk[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    inflate.on('data', (decoded: Buffer) => {
      if (!this.push(decoded)) inflate.pause();
    });
    inflate.once('error', (error) => this.destroy(error));
    return inflate;
  }
}

function codingsOf({ headers }: FastifyRequest): string[] {
  const codings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const unknown = codings.find((coding) => !Object.hasOwn(DECODERS, coding));
  if (unknown === undefined && codings.length <= MOST_CODINGS) return codings;
  const detail =
    unknown === undefined
      ? `The body has more than ${MOST_CODINGS} content codings.`
      : `The content coding "${unknown.slice(0, 40)}" is not supported; send ${ACCEPTED}, or none.`;
  throw new Problem('unsupported-media-type', detail, {}, { 'accept-encoding': ACCEPTED });
}

const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;
const LONGEST_DISCARD_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * After an answer that was sent before the body was read (`413`), reads and discards the rest, so that a client that is still
 * sending gets the answer instead of a reset. Bounded in time and bytes; then the connection is closed.
 */
export function discardRest(request: IncomingMessage): void {
  const { socket } = request;
  // An injected request has no connection.
  if (request.complete || request.destroyed || !(socket instanceof Socket)) return;
  const until = performance.now() + LONGEST_DISCARD_MS;
  const most = socket.bytesRead + MOST_DISCARDED_BYTES;
  request.resume();
  const timer = setInterval(() => {
    if (!request.complete && !socket.destroyed && performance.now() < until && socket.bytesRead < most)
      return;
    clearInterval(timer);
    if (!request.complete) socket.destroy();
  }, LOOK_EVERY_MS);
}
