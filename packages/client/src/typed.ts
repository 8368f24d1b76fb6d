import type { paths } from './api.ts';
import { type CallOptions, call, type Transport } from './request.ts';

type Method = 'get' | 'post' | 'put' | 'delete';
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never;
}[keyof paths];
type Operation<M extends Method, P extends PathWith<M>> = paths[P][M & keyof paths[P]];

type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { body?: B | undefined }
    : { body?: never };
type Given<O> = O extends { parameters: { query?: unknown; path?: unknown } }
  ? Pick<O['parameters'], 'query' | 'path'> & BodyOf<O> & CallOptions & { headers?: Record<string, string> }
  : never;

type Good = 200 | 201 | 202 | 204;
type JsonOf<R> = R extends { content: { 'application/json': infer J } }
  ? J
  : R extends { content: Record<string, infer T> }
    ? T
    : undefined;
type Answer<O> = O extends { responses: infer R } ? JsonOf<R[Good & keyof R]> : never;

/**
 * Calls any operation of the API: `request('get', '/api/transfers/{id}', { path: { id } })`. Asked and answered are what the
 * API's document says of it.
 */
export type TypedRequest = <M extends Method, P extends PathWith<M>>(
  method: M,
  path: P,
  ...given: object extends Given<Operation<M, P>> ? [Given<Operation<M, P>>?] : [Given<Operation<M, P>>]
) => Promise<Answer<Operation<M, P>>>;

type Loose = CallOptions & {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
};

export function createRequest(transport: Transport): TypedRequest {
  const request = (method: Method, path: string, { path: names = {}, ...given }: Loose = {}) =>
    call(transport, { ...given, method: method.toUpperCase(), path: filled(path, names) });
  return request as TypedRequest;
}

/** The path with its parameters. */
export function filled(path: string, names: Record<string, string>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
}
