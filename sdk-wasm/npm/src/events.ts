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

/** The events of this version of the contract; any other is `unknown`. */
const KNOWN: Record<keyof EventMap, 1> = {
  connected: 1,
  "auth:expiring": 1,
  "auth:idle": 1,
  "server:shutdown": 1,
  "room:event": 1,
  "room:userJoined": 1,
  "room:userLeft": 1,
  "room:joined": 1,
  "room:left": 1,
  "message:new": 1,
  "message:edited": 1,
  "message:deleted": 1,
  "message:reaction": 1,
  "message:sent": 1,
  "message:delivered": 1,
  "message:read": 1,
  "conversation:update": 1,
  "unread:update": 1,
  "message:status": 1,
  "typing:start": 1,
  "typing:stop": 1,
  "presence:initial": 1,
  "presence:changed": 1,
  "presence:statusUpdated": 1,
  "call:incoming": 1,
  "call:accepted": 1,
  "call:participantJoined": 1,
  "call:participantLeft": 1,
  "call:rejected": 1,
  "call:ended": 1,
  "call:missed": 1,
  "call:signal": 1,
  "call:media": 1,
  "call:qualityIssue": 1,
  "notification:new": 1,
  "notification:read": 1,
  "notification:subscribed": 1,
  "notification:unsubscribed": 1,
  "appointment:created": 1,
  "appointment:updated": 1,
  "appointment:cancelled": 1,
  "appointment:checkedIn": 1,
  "record:viewersChanged": 1,
  "record:locked": 1,
  "record:unlocked": 1,
  "report:status": 1,
  "report:completed": 1,
  "report:failed": 1,
  "report:cancelRequested": 1,
  "report:refreshRequested": 1,
  "stream:initial": 1,
  "stream:update": 1,
  "vitals:update": 1,
  "alert:critical": 1,
  "system:alert": 1,
  "system:maintenance": 1,
  "alert:breakGlass": 1,
  "channel:event": 1,
  "whiteboard:update": 1,
  "whiteboard:cursor": 1,
  "whiteboard:cleared": 1,
  "message:outbound": 1,
  "push:wanted": 1,
};

/** Whether this version knows the event. */
export function isKnown(event: WireEvent | UnknownEvent): event is WireEvent {
  return Object.hasOwn(KNOWN, event.type);
}
