import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { LARGEST_BODY } from './transport.ts';

/** No legitimate server uses more; each costs a pass over up to 1 MiB. */
const MOST_CODINGS = 5;
const LIMIT = { maxOutputLength: LARGEST_BODY };

/**
 * Parses the JSON of an answer. `encoding`: its `Content-Encoding`, which some gateways use although we do not accept any
 * (RFC 9110, 8.4). `undefined` if the body is truncated, not JSON, in an unknown coding, or larger than 1 MiB decoded.
 */
export function readBody(bytes: Buffer, encoding = ''): unknown {
  try {
    const text = decode(bytes, encoding).toString();
    // RFC 8259, 8.1: a byte order mark may be ignored.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** Codings are listed in the order of application. Throws what zlib throws. */
function decode(bytes: Buffer, encoding: string): Buffer {
  if (encoding === '') return bytes;
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) throw new Error('too many codings');
  return codings.reduceRight((coded, coding) => {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(coded, LIMIT);
      case 'deflate':
        // Some senders omit the zlib header that RFC 9110, 8.4.1.2 requires.
        return isZlib(coded) ? inflateSync(coded, LIMIT) : inflateRawSync(coded, LIMIT);
      case 'br':
        return brotliDecompressSync(coded, LIMIT);
      default:
        throw new Error('unknown coding');
    }
  }, bytes);
}

/** RFC 1950, 2.2: method 8, and the first two bytes are a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  return bytes.length > 1 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}
