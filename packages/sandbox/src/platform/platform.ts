import type { Ledger } from '../ledger.ts';
import { Scripts } from '../scripts.ts';
import type { SimulatedRun } from '../training.ts';
import { act } from './actions.ts';
import { Clients } from './clients.ts';
import { Conversations } from './conversations.ts';
import { Directory } from './directory.ts';
import type {
  ConversationAction,
  ConversationFields,
  PlatformScript,
  PlatformSettingsChange,
  PlatformStep,
} from './schemas.ts';
import { seedPlatform } from './seed.ts';
import { changePlatformSettings, DEFAULTS, type PlatformSettings } from './settings.ts';
import { PlatformSimulations } from './simulations.ts';
import { Timers } from './timers.ts';
import { Transfers } from './transfers.ts';
import type { Conversation, PlatformOperation } from './words.ts';

type PlatformOptions = {
  ledger: Ledger;
  client: { id: string; secret: string } | undefined;
  now: () => number;
  random: () => number;
  onChange: (conversation: Conversation) => void;
  settings: PlatformSettingsChange;
};

/** The second world: an organisation behind the Platform API. Ledger, request log and rate limit are those of the sandbox. */
export class Platform {
  readonly directory = new Directory();
  readonly conversations: Conversations;
  readonly transfers: Transfers;
  readonly clients: Clients;
  readonly scripts = new Scripts<PlatformOperation, PlatformStep>();
  readonly organization = {
    id: '0a000000-0000-4000-8000-000000000001',
    name: 'Handover Sandbox',
    domain: 'handover-sandbox',
  };
  readonly #simulations = new PlatformSimulations(this);
  readonly #timers = new Timers();
  readonly #now: () => number;
  readonly #initial: PlatformSettings;
  #settings: PlatformSettings;

  constructor({ ledger, client, now, random, onChange, settings }: PlatformOptions) {
    this.#initial = changePlatformSettings(DEFAULTS, settings);
    this.#settings = this.#initial;
    this.#now = now;
    this.conversations = new Conversations(now, onChange);
    const timers = this.#timers;
    this.transfers = new Transfers({ conversations: this.conversations, ledger, timers, now, random });
    this.clients = new Clients(this.directory, client, now);
  }

  /** Creates or resets a conversation, and forgets the commands of the one that it replaces. */
  putConversation(id: string, fields: ConversationFields = {}): Conversation {
    this.transfers.forget(id);
    return this.conversations.put(id, fields);
  }

  deleteConversation(id: string): void {
    this.transfers.forget(id);
    this.conversations.delete(id);
  }

  /** Lets something happen to a conversation. Undefined for an unknown one, or where it cannot happen. */
  act(id: string, action: ConversationAction): Conversation | undefined {
    return act(this, id, action, new Date(this.#now()).toISOString());
  }

  addScript({ operation, id, steps }: PlatformScript): void {
    this.scripts.add({ operation, id, steps });
  }

  get settings(): Readonly<PlatformSettings> {
    return this.#settings;
  }

  /** Changes what is named, also within `command`, and gives all settings. */
  changeSettings(change: PlatformSettingsChange): Readonly<PlatformSettings> {
    this.#settings = changePlatformSettings(this.#settings, change);
    return this.#settings;
  }

  /** Resolves when no command, ringing leg or leaving leg waits for its time any more. */
  settled(): Promise<void> {
    return this.#timers.settled();
  }

  /** Lets happen now what waits for its time now; what that starts waits in its turn. */
  hurry(): void {
    this.#timers.hurry();
  }

  /** Prepares a training run. Use the returned ids: they differ if a scenario needs its own user, queue or conversation. */
  simulate(run: SimulatedRun): SimulatedRun {
    return this.#simulations.prepare(run);
  }

  /** An empty world with the settings of the start; tokens are dead. */
  reset(): void {
    this.transfers.forget();
    this.conversations.clear();
    this.directory.clear();
    this.scripts.clear();
    this.#simulations.clear();
    this.clients.expireTokens();
    this.#settings = this.#initial;
  }

  /** Adds the world with which a sandbox starts. */
  seed(): void {
    seedPlatform(this);
  }
}
