import { EventEmitter } from 'node:events';
import { Billing, type BillingEntry, type BillingRequest } from './billing/billing.ts';
import type { EventEntry } from './events/call-event.ts';
import { Events } from './events/events.ts';
import { Webhooks } from './events/webhooks.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';
import { Platform } from './platform/platform.ts';
import type { PlatformSettingsChange } from './platform/schemas.ts';
import type { Conversation, PlatformOperation } from './platform/words.ts';
import { RateLimit } from './rate-limit.ts';
import { type RequestEntry, RequestLog } from './request-log.ts';
import type { Script, SettingsChange, Step } from './schemas.ts';
import { Scripts } from './scripts.ts';
import { changeSettings, type Settings } from './settings.ts';
import { Tokens } from './tokens.ts';
import type { SimulatedRun } from './training.ts';
import { type CallAction, type CallFields, Calls } from './voice/calls.ts';
import { seed } from './voice/seed.ts';
import { Simulations } from './voice/simulations.ts';
import type { QueueFields, UserFields, World } from './voice/world.ts';
import type { Call, Queue, ScriptedOperation, User } from './words.ts';

export type SandboxOptions = {
  /** Starts with what the seeds of both worlds make. Default: with nothing. */
  seed?: boolean;
  settings?: SettingsChange;
  /** The settings of the Platform API beyond those of both worlds. */
  platform?: PlatformSettingsChange;
  /** The only OAuth client that gets a token. Default: every client does. */
  client?: { id: string; secret: string };
  /** The clock, in epoch milliseconds. */
  now?: () => number;
  /** The source of randomness, uniform in [0, 1). Default: `Math.random`. */
  random?: () => number;
};

/**
 * `request`: one arrived (also of billing) and is not handled yet; `sent`: as it came, on the Platform API. `effect`: a call was moved. `event`: one was created.
 * `conversation`: one changed.
 * `answered`: a request is over. `billed`: a key was recorded. `billingAnswered`: a request to the billing receiver is over.
 * `fault`: a bug of ours.
 */
type SandboxEvents = {
  request: [{ operation: ScriptedOperation | PlatformOperation; id: string | null; sent?: SentRequest }];
  effect: [LedgerEntry];
  event: [EventEntry];
  conversation: [Conversation];
  answered: [RequestEntry];
  billed: [BillingEntry];
  billingAnswered: [BillingRequest];
  fault: [unknown];
};

export type RunningServer = { url: string; close: () => Promise<void> };

/** A request as it came: `url` is path and query, `body` parsed where it is JSON. */
export type SentRequest = { method: string; url: string; body: unknown };

/** Serves the sandbox at this address; port 0 is a free one. */
type StartServer = (sandbox: Sandbox, host: string, port: number) => Promise<RunningServer>;

const ORDINARY_ROLE = { id: 'call:transfer:execute', name: 'Transfer Calls' };

/** The state of the sandbox and its operations. The server is injected. Any number can run in parallel. */
export class Sandbox extends EventEmitter<SandboxEvents> implements World {
  readonly now: () => number;
  readonly random: () => number;
  readonly client: { id: string; secret: string } | undefined;
  readonly ledger: Ledger;
  readonly webhooks = new Webhooks();
  readonly events: Events;
  readonly billing: Billing;
  readonly calls: Calls;
  readonly users = new Map<string, User>();
  readonly queues = new Map<string, Queue>();
  readonly requests: RequestLog;
  readonly scripts = new Scripts<ScriptedOperation, Step>();
  readonly tokens: Tokens;
  readonly rateLimit: RateLimit;
  /** The second world: the Platform API. */
  readonly platform: Platform;
  readonly #simulations = new Simulations(this, this.scripts);
  readonly #options: SandboxOptions;
  readonly #startServer: StartServer;
  #settings: Settings;
  #server: RunningServer | undefined;

  constructor(options: SandboxOptions, startServer: StartServer) {
    super();
    // Load tests add many listeners.
    this.setMaxListeners(0);
    this.#options = options;
    this.#startServer = startServer;
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.client = options.client;
    this.ledger = new Ledger((entry) => this.emit('effect', entry));
    this.events = new Events({
      webhooks: this.webhooks,
      settings: () => this.#settings,
      now: this.now,
      random: this.random,
      onEvent: (entry) => this.emit('event', entry),
    });
    this.calls = new Calls(this.ledger, this.events, this.now);
    this.billing = new Billing(this.now, (entry) => this.emit('billed', entry));
    this.requests = new RequestLog(this.now);
    this.tokens = new Tokens(this.now);
    this.rateLimit = new RateLimit(this.now);
    this.#settings = changeSettings(options.settings ?? {});
    const { now, random, ledger, client } = this;
    const onChange = (conversation: Conversation) => this.emit('conversation', conversation);
    this.platform = new Platform({
      ...{ now, random, ledger, client, onChange },
      settings: options.platform ?? {},
    });
    if (options.seed) this.#seed();
  }

  /**
   * Listens (default: a free port of 127.0.0.1) and returns the URL. The state survives `close`, so that a test
   * can take the platform down and bring it back. Rejects like `net.Server`, for example with EADDRINUSE.
   */
  async listen({ host = '127.0.0.1', port = 0 } = {}): Promise<string> {
    if (this.#server) throw new Error(`The sandbox listens already at ${this.#server.url}`);
    this.events.open();
    this.#server = await this.#startServer(this, host, port);
    return this.#server.url;
  }

  /**
   * Cuts every connection and stops listening. A request still waiting for its latency has no effect, and events
   * in flight are aborted; those created until it listens again are not sent.
   */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await Promise.all([this.events.close(), server?.close()]);
  }

  /** Creates or resets a call; by default connected, not private, never transferred. */
  putCall(id: string, fields: CallFields = {}): Call {
    this.#simulations.release('call', id);
    return this.calls.put(id, fields);
  }

  /** Applies an action to a call. Undefined for an unknown call, or for the move of an ended one. */
  actOnCall(id: string, action: CallAction): Call | undefined {
    return this.calls.act(id, action);
  }

  deleteCall(id: string): void {
    this.calls.delete(id);
  }

  /** Creates or replaces a user; without `roles` one who may transfer calls. */
  putUser(id: string, fields: UserFields = {}): User {
    this.#simulations.release('user', id);
    const roles = fields.roles?.map((role) => ({ id: role.id, name: role.name ?? role.id }));
    const user = { id, name: fields.name ?? id, roles: roles ?? [ORDINARY_ROLE] };
    this.users.set(id, user);
    return user;
  }

  deleteUser(id: string): void {
    this.users.delete(id);
  }

  /** Creates or replaces a queue; by default an open one. */
  putQueue(id: string, fields: QueueFields = {}): Queue {
    this.#simulations.release('queue', id);
    const queue = { id, name: fields.name ?? id, state: fields.state ?? 'open' };
    this.queues.set(id, queue);
    return queue;
  }

  deleteQueue(id: string): void {
    this.queues.delete(id);
  }

  /** Creates (or resets) many default calls, users and queues. */
  addMany(ids: {
    calls?: string[] | undefined;
    users?: string[] | undefined;
    queues?: string[] | undefined;
  }): void {
    for (const id of ids.calls ?? []) this.putCall(id);
    for (const id of ids.users ?? []) this.putUser(id);
    for (const id of ids.queues ?? []) this.putQueue(id);
  }

  /** Applies the steps to the next matching requests of an operation; several scripts append. */
  addScript(script: Script): void {
    this.scripts.add(script);
  }

  clearScripts(): void {
    this.scripts.clear();
    this.platform.scripts.clear();
  }

  get settings(): Readonly<Settings> {
    return this.#settings;
  }

  /** Changes the given settings and returns all. */
  changeSettings(change: SettingsChange): Readonly<Settings> {
    this.#settings = changeSettings(change, this.#settings);
    return this.#settings;
  }

  /** Invalidates every issued token: 401. */
  expireTokens(): void {
    this.tokens.expireAll();
    this.platform.clients.expireTokens();
  }

  /** Deletes the ledger and the requests. */
  forgetLedger(): void {
    this.ledger.clear();
    this.requests.clear();
  }

  /** Prepares a training run. Use the returned ids: they differ if a scenario needs its own user, queue or call. */
  simulate(run: SimulatedRun): SimulatedRun {
    return this.#simulations.prepare(run);
  }

  /** Restores the initial state and invalidates tokens. */
  reset(): void {
    this.platform.reset();
    this.calls.clear();
    this.users.clear();
    this.queues.clear();
    this.scripts.clear();
    this.webhooks.clear();
    this.events.reset();
    this.billing.clear();
    this.tokens.expireAll();
    this.rateLimit.clear();
    this.#simulations.clear();
    this.forgetLedger();
    this.#settings = changeSettings(this.#options.settings ?? {});
    if (this.#options.seed) this.#seed();
  }

  #seed(): void {
    seed(this);
    this.platform.seed();
  }
}
