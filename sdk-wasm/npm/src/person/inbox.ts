// One's conversations, the most recently active first.

import type { Conversation } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Inbox } from "../views.js";
import type { Door, Part } from "../late.js";
import { NONE } from "../live.js";

export class InboxPart implements Part {
  #door: Door<Inbox, string | undefined>;
  #list: List<Conversation> = NONE;
  #cursor: string | undefined;
  #loading: Promise<void> | undefined;

  constructor(door: Door<Inbox, string | undefined>) {
    this.#door = door;
  }

  view() {
    return { conversations: this.#list, hasOlder: this.#cursor !== undefined };
  }

  readonly fns = {
    loadOlder: (): Promise<void> => (this.#loading ??= this.#loadOlder()),
  };

  get #query() {
    const platform = this.#door.input;
    return platform === undefined ? {} : { platform };
  }

  start(): void {
    this.#load();
  }

  drop(): void {
    this.#list = NONE;
    this.#cursor = undefined;
  }

  #load(): void {
    this.#door.ask("conversation:list", this.#query, (page) => {
      this.#list = page.conversations;
      this.#cursor = page.cursor;
      this.#door.ready();
      this.#door.changed();
    });
  }

  async #loadOlder(): Promise<void> {
    const cursor = this.#cursor;
    try {
      if (cursor === undefined) return;
      const page = await this.#door.engine.request("conversation:list", { ...this.#query, cursor });
      if (cursor !== this.#cursor) return;
      for (const conversation of page.conversations) this.#put(conversation);
      this.#cursor = page.cursor;
    } finally {
      this.#loading = undefined;
      this.#door.changed();
    }
  }

  #put(conversation: Conversation): void {
    const { roomId, updatedAt } = conversation;
    const others = this.#list.filter((one) => one.roomId !== roomId);
    const at = others.findIndex((one) => one.updatedAt < updatedAt);
    this.#list =
      at < 0 ? [...others, conversation] : [...others.slice(0, at), conversation, ...others.slice(at)];
  }

  event(event: WireEvent): void {
    if (event.type === "conversation:update") {
      const { conversation } = event.data;
      const platform = this.#door.input;
      if (platform !== undefined && conversation.platform !== platform) return;
      this.#put(conversation);
    } else if (event.type === "unread:update") {
      const { rooms } = event.data;
      this.#list = this.#list.map((one) => {
        const unreadCount = rooms[one.roomId];
        return unreadCount === undefined ? one : { ...one, unreadCount };
      });
    } else return;
    this.#door.changed();
  }

  local(local: Local): void {
    // What changed meanwhile is state of the server, and replayed by nobody.
    if (local.type === "resumed") this.#load();
  }
}
