// Values that change, and what is shared by those who look at them.

import type { Message } from "./protocol.js";
import type { CarewireError } from "./errors.js";
import type { Engine } from "./engine.js";
import type { Handle, List, Live, Loaded, Off, WireEvent } from "./types.js";
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

/** Hands an error of the application to its global handler. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

/** A value that is set. */
export class Cell<V> implements Live<V> {
  #value: V;
  #listeners = new Set<() => void>();

  constructor(value: V) {
    this.#value = value;
  }

  get(): V {
    return this.#value;
  }

  set(value: V): void {
    this.#value = value;
    tell(this.#listeners);
  }

  subscribe(changed: () => void): Off {
    const listener = () => changed();
    this.#listeners.add(listener);
    return off(() => this.#listeners.delete(listener));
  }
}

/** A view: made of the state of its owner when somebody asks, and kept until that changes. */
export class Store<V extends object> implements Live<V> {
  readonly owner: Shared;
  #build: () => V;
  #view: V | undefined;
  #listeners = new Set<() => void>();

  constructor(owner: Shared, build: () => V) {
    this.owner = owner;
    this.#build = build;
    owner.stores.push(this);
  }

  get(): V {
    return (this.#view ??= this.#build());
  }

  subscribe(changed: () => void): Off {
    const listener = () => changed();
    this.#listeners.add(listener);
    const hold = this.owner.hold();
    return off(() => {
      this.#listeners.delete(listener);
      hold();
    });
  }

  /** The state of the owner changed. */
  changed(): void {
    this.#view = undefined;
    tell(this.#listeners);
  }

  /** A share in it, with the functions of its view. */
  handle<F extends object>(fns: F): Handle<V> {
    const hold = this.owner.hold();
    const handle: Live<V> & F & { close(): void } & Disposable = {
      get: () => this.get(),
      subscribe: (changed) => this.subscribe(changed),
      ...fns,
      close: hold,
      [Symbol.dispose]: hold,
    };
    return handle as unknown as Handle<V>;
  }
}

/**
 * What the client keeps up to date for all who look at it: one for each key. It starts with the
 * first share and ends one second after the last, so that going from one page to the next and
 * back costs nothing.
 */
export abstract class Shared {
  readonly stores: Store<object>[] = [];
  protected status: "loading" | "ready" | "error" = "loading";
  protected error: CarewireError | undefined;
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

  hold(): Off {
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
      if (--this.#holds === 0) this.linger();
    });
  }

  /** Ends it soon, unless somebody looks at it by then. */
  linger(): void {
    this.#linger = setTimeout(() => {
      this.engine.forget(this);
      this.#end();
    }, LINGER);
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

  protected ready(): void {
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
  protected alive<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
    const life = this.#life;
    return (...args) => {
      if (life === this.#life) fn(...args);
    };
  }

  /** Asks for what it shows. What the server cannot serve now is asked again, a refusal shows. */
  protected ask: Engine["ask"] = (type, data, done) => {
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
