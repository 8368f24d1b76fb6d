import { describeFailure } from './classify.ts';
import type { Evidence } from './decide.ts';
import type { Agent, Availability, Call, Reading } from './ports.ts';
import type { Target } from './request.ts';
import type { Run } from './run.ts';

/** What an attempt has read so far; `readAt` is when the reading of the call started. */
export type Seen = Pick<Evidence, 'agent' | 'call' | 'target' | 'fallback'> & { readAt: number };
export type SeenCall = Pick<Seen, 'call' | 'readAt'>;

/** Reads agent, call and target in parallel (docs/rules.md). */
export async function readAll(run: Run): Promise<Seen> {
  const { platform, signal } = run.ports;
  const readAt = run.now();
  const [agent, call, target] = await Promise.all([
    platform.readAgent(run.request, signal),
    platform.readCall({ ...run.request, decides: true }, signal, run.purse),
    platform.readTarget(run.request.target, signal),
  ]);
  run.callSeen = call;
  heed(run, agent, call, target);
  run.story.tell({
    step: 'read',
    evidence: { agent: words(agent), call: callWords(call), target: words(target) },
    ageMs: Math.max(agent.ok ? agent.ageMs : 0, target.ok ? target.ageMs : 0),
    requests: [...agent.requests, ...call.requests, ...target.requests],
    ms: run.now() - readAt,
  });
  return { agent, call, target, readAt };
}

/** Reads only the call: after a conflict the other readings are still fresh, and a proof needs nothing else. */
export async function readCall(run: Run): Promise<SeenCall> {
  const readAt = run.now();
  const call = await run.ports.platform.readCall(run.request, run.ports.signal, run.purse);
  run.callSeen = call;
  heed(run, call);
  run.story.tell({
    step: 'read',
    evidence: { call: callWords(call) },
    requests: call.requests,
    ms: run.now() - readAt,
  });
  return { call, readAt };
}

/** Reads whether the fallback is open; called only if the target is not. */
export async function readFallback(run: Run, fallback: Target, why: string): Promise<Reading<Availability>> {
  const from = run.now();
  const reading = await run.ports.platform.readTarget(fallback, run.ports.signal);
  heed(run, reading);
  run.story.tell({
    step: 'read',
    rule: why,
    evidence: { fallback: words(reading) },
    requests: reading.requests,
    ageMs: reading.ok ? reading.ageMs : 0,
    ms: run.now() - from,
  });
  return reading;
}

function heed(run: Run, ...readings: Reading<unknown>[]): void {
  for (const reading of readings) if (!reading.ok) run.heed(reading.failure);
}

function words(reading: Reading<Agent> | Reading<Availability>): string {
  if (!reading.ok) return describeFailure(reading.failure);
  return 'mayTransfer' in reading.value ? reading.value.why : reading.value.state;
}

export function callWords(reading: Reading<Call>): string {
  if (!reading.ok) return describeFailure(reading.failure);
  const { state, private: isPrivate, mark, placement } = reading.value;
  const at = placement.target === undefined ? '' : `, at ${placement.target.type} ${placement.target.id}`;
  return `${state}${isPrivate ? ', private' : ''}, version ${mark.fingerprint}${at}`;
}
