// What comes with its first use: code that a page may never need, and the views that wait for it.

import type { Engine } from "./engine.js";
import type { Local } from "./core/boundary.js";
import type { Fns, Loaded, Off, WireEvent } from "./types.js";
import { CarewireError } from "./errors.js";
import { clearTimeout, performance, setTimeout } from "./core/runtime.js";
import { Shared, Store, report, tell } from "./live.js";

/** The first pause before code is fetched again that could not be, and the longest. */
const AGAIN = 500;
const AGAIN_MOST = 20_000;
/** How much may wait for code: what is more is refused. */
const MOST_EARLY = 1000;

/** Code that is fetched once for the page. */
export interface Late<C> {
  /** Set once it is there. */
  readonly code: C | undefined;
  /** A failure stands for a while, longer each time, unless the network has come back. */
  load(isBack?: boolean): Promise<C>;
}

export function late<M>(fetch: () => Promise<M>): Late<M> {
  let code: M | undefined;
  let coming: Promise<M> | undefined;
  /** The address that could not be fetched, and how often. */
  let lost: string | undefined;
  let failures = 0;
  /** From when on it may be fetched again; only after a failure. */
  let again: number | undefined;
  const load = async (): Promise<M> => {
    try {
      // Some browsers remember that a module could not be fetched, and fetch it only by another name.
      const name = `${lost}#${failures}`;
      code = lost ? ((await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as M) : await fetch();
      return code;
    } catch (cause) {
      lost ??= /imported module: (\S+)/.exec(String(cause))?.[1];
      const retryAfterMs = Math.min(AGAIN * 2 ** failures++, AGAIN_MOST);
      again = performance.now() + retryAfterMs;
      const message = "A part of the client could not be loaded";
      throw new CarewireError("unavailable", { message, retryAfterMs }, { cause });
    }
  };
  return {
    get code() {
      return code;
    },
    load: (isBack) => {
      if (again !== undefined && (isBack || performance.now() >= again)) {
        again = undefined;
        coming = undefined;
      }
      return (coming ??= load());
    },
  };
}

/** What a file of such code has for one kind of view. */
export function from<M, C>(file: Late<M>, pick: (module: M) => C): Late<C> {
  return {
    get code() {
      return file.code && pick(file.code);
    },
    load: async (isBack) => pick(await file.load(isBack)),
  };
}

/** What is behind a door: it keeps a view up to date. */
export interface Part {
  /** Somebody looks. */
  start?(): void;
  /** Nobody does any more. */
  stop?(): void;
  /** What it knows is not to be seen any more. */
  drop(): void;
  event?(event: WireEvent): void;
  local?(local: Local): void;
  /** How its data stands, where somebody else knows. */
  loaded?(): Loaded | undefined;
  /** What the view shows, without its functions. */
  view(): object;
  readonly fns?: Record<string, (...args: never[]) => unknown>;
}

/** What is known of a view before its code is there. */
export interface Kind<V extends object, I> {
  code: Late<new (door: Door<V, I>) => Part>;
  /** What it shows until then. */
  first: object;
  /** Its functions. `true`: one that is awaited, and fails where the code cannot be loaded. */
  fns?: { [F in keyof Fns<V>]?: boolean };
  /** Functions that only send. */
  sends?(engine: Engine, input: I): Partial<Fns<V>>;
  /** Loaded not by who looks but by what happens, of which it misses nothing from then on. */
  wakes?(what: WireEvent | Local, isAwake: boolean): boolean;
}

/**
 * A view whose code comes with its first use. It is there at once, and begins when the code is:
 * from then on everything is the business of its part.
 */
export class Door<V extends object, I = undefined> extends Shared {
  readonly view = new Store<V>(this, () => this.#build());
  #kind: Kind<V, I>;
  #fns: Record<string, unknown>;
  #part: Part | undefined;
  #opening: Promise<Part> | undefined;
  /** What is to be done when it is open, in order. */
  #early: ((part: Part) => void)[] = [];
  /** When its code is fetched again. */
  #again: number | undefined;

  constructor(
    engine: Engine,
    key: string,
    kind: Kind<V, I>,
    /** What it is about. */
    public input: I,
  ) {
    super(engine, key);
    this.#kind = kind;
    this.#fns = { ...kind.sends?.(engine, input) };
    for (const [name, isAwaited] of Object.entries(kind.fns ?? {})) {
      this.#fns[name] = (...args: never[]) => this.#do((part) => part.fns?.[name]?.(...args), !!isAwaited);
    }
  }

  #build(): V {
    const { first, wakes } = this.#kind;
    return { ...(!wakes && this.loaded()), ...first, ...this.#part?.view(), ...this.#fns } as never;
  }

  override loaded(): Loaded {
    return (this.error ? undefined : this.#part?.loaded?.()) ?? super.loaded();
  }

  /** Does something, now or when it is open. Until it is done it is a use like any other. */
  #do(act: (part: Part) => unknown, isAwaited: boolean): unknown {
    if (this.#part) return act(this.#part);
    const refused = this.engine.refused();
    if (refused) return refused;
    if (this.#early.length >= MOST_EARLY) {
      return isAwaited ? Promise.reject(new CarewireError("queue_full")) : undefined;
    }
    const hold = this.hold();
    const done = new Promise((resolve, reject) => {
      const run = (part: Part) => {
        hold();
        resolve((async () => act(part))());
      };
      this.#early.push(run);
      this.#open().catch((error: unknown) => {
        hold();
        if (!isAwaited) return;
        this.#early = this.#early.filter((one) => one !== run);
        reject(error);
      });
    });
    if (isAwaited) return done;
    done.catch(report);
    return undefined;
  }

  override hold(linger?: number): Off {
    const hold = super.hold(linger);
    const { code, wakes } = this.#kind;
    if (!this.#part && !wakes && !this.engine.closed) {
      if (code.code) this.#enter(code.code);
      else this.#load();
    }
    return hold;
  }

  /** Loads its code for who looks, or for what has happened: again and again, with pauses. */
  #load(isBack?: boolean): void {
    this.#open(isBack).catch((error: CarewireError) => {
      clearTimeout(this.#again);
      if (this.isActive && !this.engine.closed) {
        this.#again = setTimeout(() => this.#load(), error.retryAfterMs ?? AGAIN_MOST);
      }
    });
  }

  protected start(): void {
    this.#part?.start?.();
  }

  protected stop(): void {
    clearTimeout(this.#again);
    this.#early = [];
    this.#part?.stop?.();
  }

  protected drop(): void {
    this.#part?.drop();
  }

  override shut(): void {
    clearTimeout(this.#again);
    this.#early = [];
    super.shut();
  }

  override event(event: WireEvent): void {
    this.#happen(event, (part) => part.event?.(event));
  }

  override local(local: Local): void {
    this.#happen(local, (part) => part.local?.(local));
    // What could not be loaded while offline can be now.
    if (local.type === "caughtUp" && this.error && !this.#part) this.#load(true);
  }

  #happen(what: WireEvent | Local, act: (part: Part) => void): void {
    if (this.#part) act(this.#part);
    else if (this.#kind.wakes?.(what, this.#early.length > 0)) {
      this.#early.push(act);
      this.#load();
    }
  }

  #open(isBack?: boolean): Promise<Part> {
    return (this.#opening ??= this.#kind.code
      .load(isBack)
      .then((code) => {
        // Whoever looked may have gone meanwhile.
        if (!this.isActive || this.engine.closed) throw new CarewireError("closed");
        return this.#part ?? this.#enter(code);
      })
      .catch((error: CarewireError) => {
        this.#opening = undefined;
        if (this.isActive && !this.engine.closed) this.fail(error);
        throw error;
      }));
  }

  #enter(Code: new (door: Door<V, I>) => Part): Part {
    const part = (this.#part = new Code(this));
    this.status = "loading";
    this.error = undefined;
    part.start?.();
    tell(this.#early.splice(0), part);
    this.changed();
    return part;
  }
}
