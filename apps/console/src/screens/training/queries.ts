import { HandoverProblem, type SimulatedTransfer } from '@handover/client';
import { useQuery } from '@tanstack/react-query';
import { handover } from '../../api.ts';
import { isReversed } from '../../ui/reversed.ts';
import { runsAskedFor, type Search } from './search.ts';
import type { Prediction } from './words.ts';

const LOOK_AGAIN_MS = 5_000;
/** The most that the API gives at once. */
export const MOST_RUNS = 1_000;
const PER_PAGE = 50;

/** What can be practised. */
export function useScenarios() {
  return useQuery({
    queryKey: ['scenarios'],
    queryFn: ({ signal }) => handover.simulator.scenarios({ signal }),
    staleTime: 60_000,
  });
}

/** A page of the history; the newest one is looked at again by itself, so that a trainer sees the class at work. */
export function useRunPage(search: Search) {
  const { cursor } = search;
  const query = { ...runsAskedFor(search), ...(cursor !== undefined && { cursor }), limit: PER_PAGE };
  return useQuery({
    queryKey: ['training-runs', query],
    queryFn: ({ signal }) => handover.simulator.runs(query, { signal }),
    ...(cursor === undefined && { refetchInterval: LOOK_AGAIN_MS }),
    enabled: !isReversed(search.from, search.to),
  });
}

/** All runs of a trainee or a class, as many as the API gives at once. */
export function useAllRuns(asked: ReturnType<typeof runsAskedFor>, isAsked = true) {
  const query = { ...asked, limit: MOST_RUNS };
  return useQuery({
    queryKey: ['training-runs', query],
    queryFn: ({ signal }) => handover.simulator.runs(query, { signal }),
    enabled: isAsked,
  });
}

/** A run with its timeline. */
export function useRun(id: string) {
  return useQuery({
    queryKey: ['training-run', id],
    queryFn: ({ signal }) => handover.request('get', '/api/simulator/runs/{id}', { path: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    // Another run is no stand-in for this one.
    placeholderData: () => undefined,
  });
}

/**
 * Runs a simulated transfer and gives the id of its run. One that is refused or fails is a result like any other; throws where
 * there is no run.
 */
export async function runScenario(transfer: SimulatedTransfer): Promise<string> {
  try {
    const { run } = await handover.simulator.transfer(transfer);
    if (run !== undefined) return run.id;
  } catch (error) {
    const id = error instanceof HandoverProblem ? idOf(error.problem.run) : undefined;
    if (id === undefined) throw error;
    return id;
  }
  throw new Error('The run is over, but Handover could not store it. Run it again.');
}

function idOf(run: Record<string, unknown> | undefined): string | undefined {
  return typeof run?.id === 'string' ? run.id : undefined;
}

type Named = {
  trainee: string | undefined;
  class: string | undefined;
  predicted: Prediction | undefined;
};

/** A simulated transfer of a call of its own, so that a class can practise at the same time. */
export function simulationOf(
  scenario: string,
  hasFallback: boolean,
  { trainee, class: group, predicted }: Named,
): SimulatedTransfer {
  const number = crypto.getRandomValues(new Uint32Array(2)).join('-');
  return {
    ...{ userId: 'practice-agent', callId: `practice-${number}`, scenario, transferType: 'blind' },
    targetQueueId: 'practice-desk',
    ...(hasFallback && { fallbackQueueId: 'practice-night' }),
    ...(trainee !== undefined && { trainee }),
    ...(group !== undefined && { class: group }),
    ...(predicted !== undefined && { predicted }),
  };
}
