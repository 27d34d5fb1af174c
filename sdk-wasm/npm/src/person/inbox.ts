// One's conversations, the most recently active first.

import type { Conversation } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Inbox } from "../views.js";
import { NONE, Shared, Store } from "../live.js";

export class InboxEntry extends Shared {
  readonly view = new Store<Inbox>(this, () => ({
    ...this.loaded(),
    conversations: this.#list,
    hasOlder: this.#cursor !== undefined,
    ...this.fns,
  }));
  #list: List<Conversation> = NONE;
  #cursor: string | undefined;
  #loading: Promise<void> | undefined;

  constructor(
    engine: Engine,
    key: string,
    readonly platform: string | undefined,
  ) {
    super(engine, key);
  }

  readonly fns = {
    loadOlder: (): Promise<void> => (this.#loading ??= this.#loadOlder()),
  };

  get #query() {
    return this.platform === undefined ? {} : { platform: this.platform };
  }

  protected start(): void {
    this.#load();
  }

  protected stop(): void {}

  protected drop(): void {
    this.#list = NONE;
    this.#cursor = undefined;
  }

  #load(): void {
    this.ask("conversation:list", this.#query, (page) => {
      this.#list = page.conversations;
      this.#cursor = page.cursor;
      this.ready();
      this.changed();
    });
  }

  async #loadOlder(): Promise<void> {
    const cursor = this.#cursor;
    try {
      if (cursor === undefined) return;
      const page = await this.engine.request("conversation:list", { ...this.#query, cursor });
      if (cursor !== this.#cursor) return;
      for (const conversation of page.conversations) this.#put(conversation);
      this.#cursor = page.cursor;
    } finally {
      this.#loading = undefined;
      this.changed();
    }
  }

  #put(conversation: Conversation): void {
    const { roomId, updatedAt } = conversation;
    const others = this.#list.filter((one) => one.roomId !== roomId);
    const at = others.findIndex((one) => one.updatedAt < updatedAt);
    this.#list =
      at < 0 ? [...others, conversation] : [...others.slice(0, at), conversation, ...others.slice(at)];
  }

  override event(event: WireEvent): void {
    if (event.type === "conversation:update") {
      const { conversation } = event.data;
      if (this.platform !== undefined && conversation.platform !== this.platform) return;
      this.#put(conversation);
    } else if (event.type === "unread:update") {
      const { rooms } = event.data;
      this.#list = this.#list.map((one) => {
        const unreadCount = rooms[one.roomId];
        return unreadCount === undefined ? one : { ...one, unreadCount };
      });
    } else return;
    this.changed();
  }

  override local(local: Local): void {
    // What changed meanwhile is state of the server, and replayed by nobody.
    if (local.type === "resumed") this.#load();
  }
}

export function inboxEntry(engine: Engine, platform?: string): InboxEntry {
  return engine.shared(`inbox:${platform ?? ""}`, (engine, key) => new InboxEntry(engine, key, platform));
}
