export * from './spans.ts';
export { traceIdOf } from './traceparent.ts';
export { openTracing } from './tracing.ts';
