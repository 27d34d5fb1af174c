// Moments: who listens to what.

import type { EventMap } from "./protocol.js";
import type { Emitter, EventName, EventOf, UnknownEvent, WireEvent } from "./types.js";
import { CarewireError } from "./errors.js";
import { off, tell } from "./live.js";

/** How many events wait for one iteration. */
const MOST_UNREAD = 1024;

type Listener = (event: never) => void;

/** All that listen to one client. */
export class Events {
  #listeners = new Map<string, Set<Listener>>();
  #closing = new AbortController();
  readonly emitter: Emitter = this.#within(() => true, this.#closing.signal);

  /** Those of one room alone, until the result is ended. */
  ofRoom(room: string): Emitter & { end(): void } {
    const ending = new AbortController();
    const { signal } = ending;
    const end = (reason: unknown = new CarewireError("closed")) => ending.abort(reason);
    const closing = this.#closing.signal;
    closing.addEventListener("abort", () => end(closing.reason), { signal });
    return { ...this.#within((event) => roomOf(event) === room, signal), end: () => end() };
  }

  emit(type: string, event: object): void {
    const listeners = this.#listeners.get(type);
    if (listeners) tell(listeners as Iterable<(event: object) => void>, event);
  }

  /** Whoever waits is told, and nothing is called any more. */
  close(error: CarewireError): void {
    this.#closing.abort(error);
    this.#listeners.clear();
  }

  #within(where: (event: object) => boolean, closed: AbortSignal): Emitter {
    const on: Emitter["on"] = (type, fn, options) => {
      const listener = (event: object) => {
        if (where(event)) (fn as (event: object) => void)(event);
      };
      const signal = options?.signal;
      if (signal?.aborted || closed.aborted) return off(() => {});
      const all = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, all);
      all.add(listener as Listener);
      const stop = off(() => {
        all.delete(listener as Listener);
        signal?.removeEventListener("abort", stop);
        closed.removeEventListener("abort", stop);
      });
      signal?.addEventListener("abort", stop);
      closed.addEventListener("abort", stop);
      return stop;
    };
    return {
      on,
      once: (type, options) => once(on, closed, type, options),
      events: (type, options) => iterate(on, closed, type, options?.signal),
    };
  }
}

/** The room an event belongs to; one that is told to the connection names it in its data. */
export function roomOf(event: object): string | undefined {
  const { type, room, data } = event as UnknownEvent;
  if (type === "room:left" || type === "room:joined") return (data as { roomId: string }).roomId;
  return room;
}

function once<T extends EventName>(
  on: Emitter["on"],
  closed: AbortSignal,
  type: T,
  options?: { signal?: AbortSignal; where?(event: EventOf<T>): boolean },
): Promise<EventOf<T>> {
  return new Promise((resolve, reject) => {
    const given = options?.signal;
    const give = (end: () => void) => {
      listening();
      given?.removeEventListener("abort", abort);
      closed.removeEventListener("abort", abort);
      end();
    };
    const abort = () => give(() => reject(given?.aborted ? given.reason : closed.reason));
    const listening = on(type, (event) => {
      if (options?.where?.(event) ?? true) give(() => resolve(event));
    });
    if (given?.aborted || closed.aborted) return abort();
    given?.addEventListener("abort", abort);
    closed.addEventListener("abort", abort);
  });
}

/** An iteration ends without an error when the client is closed or the signal says so. */
function iterate<T extends EventName>(
  on: Emitter["on"],
  closed: AbortSignal,
  type: T,
  given?: AbortSignal,
): AsyncIterableIterator<EventOf<T>> {
  type Result = IteratorResult<EventOf<T>, undefined>;
  const unread: EventOf<T>[] = [];
  let ended = closed.aborted || given?.aborted === true;
  let error: CarewireError | undefined;
  let waiting: PromiseWithResolvers | undefined;
  interface PromiseWithResolvers {
    resolve(result: Result): void;
    reject(error: unknown): void;
  }

  const end = () => {
    ended = true;
    listening();
    closed.removeEventListener("abort", end);
    given?.removeEventListener("abort", end);
    waiting?.resolve({ done: true, value: undefined });
    waiting = undefined;
  };
  const listening = on(type, (event) => {
    if (waiting) {
      waiting.resolve({ done: false, value: event });
      waiting = undefined;
    } else if (unread.push(event) > MOST_UNREAD) {
      error = new CarewireError("queue_full");
      end();
    }
  });
  if (ended) end();
  closed.addEventListener("abort", end);
  given?.addEventListener("abort", end);

  return {
    next(): Promise<Result> {
      const value = error ? undefined : unread.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (error) {
        const told = error;
        error = undefined;
        unread.length = 0;
        return Promise.reject(told);
      }
      if (ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    return(): Promise<Result> {
      end();
      unread.length = 0;
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The events of this version of the contract, by domain; any other is `unknown`. */
const KNOWN = {
  auth: "expiring idle",
  server: "shutdown",
  room: "event userJoined userLeft joined left",
  message: "new edited deleted reaction sent delivered read status outbound",
  conversation: "update",
  unread: "update",
  typing: "start stop",
  presence: "initial changed statusUpdated",
  call: "incoming accepted participantJoined participantLeft rejected ended missed signal media qualityIssue",
  notification: "new read subscribed unsubscribed",
  appointment: "created updated cancelled checkedIn",
  record: "viewersChanged locked unlocked",
  report: "status completed failed cancelRequested refreshRequested",
  stream: "initial update",
  vitals: "update",
  alert: "critical breakGlass",
  system: "alert maintenance",
  channel: "event",
  whiteboard: "update cursor cleared",
  push: "wanted",
} as const;

type Words<T extends string> = T extends `${infer First} ${infer Rest}` ? First | Words<Rest> : T;
type Listed =
  { [D in keyof typeof KNOWN]: `${D}:${Words<(typeof KNOWN)[D]>}` }[keyof typeof KNOWN] | "connected";
/** Fails to compile where one is missing, or is none. */
type Same<A extends B, B> = A;
export type AllListed = Same<Listed, keyof EventMap> & Same<keyof EventMap, Listed>;

/** Whether this version knows the event. */
export function isKnown(event: WireEvent | UnknownEvent): event is WireEvent {
  const [domain = "", ...rest] = event.type.split(":");
  if (!rest.length) return domain === "connected";
  const name = rest.join(":");
  return Object.hasOwn(KNOWN, domain) && KNOWN[domain as keyof typeof KNOWN].split(" ").includes(name);
}
