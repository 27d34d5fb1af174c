// How many messages of others are unread.

import type { RoomId, UnreadCounts } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { WireEvent } from "../types.js";
import type { Unread } from "../views.js";
import { Shared, Store } from "../live.js";
import { roomName } from "../types.js";

type Rooms = Readonly<Partial<Record<RoomId, number>>>;

export class UnreadEntry extends Shared {
  readonly view = new Store<Unread>(this, () => this.#build());
  #total = 0;
  #platforms: Record<string, number> = {};
  #rooms: Rooms = {};

  #build(): Unread {
    const rooms = this.#rooms;
    return {
      ...this.loaded(),
      total: this.#total,
      platforms: this.#platforms,
      room: (id: RoomId): number => rooms[roomName(id)] ?? 0,
    };
  }

  protected start(): void {
    this.ask("unread:get", {}, (counts) => this.#take(counts, {}));
  }

  protected stop(): void {}

  protected drop(): void {
    this.#total = 0;
    this.#platforms = {};
    this.#rooms = {};
  }

  override event(event: WireEvent): void {
    if (event.type === "unread:update" && this.isReady) this.#take(event.data, this.#rooms);
  }

  override local(local: Local): void {
    if (local.type === "resumed") this.#take(local.reply.unread, {});
  }

  #take(counts: UnreadCounts, known: Rooms): void {
    this.#total = counts.totalUnread ?? 0;
    this.#platforms = (counts.unreadCounts ?? {}) as Record<string, number>;
    this.#rooms = { ...known, ...counts.rooms };
    this.ready();
    this.changed();
  }
}

export function unreadEntry(engine: Engine): UnreadEntry {
  return engine.shared("unread", (engine, key) => new UnreadEntry(engine, key));
}
