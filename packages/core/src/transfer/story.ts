import { type Actor, actorLabel, type RequestNote, type TimelineEntry } from './words.ts';

type Told = { actor: Actor; attempt: number; now: () => number };

/** What a run tells of itself: its entries for the timeline, which the next atomic step stores, and its requests. */
export class Story {
  readonly requests: RequestNote[] = [];
  /** The latest step, and the latest rule that decided something. */
  last: Pick<TimelineEntry, 'step' | 'rule' | 'decided'> = { step: 'started' };
  /** How many entries of this run are in the timeline already. */
  stored = 0;
  readonly #told: Told;
  #entries: TimelineEntry[] = [];

  constructor(told: Told) {
    this.#told = told;
  }

  /** Adds one decision to the timeline; stored with the next atomic step. */
  tell(entry: Omit<TimelineEntry, 'at' | 'by' | 'attempt'>): void {
    const { actor, attempt, now } = this.#told;
    this.#entries.push({ at: now(), by: actorLabel(actor), attempt, ...entry });
    if (entry.requests !== undefined) this.requests.push(...entry.requests);
    const { step, rule = this.last.rule, decided = this.last.decided } = entry;
    this.last = { step, rule, decided };
  }

  /** The entries that are not stored yet, for the step that stores them. */
  takeEntries(): TimelineEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** So many entries are in the timeline already, before the run ends. */
  entriesStored(count: number): void {
    this.stored += count;
  }

  /** Entries that were not stored after all. */
  putBack(entries: TimelineEntry[]): void {
    this.#entries = [...entries, ...this.#entries];
  }
}
