import type { z } from 'zod';
import { thingSchemas } from './things.ts';

export const HOME_DIVISION = 'd0000000-0000-4000-8000-000000000001';

/** Things of one kind by id. */
export class Shelf<Fields extends object> {
  readonly name: string;
  readonly #schema: z.ZodType<Fields>;
  readonly #things = new Map<string, Fields & { id: string }>();

  constructor(name: string, schema: z.ZodType<Fields>) {
    this.name = name;
    this.#schema = schema;
  }

  /** Creates or replaces one; what the fields leave out is as usual. */
  put(id: string, fields: Fields): Fields & { id: string } {
    const thing = { ...fields, id };
    this.#things.set(id, thing);
    return thing;
  }

  /** Checks the fields first, and puts nothing where they are wrong. */
  putUnchecked(id: string, fields: unknown): { thing: object } | { error: z.ZodError } {
    const parsed = this.#schema.safeParse(fields);
    return parsed.success ? { thing: this.put(id, parsed.data) } : { error: parsed.error };
  }

  get(id: string): (Fields & { id: string }) | undefined {
    return this.#things.get(id);
  }

  delete(id: string): void {
    this.#things.delete(id);
  }

  list(): (Fields & { id: string })[] {
    return [...this.#things.values()];
  }

  clear(): void {
    this.#things.clear();
  }
}

/** Everything that the platform knows besides conversations: users, queues, contacts, opening hours, clients. */
export class Directory {
  readonly users = new Shelf('users', thingSchemas.users);
  readonly queues = new Shelf('queues', thingSchemas.queues);
  readonly contacts = new Shelf('contacts', thingSchemas.contacts);
  readonly schedules = new Shelf('schedules', thingSchemas.schedules);
  readonly scheduleGroups = new Shelf('schedulegroups', thingSchemas.schedulegroups);
  readonly emergencyGroups = new Shelf('emergencygroups', thingSchemas.emergencygroups);
  readonly wrapupCodes = new Shelf('wrapupcodes', thingSchemas.wrapupcodes);
  readonly divisions = new Shelf('divisions', thingSchemas.divisions);
  readonly clients = new Shelf('clients', thingSchemas.clients);

  /** Every shelf, each under a name of its own. */
  shelves() {
    const { users, queues, contacts, schedules, scheduleGroups } = this;
    const { emergencyGroups, wrapupCodes, divisions, clients } = this;
    const some = [users, queues, contacts, schedules, scheduleGroups];
    return [...some, emergencyGroups, wrapupCodes, divisions, clients];
  }

  /** The name of a division; the home division is there from the start. */
  divisionName(id: string): string {
    return this.divisions.get(id)?.name ?? (id === HOME_DIVISION ? 'Home' : id);
  }

  clear(): void {
    for (const shelf of this.shelves()) shelf.clear();
  }
}
