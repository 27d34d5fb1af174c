// How many messages of others are unread.

import type { RoomId, UnreadCounts } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { WireEvent } from "../types.js";
import type { Unread } from "../views.js";
import type { Door, Part } from "../late.js";
import { roomName } from "../types.js";

type Rooms = Readonly<Partial<Record<RoomId, number>>>;

export class UnreadPart implements Part {
  #door: Door<Unread>;
  #total = 0;
  #platforms: Record<string, number> = {};
  #rooms: Rooms = {};

  constructor(door: Door<Unread>) {
    this.#door = door;
  }

  view() {
    const rooms = this.#rooms;
    return {
      total: this.#total,
      platforms: this.#platforms,
      room: (id: RoomId): number => rooms[roomName(id)] ?? 0,
    };
  }

  start(): void {
    this.#door.ask("unread:get", {}, (counts) => this.#take(counts, {}));
  }

  drop(): void {
    this.#total = 0;
    this.#platforms = {};
    this.#rooms = {};
  }

  event(event: WireEvent): void {
    if (event.type === "unread:update" && this.#door.isReady) this.#take(event.data, this.#rooms);
  }

  local(local: Local): void {
    if (local.type === "resumed") this.#take(local.reply.unread, {});
  }

  #take(counts: UnreadCounts, known: Rooms): void {
    this.#total = counts.totalUnread ?? 0;
    this.#platforms = (counts.unreadCounts ?? {}) as Record<string, number>;
    this.#rooms = { ...known, ...counts.rooms };
    this.#door.ready();
    this.#door.changed();
  }
}
