// Values that change, and what is shared by those who look at them.

import type { Message } from "./protocol.js";
import type { CarewireError } from "./errors.js";
import type { Engine } from "./engine.js";
import type { Fns, Handle, List, Live, Loaded, Off, WireEvent } from "./types.js";
import type { Local } from "./core/boundary.js";
import { clearTimeout, setTimeout } from "./core/runtime.js";
import { isPassing } from "./errors.js";

/** How long something lives on that nobody looks at any more. */
export const LINGER = 1000;
/** How long to wait before something is asked again that the server could not serve. */
const AGAIN = 1000;

/** Something that can be ended once. */
export function off(end: () => void): Off {
  let ended = false;
  const stop = () => {
    if (!ended) {
      ended = true;
      end();
    }
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

/** Calls them all; what one throws keeps no other from being called. */
export function tell<A extends unknown[]>(listeners: Iterable<(...args: A) => void>, ...args: A): void {
  for (const listener of [...listeners]) {
    try {
      listener(...args);
    } catch (error) {
      report(error);
    }
  }
}

/** Calls back once when one of these is aborted, at once where one is, until the result is called. */
export function whenAborted(fn: () => void, ...given: (AbortSignal | undefined)[]): () => void {
  const signals = given.filter((signal) => signal !== undefined);
  const stop = () => {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  };
  const abort = () => {
    stop();
    fn();
  };
  if (signals.some((signal) => signal.aborted)) fn();
  else for (const signal of signals) signal.addEventListener("abort", abort);
  return stop;
}

/** The fields that are set. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** Hands an error of the application to its global handler. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

/** Those who look at a value. */
class Watched {
  #listeners = new Set<() => void>();

  subscribe(changed: () => void): Off {
    const listener = () => changed();
    this.#listeners.add(listener);
    return off(() => this.#listeners.delete(listener));
  }

  changed(): void {
    tell(this.#listeners);
  }
}

/** A value that is set. */
export class Cell<V> extends Watched implements Live<V> {
  #value: V;

  constructor(value: V) {
    super();
    this.#value = value;
  }

  get(): V {
    return this.#value;
  }

  set(value: V): void {
    this.#value = value;
    this.changed();
  }
}

/** Functions that read their view, and change with it. */
const READERS = /^(of|room|readBy)$/;

/** A view: made of the state of its owner when somebody asks, and kept until that changes. */
export class Store<V extends object> extends Watched implements Live<V> {
  readonly owner: Shared;
  #build: () => V;
  #view: V | undefined;

  constructor(owner: Shared, build: () => V) {
    super();
    this.owner = owner;
    this.#build = build;
    owner.stores.push(this);
  }

  get(): V {
    return (this.#view ??= this.#build());
  }

  /** `linger`: how long its owner lives on, where it is the last to look. */
  override subscribe(changed: () => void, linger?: number): Off {
    const stop = super.subscribe(changed);
    const hold = this.owner.hold(linger);
    return off(() => {
      stop();
      hold();
    });
  }

  /** The state of the owner changed. */
  override changed(): void {
    this.#view = undefined;
    super.changed();
  }

  /** The value, with the functions of its view. */
  live(): Live<V> & Fns<V> {
    const live: Record<string, unknown> = {
      get: () => this.get(),
      subscribe: (changed: () => void) => this.subscribe(changed),
    };
    for (const [name, value] of Object.entries(this.get())) {
      if (typeof value === "function") live[name] = value;
      if (READERS.test(name)) {
        live[name] = (id: string) => (this.get() as Record<string, typeof value>)[name]?.(id);
      }
    }
    return live as never;
  }

  /** A share in it. */
  handle(): Handle<V> {
    const hold = this.owner.hold();
    return Object.assign(this.live(), { close: hold, [Symbol.dispose]: hold });
  }
}

/**
 * What the client keeps up to date for all who look at it: one for each key. It starts with the
 * first share and ends one second after the last, so that going from one page to the next and
 * back costs nothing.
 */
export abstract class Shared {
  readonly stores: Store<object>[] = [];
  status: "loading" | "ready" | "error" = "loading";
  error: CarewireError | undefined;
  #holds = 0;
  #started = false;
  #linger: number | undefined;
  /** Tells the answers to what was asked before the end from those after it. */
  #life = 0;

  constructor(
    readonly engine: Engine,
    readonly key: string,
  ) {}

  /** Somebody looks at it. */
  protected abstract start(): void;
  /** Nobody does any more. */
  protected abstract stop(): void;
  /** Its data is not to be seen any more. */
  protected abstract drop(): void;
  /** Something happened on the server. */
  event(_event: WireEvent): void {}
  /** Something happened to the connection. */
  local(_local: Local): void {}
  /** A message on its way has changed, or is stored now. */
  onOutgoing(_stored?: Message): void {}
  /** Whether all that was missed has come. */
  protected get current(): boolean {
    return true;
  }

  get isActive(): boolean {
    return this.#started;
  }

  hold(linger?: number): Off {
    clearTimeout(this.#linger);
    if (this.#holds++ === 0) {
      this.engine.keep(this);
      if (this.status === "error") this.#end();
      if (!this.#started) {
        this.#started = true;
        this.status = "loading";
        this.error = undefined;
        this.start();
      }
    }
    return off(() => {
      if (--this.#holds === 0) this.linger(linger);
    });
  }

  /** Ends it soon, unless somebody looks at it by then. */
  linger(ms = LINGER): void {
    this.#linger = setTimeout(() => {
      this.engine.forget(this);
      this.#end();
    }, ms);
  }

  #end(): void {
    this.#life++;
    if (this.#started) {
      this.#started = false;
      this.stop();
      this.drop();
    }
  }

  /** The client is closed. */
  shut(): void {
    this.#life++;
    this.drop();
    this.changed();
  }

  /** Whether a view of it shows data. */
  get isReady(): boolean {
    return this.status === "ready";
  }

  ready(): void {
    this.status = "ready";
    this.error = undefined;
  }

  /** It may not be seen, or not any more. */
  fail(error: CarewireError): void {
    this.status = "error";
    this.error = error;
    this.drop();
    this.changed();
  }

  changed(): void {
    for (const store of this.stores) store.changed();
  }

  /** Calls back unless it has ended meanwhile. */
  alive<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
    const life = this.#life;
    return (...args) => {
      if (life === this.#life) fn(...args);
    };
  }

  /** Asks for what it shows. What the server cannot serve now is asked again, a refusal shows. */
  ask: Engine["ask"] = (type, data, done) => {
    this.engine.call(type, data, {
      done: this.alive(done),
      fail: this.alive((error) => {
        if (isPassing(error)) {
          setTimeout(
            this.alive(() => this.ask(type, data, done)),
            error.retryAfterMs ?? AGAIN,
          );
        } else if (error.code !== "closed") {
          this.fail(error);
        }
      }),
    });
  };

  /** What every view says of its data. */
  loaded(): Loaded {
    const closed = this.engine.closed;
    if (closed === "idle") return IDLE;
    if (closed) return { status: "error", live: false, error: closed };
    if (this.error) return { status: "error", live: false, error: this.error };
    if (this.status !== "ready") return LOADING;
    return this.engine.isLive && this.current ? READY_LIVE : READY;
  }
}

const IDLE: Loaded = { status: "idle", live: false };
const LOADING: Loaded = { status: "loading", live: false };
const READY: Loaded = { status: "ready", live: false };
const READY_LIVE: Loaded = { status: "ready", live: true };

/** A list with nothing in it, always the same. */
export const NONE: List<never> = Object.freeze([]);
