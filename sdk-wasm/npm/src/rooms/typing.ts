// Who is writing in a room.

import type { RoomJoinReply } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Typing } from "../views.js";
import { NONE, Store, given } from "../live.js";
import type { Fed, RoomEntry } from "./room.js";

export class TypingPart implements Fed {
  readonly view: Store<Typing>;
  #room: RoomEntry;
  #users: List<{ userId: string; name?: string }> = NONE;

  constructor(room: RoomEntry) {
    this.#room = room;
    this.view = new Store<Typing>(room, () => ({
      ...room.loaded(),
      typingUsers: this.#users,
      ...this.fns,
    }));
    room.feed(this);
  }

  readonly fns = {
    onKeystroke: (): void => this.#room.engine.typing(this.#room.id),
    stop: (): void => this.#room.engine.typingStopped(this.#room.id),
  };

  load(reply: RoomJoinReply): void {
    const { engine } = this.#room;
    const others = (reply.snapshot?.typing ?? []).filter((userId) => userId !== engine.me);
    this.#users = others.map((userId) => {
      const name = reply.participants?.find((one) => one.userId === userId)?.name;
      return { userId, ...given({ name }) };
    });
  }

  event(event: WireEvent): void {
    if (event.type === "typing:start") {
      const { userId, name } = event.data;
      if (userId === this.#room.engine.me || this.#users.some((one) => one.userId === userId)) return;
      this.#set([...this.#users, { userId, ...given({ name }) }]);
    } else if (event.type === "typing:stop" || event.type === "room:userLeft") {
      this.#stopped(event.data.userId);
    } else if (event.type === "message:new") {
      this.#stopped(event.data.message.senderId);
    }
  }

  local(local: Local): void {
    // That somebody stopped while this client was away is told to nobody.
    if (local.type === "away" && this.#users.length) this.#set(NONE);
  }

  drop(): void {
    this.#users = NONE;
  }

  #stopped(userId: string): void {
    if (this.#users.some((one) => one.userId === userId)) {
      this.#set(this.#users.filter((one) => one.userId !== userId));
    }
  }

  #set(users: List<{ userId: string; name?: string }>): void {
    this.#users = users;
    this.view.changed();
  }
}
