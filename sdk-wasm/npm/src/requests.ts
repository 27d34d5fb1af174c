// Commands on their way: who waits for which answer, and what is kept until it is confirmed.

import type { CommandMap, RoomId } from "./protocol.js";
import type { Core } from "./core/boundary.js";
import type { List, Queued, Reply, Settings } from "./types.js";
import { CarewireError, closedBecause, type Refusal } from "./errors.js";
import { now } from "./core/runtime.js";
import { Cell, NONE } from "./live.js";

/** How long a keyed command is kept unless the application says otherwise. */
export const MAX_AGE = 3_600_000;

/** What an SDK keeps and repeats until it is answered. */
const KEYED =
  /^(message:(send|edit|delete|react|unreact)|thread:\w+|channel:publish|event:publish|whiteboard:update|report:(cancel|refresh)|notification:read(All)?)$/;

/** Whoever waits for an answer. Called while the core tells it, before the events that follow. */
export interface Answer<R> {
  done?(reply: R): void;
  fail?(error: CarewireError): void;
  /** It went out on the wire, again perhaps. */
  sent?(): void;
}

interface Open {
  answer: Answer<never>;
  queued?: Queued;
}

/** A command that was given to the core. */
export interface Ticket {
  /** Takes it back where it was never sent. Says whether it was not. */
  withdraw(): boolean;
}

export class Requests {
  readonly outbox = new Cell<List<Queued>>(NONE);
  #core: Core | undefined;
  /** What waits for the core to be loaded, or to be told that it has ended. */
  #before = new Map<() => void, Open>();
  #open = new Map<number, Open>();
  #closed: CarewireError | undefined;
  #maxAge: number;

  constructor(settings: Pick<Settings, "queue">) {
    this.#maxAge = whole(settings.queue?.maxAgeMs) ?? MAX_AGE;
  }

  send<T extends keyof CommandMap>(type: T, data: object, answer: Answer<Reply<T>>, key?: string): Ticket {
    const text = `${type}\n${JSON.stringify(data)}`;
    if (this.#closed) {
      const error = this.#closed;
      queueMicrotask(() => answer.fail?.(error));
      return { withdraw: () => false };
    }
    const open: Open = { answer: answer as Answer<never> };
    const isKept = KEYED.test(type) || (type === "room:publish" && "retain" in data && data.retain === true);
    if (isKept) {
      key ??= newKey();
      const { roomId, channel } = data as { roomId?: RoomId; channel?: RoomId };
      const room = roomId ?? channel;
      open.queued = {
        key,
        type,
        ...(room && { roomId: room }),
        queuedAt: now(),
        expiresAt: now() + this.#maxAge,
        attempts: 0,
      };
      this.outbox.set([...this.outbox.get(), open.queued]);
    }
    let number: number | undefined;
    const give = () => {
      if (!this.#core) return;
      try {
        number = this.#core.request(key === undefined ? text : `${text}\n${key}`);
      } catch {
        // As where it gives no number: the core has ended, over this or before.
      }
      if (number) {
        this.#before.delete(give);
        this.#open.set(number, open);
      } else {
        number = undefined;
        // The client is told first, and says why.
        queueMicrotask(() => this.#before.delete(give) && this.#settle(open, { code: "core_failed" }));
      }
    };
    this.#before.set(give, open);
    give();
    return {
      withdraw: () => {
        if (number !== undefined) this.#core?.discard(number);
        else if (this.#before.delete(give)) this.#settle(open, { code: "withdrawn" });
        return (open.queued?.attempts ?? 0) === 0;
      },
    };
  }

  /** The core is there. */
  begin(core: Core): void {
    this.#core = core;
    for (const give of [...this.#before.keys()]) give();
  }

  sent(number: number): void {
    const open = this.#open.get(number);
    if (!open) return;
    if (open.queued) {
      const before = open.queued;
      const queued = (open.queued = { ...before, attempts: before.attempts + 1 });
      this.outbox.set(this.outbox.get().map((one) => (one === before ? queued : one)));
    }
    open.answer.sent?.();
  }

  reply(number: number, data: string): void {
    const open = this.#take(number);
    if (!open) return;
    this.#unqueue(open);
    open.answer.done?.(JSON.parse(data) as never);
  }

  refused(number: number, error: string): void {
    const open = this.#take(number);
    if (open) this.#settle(open, JSON.parse(error) as Refusal);
  }

  /** Takes a command back by its key. Says whether it was never sent. */
  discard(key: string): boolean {
    for (const [number, { queued }] of this.#open) {
      if (queued?.key === key && queued.attempts === 0) {
        this.#core?.discard(number);
        return true;
      }
    }
    for (const [later, open] of this.#before) {
      if (open.queued?.key === key) {
        this.#before.delete(later);
        this.#settle(open, { code: "withdrawn" });
        return true;
      }
    }
    return false;
  }

  /** Nothing is answered any more. */
  close(error: CarewireError): void {
    this.#closed = error;
    this.#core = undefined;
    const open = [...this.#open.values(), ...this.#before.values()];
    this.#open.clear();
    this.#before.clear();
    this.outbox.set(NONE);
    for (const { answer } of open) answer.fail?.(error);
  }

  #take(number: number): Open | undefined {
    const open = this.#open.get(number);
    this.#open.delete(number);
    return open;
  }

  #settle(open: Open, refusal: Refusal): void {
    this.#unqueue(open);
    const { reason } = Object(refusal.details) as { reason?: string };
    const isClosed = refusal.code === "closed" && reason !== undefined;
    open.answer.fail?.(isClosed ? closedBecause(reason) : new CarewireError(refusal.code, refusal));
  }

  #unqueue({ queued }: Open): void {
    if (queued) this.outbox.set(this.outbox.get().filter((one) => one !== queued));
  }
}

/** A number as the core takes it; what is none counts as not given. */
export function whole(number: number | undefined): number | undefined {
  const taken = Math.min(Math.max(number ?? NaN, 0), 0xffff_ffff);
  return Number.isNaN(taken) ? undefined : taken;
}

/** Thirty-two random hexadecimal digits, also where the page is not served over TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
