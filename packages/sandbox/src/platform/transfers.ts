import { randomUUID } from 'node:crypto';
import type { Ledger } from '../ledger.ts';
import type { Latency } from '../schemas.ts';
import { drawLatency } from '../settings.ts';
import { type Conversations, makeLeg } from './conversations.ts';
import { addLeg, arrivingLeg, changeLeg, connectLeg, endAll, endLeg } from './legs.ts';
import type { Plan } from './settings.ts';
import type { Timers } from './timers.ts';
import {
  type Command,
  type Conversation,
  type Destination,
  findLeg,
  hasLeft,
  type Leg,
  type Mode,
} from './words.ts';

/** A transfer that was accepted. `address` is the number to dial, where there is one. */
export type Accepted = {
  conversationId: string;
  leg: string;
  destination: Destination;
  address?: string | undefined;
  mode: Mode;
  by: 'api' | 'someone-else';
  initiator?: string | undefined;
  plan: Plan;
};

/** `arriving`: the new leg that rings beside the old one. */
type Open = Accepted & { id: string; arriving?: string };

type TransfersOptions = {
  conversations: Conversations;
  ledger: Ledger;
  timers: Timers;
  now: () => number;
  random: () => number;
};

/** The commands and what becomes of each. Carrying one out changes the legs and writes the ledger in one moment. */
export class Transfers {
  readonly #conversations: Conversations;
  readonly #ledger: Ledger;
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #open = new Map<string, Open>();

  constructor({ conversations, ledger, timers, now, random }: TransfersOptions) {
    this.#conversations = conversations;
    this.#ledger = ledger;
    this.#timers = timers;
    this.#now = now;
    this.#random = random;
  }

  /** Takes a command in; what becomes of it is up to its plan. Gives its id. */
  accept(accepted: Accepted): string {
    const { plan, conversationId } = accepted;
    const open: Open = { ...accepted, id: randomUUID() };
    this.#open.set(open.id, open);
    if (plan.shown) {
      this.#conversations.change(conversationId, (conversation) => ({
        ...conversation,
        commands: [...conversation.commands, this.#describe(open)],
      }));
    }
    if (plan.activeAfterMs !== null) this.#later(open, plan.activeAfterMs, () => this.#show(open, 'Active'));
    if (plan.ends !== 'Pending') this.#later(open, this.#draw(plan.afterMs), () => this.#end(open));
    return open.id;
  }

  /** Whether a command is under way that takes this leg off the call at once, or may. */
  takesAway(conversationId: string, legId: string): boolean {
    return [...this.#open.values()].some(
      ({ plan, ...open }) =>
        open.conversationId === conversationId &&
        open.leg === legId &&
        open.mode === 'Unattended' &&
        (plan.shown || plan.ends === 'Complete'),
    );
  }

  /** Somebody cancels what is under way. */
  cancel(conversationId: string, canceledBy?: string): void {
    for (const open of this.#open.values()) {
      if (open.conversationId === conversationId) this.#close(open, 'Canceled', canceledBy);
    }
  }

  /** Forgets what is under way in this conversation, or in all. */
  forget(conversationId?: string): void {
    this.#timers.forget(conversationId);
    for (const open of this.#open.values()) {
      if (conversationId === undefined || open.conversationId === conversationId) this.#open.delete(open.id);
    }
  }

  #end(open: Open): void {
    const { plan } = open;
    if (plan.ends === 'Complete') this.#carryOut(open);
    else if (plan.ends !== 'Pending') this.#close(open, plan.ends, plan.canceledBy ?? undefined);
  }

  // The platform's own guard: what names a leg that has left meanwhile fails.
  #carryOut(open: Open): void {
    const conversation = this.#conversations.read(open.conversationId);
    const leg = conversation && findLeg(conversation, open.leg);
    if (leg?.state !== 'connected') {
      this.#close(open, 'Failed');
      return;
    }
    const arriving = arrivingLeg(open.destination, open.address, this.#moment());
    const mustAnswer = arriving.state !== 'connected';
    if (mustAnswer && open.mode === 'Attended') {
      this.#ring(open, arriving);
      return;
    }
    this.#move(open, arriving);
    if (mustAnswer) this.#callOn(open, arriving);
  }

  /** The effect of a command: the old leg leaves, the new one is there, the ledger says so. */
  #move(open: Open, arriving: Leg): void {
    const { conversationId, plan, leg } = open;
    const [first, ...later] = plan.legEnds;
    const isExternal = arriving.purpose === 'external';
    this.#open.delete(open.id);
    this.#conversations.change(
      conversationId,
      (conversation) => {
        const known = findLeg(conversation, arriving.id);
        const there = known
          ? connectLeg(conversation, arriving.id, this.#moment())
          : addLeg(conversation, arriving);
        const moved = endLeg(there, leg, first ?? { state: 'terminated' }, this.#moment());
        const left = isExternal && plan.releases ? endAll(moved, 'transfer', this.#moment()) : moved;
        return withCommand(left, open.id, { state: 'Complete' });
      },
      () => this.#write(open),
    );
    for (const { afterMs, ...end } of later) {
      this.#timers.after(conversationId, afterMs, () =>
        this.#conversations.change(conversationId, (conversation) =>
          endLeg(conversation, leg, end, this.#moment()),
        ),
      );
    }
  }

  #write({ id, conversationId, by, destination, leg, mode }: Open): void {
    this.#ledger.append({
      at: this.#now(),
      callId: conversationId,
      by,
      transferType: 'blind',
      target: { id: destination.id, type: destination.type },
      leg,
      commandId: id,
      mode,
    });
  }

  // Attended: the new leg rings beside the old one, and the command stays as it is until one of them gives.
  #ring(open: Open, arriving: Leg): void {
    const { conversationId, plan } = open;
    open.arriving = arriving.id;
    this.#conversations.change(conversationId, (conversation) => addLeg(conversation, arriving));
    const { waitMs, answered } = this.#outcomeOfCall(plan);
    this.#later(open, waitMs, () => {
      const ringing = this.#ringing(conversationId, arriving.id);
      if (!answered) this.#giveUp(open, arriving.id);
      else if (ringing) this.#move(open, ringing);
      else this.#close(open, 'Failed');
    });
  }

  #giveUp(open: Open, arriving: string): void {
    if (open.plan.unanswered === 'Pending') this.#unanswered(open.conversationId, arriving, false);
    else this.#close(open, open.plan.unanswered);
  }

  // Unattended: the caller waits while the new leg rings, with the old one gone.
  #callOn({ conversationId, plan }: Open, arriving: Leg): void {
    const { waitMs, answered } = this.#outcomeOfCall(plan);
    this.#timers.after(conversationId, waitMs, () => {
      if (!answered) {
        this.#unanswered(conversationId, arriving.id, plan.voicemail);
        return;
      }
      if (!this.#ringing(conversationId, arriving.id)) return;
      this.#conversations.change(conversationId, (conversation) =>
        connectLeg(conversation, arriving.id, this.#moment()),
      );
    });
  }

  #outcomeOfCall({ answers, connectMs, ringMs }: Plan): { answered: boolean; waitMs: number } {
    return { answered: answers, waitMs: this.#draw(answers ? connectMs : ringMs) };
  }

  #draw(latency: Latency): number {
    return drawLatency(latency, this.#random);
  }

  #unanswered(conversationId: string, legId: string, hasVoicemail: boolean): void {
    if (!this.#ringing(conversationId, legId)) return;
    this.#conversations.change(conversationId, (conversation) => {
      const end = { state: 'terminated', disconnectType: 'transfer.noanswer', endTime: this.#moment() };
      const left = changeLeg(conversation, legId, end);
      return hasVoicemail ? addLeg(left, makeLeg({ purpose: 'voicemail' }, this.#moment())) : left;
    });
  }

  #ringing(conversationId: string, legId: string): Leg | undefined {
    const conversation = this.#conversations.read(conversationId);
    const leg = conversation && findLeg(conversation, legId);
    return leg && leg.state !== 'connected' && !hasLeft(leg) ? leg : undefined;
  }

  #close(open: Open, state: 'Failed' | 'Timeout' | 'Canceled', modifiedBy?: string): void {
    this.#open.delete(open.id);
    if (open.arriving !== undefined) this.#unanswered(open.conversationId, open.arriving, false);
    this.#show(open, state, modifiedBy);
  }

  #show({ id, conversationId, plan }: Open, state: Command['state'], modifiedBy?: string): void {
    if (!plan.shown) return;
    const change = { state, ...(modifiedBy !== undefined && { modifiedBy: { id: modifiedBy } }) };
    this.#conversations.change(conversationId, (conversation) => withCommand(conversation, id, change));
  }

  #later(open: Open, ms: number, task: () => void): void {
    this.#timers.after(open.conversationId, ms, () => {
      if (this.#open.has(open.id)) task();
    });
  }

  // A queue's id stands as the address: the destination has no field for a queue.
  #describe({ id, mode, initiator, destination, address }: Open): Command {
    return {
      id,
      state: 'Pending',
      transferType: mode,
      dateIssued: this.#moment(),
      ...(initiator !== undefined && { initiator: { userId: initiator } }),
      destination:
        destination.type === 'user' ? { userId: destination.id } : { address: address ?? destination.id },
    };
  }

  #moment(): string {
    return new Date(this.#now()).toISOString();
  }
}

function withCommand(conversation: Conversation, id: string, change: Partial<Command>): Conversation {
  const commands = conversation.commands.map((command) =>
    command.id === id ? { ...command, ...change } : command,
  );
  return { ...conversation, commands };
}
