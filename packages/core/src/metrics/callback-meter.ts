import { Counter, Gauge, type Registry } from 'prom-client';
import { type CallbackEnd, type CallbackState, callbackEnds } from '../transfer/callback-words.ts';
import type { Mode } from '../transfer/policy.ts';
import { prefixOf } from './meter.ts';

const TRY_RESULTS = ['delivered', 'gone', 'failed', 'no-answer'] as const;

export type CallbackMeter = ReturnType<typeof createCallbackMeter>;

/** The callback counters of a worker. */
export function createCallbackMeter(registry: Registry, mode: Mode = 'live') {
  const registers = [registry];
  const prefix = prefixOf(mode);
  const ends = new Counter({
    name: `${prefix}_callbacks_total`,
    help: 'Callbacks that ended, by end: delivered, or given up.',
    labelNames: ['end'] as const,
    registers,
  });
  const tries = new Counter({
    name: `${prefix}_callback_tries_total`,
    help: 'Tries of callbacks, by result.',
    labelNames: ['result'] as const,
    registers,
  });
  for (const end of callbackEnds) ends.inc({ end }, 0);
  for (const result of TRY_RESULTS) tries.inc({ result }, 0);
  return {
    ended: ({ state }: { state: CallbackState }) => ends.inc({ end: state as CallbackEnd }),
    /** `status`: none if there was no answer. */
    tried: ({ is, status }: { is: 'delivered' | 'gone' | 'failed'; status?: number | undefined }) =>
      tries.inc({ result: is === 'failed' && status === undefined ? 'no-answer' : is }),
  };
}

export type CallbackStanding = {
  /** The API keys that have a receiver, by name. */
  keys: readonly string[];
  /** How many wait for this receiver, and for how long it has failed, in ms (0 = it does not); NaN if unknown. */
  of: (key: string) => Promise<{ waiting: number; failingMs: number }>;
};

/** Values shared by all processes; exported only by the API. */
export function observeCallbacks(
  registry: Registry,
  { keys, of }: CallbackStanding,
  mode: Mode = 'live',
): void {
  const gauge = (
    name: string,
    help: string,
    value: (standing: { waiting: number; failingMs: number }) => number,
  ) =>
    new Gauge({
      name: `${prefixOf(mode)}_${name}`,
      help,
      labelNames: ['key'] as const,
      registers: [registry],
      async collect() {
        for (const key of keys) this.set({ key }, value(await of(key)));
      },
    });
  gauge(
    'callbacks_waiting',
    'Callbacks that wait for the receiver of this API key.',
    ({ waiting }) => waiting,
  );
  gauge(
    'callback_receiver_failing_seconds',
    'For how long the receiver of this API key has failed; 0 if its latest try did not.',
    ({ failingMs }) => failingMs / 1000,
  );
}
