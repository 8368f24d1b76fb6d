import { type Actor, actorLabel, type RequestNote, type TimelineEntry } from './words.ts';

type Told = { actor: Actor; attempt: number; now: () => number };

/** What a run records: timeline entries, stored with the next atomic step, and its requests. */
export class Story {
  readonly requests: RequestNote[] = [];
  /** The latest step, and the latest rule with a decision. */
  last: Pick<TimelineEntry, 'step' | 'rule' | 'decided'> = { step: 'started' };
  /** How many entries of this run are already in the timeline. */
  stored = 0;
  readonly #told: Told;
  #entries: TimelineEntry[] = [];

  constructor(told: Told) {
    this.#told = told;
  }

  /** Adds an entry to the timeline; stored with the next atomic step. */
  tell(entry: Omit<TimelineEntry, 'at' | 'by' | 'attempt'>): void {
    const { actor, attempt, now } = this.#told;
    this.#entries.push({ at: now(), by: actorLabel(actor), attempt, ...entry });
    if (entry.requests !== undefined) this.requests.push(...entry.requests);
    const { step, rule = this.last.rule, decided = this.last.decided } = entry;
    this.last = { step, rule, decided };
  }

  /** Takes the entries that are not stored yet, for the step that stores them. */
  takeEntries(): TimelineEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** Notes that this many entries were stored before the end of the run. */
  entriesStored(count: number): void {
    this.stored += count;
  }

  /** Returns entries that could not be stored. */
  putBack(entries: TimelineEntry[]): void {
    this.#entries = [...entries, ...this.#entries];
  }
}
