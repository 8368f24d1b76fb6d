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
/** Each coding multiplies what a few bytes can become, and no client needs more. */
const MOST_CODINGS = 2;

/**
 * Decodes compressed request bodies (RFC 9110, 8.4). The limit of a route's body counts the decoded bytes, and decoding stops
 * there. An unknown coding is `unsupported-media-type` with `Accept-Encoding`; a body that is not in its coding is `bad-request`.
 */
export function decodeBodies(app: Api): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const codings = codingsOf(request);
    if (codings.length === 0) return payload;
    const decoders = codings.map((coding) => (DECODERS[coding] as () => Duplex)()).reverse();
    return decode(payload, decoders, request.routeOptions.bodyLimit);
  });
}

/** The decoded body; it fails with the problem that the request gets, and then what is left of the body is thrown away. */
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
    decoded.destroy(new Problem('bad-request', 'The body is not in its Content-Encoding.'));
  for (const decoder of decoders) decoder.once('error', broken);
  encoded.once('error', (error) => decoded.destroy(error));
  encoded.on('data', (chunk: Buffer) => {
    encodedLength += chunk.length;
  });
  [...decoders, decoded].reduce<Readable>((from, to) => from.pipe(to), encoded);
  // Fastify compares it with Content-Length.
  return Object.defineProperty(decoded, 'receivedEncodedLength', { get: () => encodedLength });
}

/** `deflate` is the zlib format, whose first byte has 8 in its low half; many senders leave its header out. */
class AnyInflate extends Transform {
  #inflate: Inflate | InflateRaw | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#inflate ??= this.#begin(chunk);
    // It is done with the chunk only once what it became was taken.
    this.#inflate.write(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    if (this.#inflate === undefined) done(new Error('there is nothing to decode'));
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
      : `The content coding "${unknown.slice(0, 40)}" is not known; send ${ACCEPTED}, or none.`;
  throw new Problem('unsupported-media-type', detail, {}, { 'accept-encoding': ACCEPTED });
}

const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;
const LONGEST_DISCARD_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * After an answer that came before the body was read (`413`), reads on and throws away, so that a client that is still
 * sending finds the answer instead of a reset. What goes on too long or is too much is cut.
 */
export function discardRest(request: IncomingMessage): void {
  const { socket } = request;
  // A request that was injected has no connection.
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
