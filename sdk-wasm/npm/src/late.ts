// What comes with its first use: code that a page may never need, and the views that wait for it.

import type { Engine } from "./engine.js";
import type { Local } from "./core/boundary.js";
import type { Fns, Loaded, Off, WireEvent } from "./types.js";
import { CarewireError } from "./errors.js";
import { Shared, Store, tell } from "./live.js";

/** Code that is fetched once for the page. */
export interface Late<C> {
  /** Set once it is there. */
  code?: C;
  /** A failure is forgotten, so that the next call tries again. */
  load(): Promise<C>;
}

export function late<M, C>(fetch: () => Promise<M>, pick: (module: M) => C | undefined): Late<C> {
  let coming: Promise<C> | undefined;
  /** The address that could not be fetched, and how often it was tried again. */
  let lost: string | undefined;
  let tries = 0;
  const found: Late<C> = {
    load: () =>
      (coming ??= (async () => {
        try {
          // Chromium remembers that a module could not be fetched, and fetches it only by another name.
          const module: M = lost
            ? await import(/* webpackIgnore: true */ /* @vite-ignore */ `${lost}?${++tries}`)
            : await fetch();
          const code = pick(module);
          if (!code) throw new TypeError("It is another module");
          return (found.code = code);
        } catch (cause) {
          coming = undefined;
          lost = /imported module: (\S+)/.exec(String(cause))?.[1] ?? lost;
          const message = "A part of the client could not be loaded";
          throw new CarewireError("unavailable", { message }, { cause });
        }
      })()),
  };
  return found;
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
    const hold = this.hold();
    const done = new Promise((resolve, reject) => {
      const run = (part: Part) => {
        hold();
        resolve((async () => act(part))());
      };
      this.#later(run);
      if (!isAwaited) return;
      this.#open().catch((error: unknown) => {
        hold();
        this.#early = this.#early.filter((one) => one !== run);
        reject(error);
      });
    });
    return isAwaited ? done : undefined;
  }

  #later(act: (part: Part) => void): void {
    if (this.#part) return act(this.#part);
    this.#early.push(act);
    // A failure is in the view, and the next use tries again.
    this.#open().catch(() => {});
  }

  /** Every new look tries again what could not be loaded. */
  override hold(linger?: number): Off {
    const hold = super.hold(linger);
    const { code, wakes } = this.#kind;
    if (!this.#part && !wakes && !this.engine.closed) {
      if (code.code) this.#enter(code.code);
      else this.#open().catch(() => {});
    }
    return hold;
  }

  protected start(): void {
    this.#part?.start?.();
  }

  protected stop(): void {
    this.#part?.stop?.();
  }

  protected drop(): void {
    this.#part?.drop();
  }

  override shut(): void {
    this.#early = [];
    super.shut();
  }

  override event(event: WireEvent): void {
    this.#happen(event, (part) => part.event?.(event));
  }

  override local(local: Local): void {
    this.#happen(local, (part) => part.local?.(local));
    // What could not be loaded while offline can be now.
    if (local.type === "caughtUp" && this.error && !this.#part) this.#open().catch(() => {});
  }

  #happen(what: WireEvent | Local, act: (part: Part) => void): void {
    if (this.#part) act(this.#part);
    else if (this.#kind.wakes?.(what, this.#early.length > 0)) this.#later(act);
  }

  #open(): Promise<Part> {
    return (this.#opening ??= this.#kind.code
      .load()
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
