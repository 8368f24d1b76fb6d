export type { operations, paths } from './api.ts';
export { createHandover, type Handover, type HandoverOptions } from './client.ts';
export { HandoverError, HandoverProblem, HandoverTimeout, HandoverUnreachable } from './errors.ts';
export type { CallOptions, RetryOptions } from './request.ts';
export type { StreamOptions } from './stream.ts';
export type { ChangeEvent, SubmitOptions, TransferEvent, WaitOptions } from './transfers.ts';
export type * from './words.ts';
