import type { SystemStatus } from '@handover/client';

export type PartName =
  | 'redis'
  | 'genesys'
  | 'holdOff'
  | 'budget'
  | 'queues'
  | 'workers'
  | 'deadLetters'
  | 'billing'
  | 'callbacks'
  | 'webhook'
  | 'history';
export type State = SystemStatus['is'];
export type Part = {
  name: PartName;
  title: string;
  is: State;
  says: string;
  todo?: string;
  runbook?: string;
};

const TITLES: Record<PartName, string> = {
  genesys: 'Genesys',
  holdOff: 'Hold-off',
  budget: 'Budget',
  queues: 'Queues',
  deadLetters: 'Dead letters',
  workers: 'Workers',
  billing: 'Billing',
  callbacks: 'Callbacks',
  history: 'History',
  webhook: 'Webhook',
  redis: 'Redis',
};
const NAMES = Object.keys(TITLES) as PartName[];
const ORDER: State[] = ['trouble', 'waiting', 'unknown', 'fine'];

/** The parts of the system: those that are not fine, the worst first; and the fine ones. */
export function partsOf(status: SystemStatus): { pressing: Part[]; fine: Part[] } {
  const parts = NAMES.map((name) => {
    const { is, says, todo, runbook } = status[name];
    return {
      name,
      title: TITLES[name],
      is,
      says,
      ...(todo !== undefined && { todo }),
      ...(runbook !== undefined && { runbook }),
    };
  });
  const pressing = parts.filter(({ is }) => is !== 'fine');
  return {
    pressing: pressing.sort((one, other) => ORDER.indexOf(one.is) - ORDER.indexOf(other.is)),
    fine: parts.filter(({ is }) => is === 'fine'),
  };
}

/** What to do, unless it speaks of routes of the API: the console has buttons for these. */
export function todoHere(todo: string | undefined): string | undefined {
  return todo?.includes(' /api/') ? undefined : todo;
}

/** A part in percent of the whole; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(100, Math.max(0, Math.round((100 * part) / whole)));
}

/** How long until then, as people say it; `undefined` once it is over. */
export function timeLeft(until: string, now: number): string | undefined {
  const seconds = Math.ceil((Date.parse(until) - now) / 1_000);
  if (!(seconds > 0)) return undefined;
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
