// Who can be reached. All who look at one person share one subscription.

import type { Presence } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, Off, WireEvent } from "../types.js";
import type { Presences } from "../views.js";
import { nobody } from "../doors.js";
import type { Door, Part } from "../late.js";
import { Shared, off } from "../live.js";

/** The most that one command may name. */
const MOST = 500;

/** Everybody whose presence somebody looks at. */
class People extends Shared {
  readonly known = new Map<string, Presence>();
  #counts = new Map<string, number>();
  #watchers = new Set<(userId: string) => void>();
  /** Named since the last command. */
  #wanted = new Set<string>();

  follow(ids: List<string>, watch: (userId: string) => void): Off {
    this.#watchers.add(watch);
    const hold = this.hold();
    for (const id of ids) {
      const count = this.#counts.get(id) ?? 0;
      this.#counts.set(id, count + 1);
      if (count === 0) this.#want(id);
    }
    return off(() => {
      this.#watchers.delete(watch);
      const gone = ids.filter((id) => this.#let(id));
      if (gone.length && !this.engine.closed) {
        this.engine.call("presence:unsubscribe", { userIds: gone }, {});
      }
      hold();
    });
  }

  #let(id: string): boolean {
    const count = (this.#counts.get(id) ?? 0) - 1;
    if (count > 0) {
      this.#counts.set(id, count);
      return false;
    }
    this.#counts.delete(id);
    this.known.delete(id);
    return !this.#wanted.delete(id);
  }

  /** Fifty badges that appear at once are one command. */
  #want(id: string): void {
    if (this.#wanted.size === 0) queueMicrotask(() => this.#subscribe());
    this.#wanted.add(id);
  }

  #subscribe(): void {
    const userIds = [...this.#wanted];
    this.#wanted.clear();
    for (let at = 0; at < userIds.length; at += MOST) {
      this.ask("presence:subscribe", { userIds: userIds.slice(at, at + MOST) }, ({ presences }) => {
        this.#take(presences);
      });
    }
  }

  #take(presences: List<Presence>): void {
    for (const presence of presences) {
      if (!this.#counts.has(presence.userId)) continue;
      this.known.set(presence.userId, presence);
      for (const watcher of this.#watchers) watcher(presence.userId);
    }
  }

  protected start(): void {}
  protected stop(): void {}

  protected drop(): void {
    this.known.clear();
  }

  override event(event: WireEvent): void {
    if (event.type === "presence:changed") this.#take([event.data]);
    else if (event.type === "presence:initial") this.#take(event.data.presences);
  }

  override local(local: Local): void {
    if (local.type === "resumed") this.#take(local.reply.presences);
  }
}

export class PresencePart implements Part {
  #door: Door<Presences, List<string>>;
  readonly #ids: ReadonlySet<string>;
  #following: Off | undefined;

  constructor(door: Door<Presences, List<string>>) {
    this.#door = door;
    this.#ids = new Set(door.input);
  }

  view() {
    const known = new Map<string, Presence>();
    const people = this.#door.isActive ? this.#people.known : undefined;
    for (const id of this.#ids) {
      const presence = people?.get(id);
      if (presence) known.set(id, presence);
    }
    return {
      of: (userId: string): Presence => known.get(userId) ?? nobody(userId),
    };
  }

  get #people(): People {
    return this.#door.engine.shared("people", (engine, key) => new People(engine, key));
  }

  start(): void {
    const people = this.#people;
    this.#following = people.follow([...this.#ids], (userId) => {
      if (this.#ids.has(userId)) this.#settle();
    });
    this.#settle();
  }

  /** Ready once everybody asked for is known. */
  #settle(): void {
    const { known } = this.#people;
    if ([...this.#ids].every((id) => known.has(id))) this.#door.ready();
    this.#door.changed();
  }

  stop(): void {
    this.#following?.();
  }

  drop(): void {}
}
