export { traceIdOf } from './traceparent.ts';
export * from './tracing.ts';
