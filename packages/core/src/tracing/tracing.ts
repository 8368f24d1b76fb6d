import type { Logger } from '../log/log.ts';
import type { Tracing } from './spans.ts';

/**
 * Tracing with OpenTelemetry, loaded only if enabled; `undefined` if disabled or the set-up failed.
 * The SDK reads the standard variables (OTEL_…) itself; `service`: the name unless OTEL_SERVICE_NAME is set.
 */
export async function openTracing(
  { isOn }: { readonly isOn: boolean },
  service: string,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<Tracing | undefined> {
  if (!isOn) return undefined;
  try {
    const { createOpenTelemetry } = await import('./open-telemetry.ts');
    return createOpenTelemetry(service, log);
  } catch (error) {
    log.warn({ err: error }, 'tracing.not-set-up');
    return undefined;
  }
}
