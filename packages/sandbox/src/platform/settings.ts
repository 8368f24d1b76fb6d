import type { Latency } from '../schemas.ts';
import type { LegEnd } from './legs.ts';
import type { PlanFields, PlatformSettingsChange } from './schemas.ts';

/**
 * What becomes of a command, and when. `ends` Complete: it is carried out; Pending: nothing ever happens. `shown` false:
 * it never stands in `recentTransfers`. `answers` to `voicemail`: how the user or external party that is called behaves.
 */
export type Plan = {
  ends: 'Complete' | 'Failed' | 'Timeout' | 'Canceled' | 'Pending';
  afterMs: Latency;
  activeAfterMs: number | null;
  shown: boolean;
  canceledBy: string | null;
  answers: boolean;
  connectMs: Latency;
  ringMs: Latency;
  unanswered: 'Timeout' | 'Failed' | 'Pending';
  voicemail: boolean;
  releases: boolean;
  legEnds: (LegEnd & { afterMs: number })[];
};

/** How the platform behaves beyond the settings that both worlds share. */
export type PlatformSettings = {
  command: Plan;
  secondReplace: 'refused' | 'accepted';
  queueNotFoundStatus: 404 | 400;
  otherDivisionStatus: 404 | 403;
  wrapupNeedsUser: boolean;
  requestsByOthers: number;
};

export const DEFAULTS: PlatformSettings = {
  command: {
    ends: 'Complete',
    afterMs: 300,
    activeAfterMs: null,
    shown: true,
    canceledBy: null,
    answers: true,
    connectMs: 1000,
    ringMs: 8000,
    unanswered: 'Timeout',
    voicemail: false,
    releases: false,
    legEnds: [
      { afterMs: 0, state: 'disconnected', disconnectType: 'transfer' },
      { afterMs: 100, state: 'terminated', disconnectType: 'transfer' },
    ],
  },
  secondReplace: 'refused',
  queueNotFoundStatus: 404,
  otherDivisionStatus: 404,
  wrapupNeedsUser: false,
  requestsByOthers: 0,
};

/** The plan with what the change names. */
export function changePlan(plan: Plan, change: PlanFields = {}): Plan {
  return { ...plan, ...named(change) };
}

/** The settings with what the change names; of the plan, too, only what is named changes. */
export function changePlatformSettings(
  settings: PlatformSettings,
  { command, ...change }: PlatformSettingsChange,
): PlatformSettings {
  return { ...settings, ...named(change), command: changePlan(settings.command, command) };
}

type Named<Change> = { [Key in keyof Change]: Exclude<Change[Key], undefined> };

function named<Change extends object>(change: Change): Named<Change> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Named<Change>;
}
