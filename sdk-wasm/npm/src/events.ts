// Moments: who listens to what.

import type { EventMap } from "./protocol.js";
import type { Emitter, EventName, EventOf, UnknownEvent, WireEvent } from "./types.js";
import { CarewireError } from "./errors.js";
import { off, tell, whenAborted } from "./live.js";

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
      const all = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, all);
      all.add(listener as Listener);
      let ending: (() => void) | undefined;
      const stop = off(() => {
        all.delete(listener as Listener);
        ending?.();
      });
      ending = whenAborted(stop, options?.signal, closed);
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
    const listening = on(
      type,
      (event) => {
        if (!(options?.where?.(event) ?? true)) return;
        listening();
        ending();
        resolve(event);
      },
      options,
    );
    const ending = whenAborted(() => reject(given?.aborted ? given.reason : closed.reason), given, closed);
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
  const done: Result = { done: true, value: undefined };
  let isEnded = false;
  let error: CarewireError | undefined;
  let waiting: ((result: Result) => void) | undefined;
  let ending: (() => void) | undefined;

  const give = (result: Result) => {
    waiting?.(result);
    waiting = undefined;
  };
  const end = () => {
    isEnded = true;
    listening();
    ending?.();
    give(done);
  };
  const listening = on(type, (value) => {
    if (waiting) return give({ done: false, value });
    if (unread.push(value) <= MOST_UNREAD) return;
    error = new CarewireError("queue_full");
    unread.length = 0;
    end();
  });
  ending = whenAborted(end, given, closed);

  return {
    async next(): Promise<Result> {
      const value = unread.shift();
      if (value !== undefined) return { done: false, value };
      const told = error;
      error = undefined;
      if (told) throw told;
      return isEnded ? done : new Promise((resolve) => (waiting = resolve));
    },
    async return(): Promise<Result> {
      end();
      unread.length = 0;
      return done;
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

const NAMES = new Set([
  "connected",
  ...Object.entries(KNOWN).flatMap(([domain, names]) => names.split(" ").map((name) => `${domain}:${name}`)),
]);

/** Whether this version knows the event. */
export function isKnown(event: WireEvent | UnknownEvent): event is WireEvent {
  return NAMES.has(event.type);
}
