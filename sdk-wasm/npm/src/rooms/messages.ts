// The messages of a room: what is stored, what is on its way, and how far it has come.

import type { Message, Receipts, RoomJoinReply } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, Off, WireEvent } from "../types.js";
import type { ChatMessage, Draft, Messages } from "../views.js";
import { CarewireError } from "../errors.js";
import { NONE, Store, given } from "../live.js";
import { whenVisible } from "../page.js";
import type { Waiting } from "./outgoing.js";
import type { Fed, RoomEntry } from "./room.js";
import { advance, change, deleted, prepend, react, rowOf, upsert, waitingRow, type Rows } from "./rows.js";
import { Statuses, reachedBy } from "./statuses.js";

export class MessagesPart implements Fed {
  readonly view: Store<Messages>;
  #room: RoomEntry;
  #rows: Rows = NONE;
  #receipts: Record<string, Receipts> = {};
  #hasOlder = false;
  #loading: Promise<void> | undefined;
  /** Which loaded state older messages belong to. */
  #state = 0;
  #missed = 0;
  #firstMissed: string | undefined;
  /** The newest message that the server was told was read. */
  #read: string | undefined;
  #reading: Off | undefined;
  #statuses: Statuses;
  /** The rows of what is on its way, made once each. */
  #waiting = new WeakMap<Waiting, ChatMessage>();

  constructor(room: RoomEntry) {
    this.#room = room;
    this.#statuses = new Statuses(room, {
      after: (id) => this.#rows.find((row) => row.id > id)?.id,
      told: (reached) => {
        this.#rows = advance(this.#rows, reached);
        this.view.changed();
      },
    });
    this.view = new Store(room, () => this.#build());
    room.feed(this);
  }

  readonly fns = {
    send: (draft: Draft): Promise<Message> => this.#outgoing.send(this.#room.id, draft),
    retry: (key: string): void => this.#outgoing.retry(this.#room.id, key),
    discard: (key: string): void => this.#outgoing.discard(this.#room.id, key),
    edit: async (key: string, body: string): Promise<void> => {
      await this.#room.engine.request("message:edit", { messageId: await this.#id(key), body });
    },
    remove: async (key: string): Promise<void> => {
      await this.#room.engine.request("message:delete", { messageId: await this.#id(key) });
    },
    react: async (key: string, emoji: string, on = true): Promise<void> => {
      const data = { messageId: await this.#id(key), emoji };
      await this.#room.engine.request(on ? "message:react" : "message:unreact", data);
    },
    loadOlder: (): Promise<void> => (this.#loading ??= this.#loadOlder()),
    markRead: (key?: string): void => {
      this.#reading?.();
      this.#reading = whenVisible(() => this.#markRead(key));
    },
  };

  get #outgoing() {
    return this.#room.engine.outgoing;
  }

  #build(): Messages {
    const { id } = this.#room;
    const waiting = this.#outgoing.in(id);
    const failed = waiting.filter((one) => one.status === "failed").length;
    const receipts = this.#receipts;
    const rows = this.#rows;
    return {
      ...this.#room.loaded(),
      messages: waiting.length ? [...rows, ...waiting.map((one) => this.#row(one))] : rows,
      pending: waiting.length - failed,
      failed,
      missed: this.#missed,
      ...given({ firstMissed: this.#firstMissed }),
      hasOlder: this.#hasOlder,
      loadingOlder: this.#loading !== undefined,
      ...this.fns,
      readBy: (key: string): List<string> => {
        const row = rows.find((one) => one.key === key);
        if (!row) return NONE;
        return Object.keys(receipts).filter((user) => {
          const read = receipts[user]?.read;
          return user !== row.senderId && read !== undefined && read >= row.id;
        });
      },
    } as Messages;
  }

  #row(waiting: Waiting): ChatMessage {
    let row = this.#waiting.get(waiting);
    if (!row) this.#waiting.set(waiting, (row = waitingRow(waiting, this.#room.id, this.#room.engine.me)));
    return row;
  }

  onOutgoing(stored?: Message): void {
    if (stored && this.#room.isReady) this.#store(stored);
    this.view.changed();
  }

  load(reply: RoomJoinReply, again: boolean): void {
    const { me } = this.#room.engine;
    const newest = this.#rows.at(-1)?.id;
    const rows = (reply.snapshot?.messages ?? []).map((message) => rowOf(message, me));
    this.#state++;
    this.#statuses.drop();
    this.#loading = undefined;
    this.#hasOlder = reply.snapshot?.hasMore ?? false;
    this.#receipts = reply.receipts ?? {};
    this.#read = me === undefined ? undefined : this.#receipts[me]?.read;
    if (again && newest !== undefined) {
      for (const row of rows) if (row.id > newest && !row.own) this.#miss(row.key);
    }
    for (const row of rows) if (row.own) this.#outgoing.settle(this.#room.id, row.key);
    this.#rows = this.#advanced(rows);
  }

  event(event: WireEvent): void {
    switch (event.type) {
      case "message:new":
        if (event.replayed && event.data.message.senderId !== this.#room.engine.me) {
          this.#miss(event.data.message.id);
        }
        return this.#store(event.data.message);
      case "message:edited":
        return this.#change(event.data.message.id, (row) => ({
          ...rowOf(event.data.message, this.#room.engine.me),
          key: row.key,
          status: row.status,
        }));
      case "message:deleted":
        return this.#change(event.data.messageId, (row) => deleted(row, event.timestamp));
      case "message:reaction": {
        const { messageId, emoji, userId, added } = event.data;
        return this.#change(messageId, (row) => react(row, emoji, userId, added));
      }
      case "message:status":
        return this.#change(event.data.messageId, (row) => ({ ...row, status: event.data.status }));
      case "message:delivered":
        return this.#receive(event.data.userId, { delivered: event.data.messageId });
      case "message:read":
        return this.#receive(event.data.userId, { read: event.data.messageId });
    }
  }

  local(local: Local): void {
    if (local.type !== "resumed") return;
    const room = local.reply.rooms.find((one) => one.roomId === this.#room.id);
    for (const [user, marks] of Object.entries(room?.receipts ?? {})) this.#receive(user, marks);
  }

  drop(): void {
    this.#reading?.();
    this.#state++;
    this.#statuses.drop();
    this.#rows = NONE;
    this.#receipts = {};
    this.#hasOlder = false;
    this.#loading = undefined;
    this.#missed = 0;
    this.#firstMissed = undefined;
    this.#read = undefined;
  }

  #miss(key: string): void {
    this.#missed++;
    this.#firstMissed ??= key;
  }

  #store(message: Message): void {
    const row = rowOf(message, this.#room.engine.me);
    this.#rows = this.#advanced(upsert(this.#rows, row));
    if (row.own) this.#outgoing.settle(this.#room.id, row.key);
    this.view.changed();
  }

  #change(id: string, fn: Parameters<typeof change>[2]): void {
    const rows = change(this.#rows, id, fn);
    if (rows !== this.#rows) {
      this.#rows = rows;
      this.view.changed();
    }
  }

  #receive(user: string, marks: Receipts): void {
    const known = this.#receipts[user] ?? {};
    const next = { ...known };
    for (const mark of ["delivered", "read"] as const) {
      const id = marks[mark];
      if (id !== undefined && id > (known[mark] ?? "")) next[mark] = id;
    }
    this.#receipts = { ...this.#receipts, [user]: next };
    if (user === this.#room.engine.me) this.#read = next.read;
    else if (this.#other === undefined) this.#statuses.ask(reachedBy(this.#rows, known, next));
    this.#rows = this.#advanced(this.#rows);
    this.view.changed();
  }

  /** How far one's own messages have come in a chat, by what its other member has received and read. */
  #advanced(rows: Rows): Rows {
    const other = this.#other;
    if (other === undefined) return rows;
    const { delivered = "", read = "" } = this.#receipts[other] ?? {};
    return advance(rows, ({ id }) => (id <= read ? "read" : id <= delivered ? "delivered" : "sent"));
  }

  /** The other one of a chat. */
  get #other(): string | undefined {
    const [kind, a, b] = this.#room.id.split(":");
    return kind !== "chat" ? undefined : a === this.#room.engine.me ? b : a;
  }

  async #loadOlder(): Promise<void> {
    const oldest = this.#rows[0];
    const state = this.#state;
    if (!oldest || !this.#hasOlder) {
      this.#loading = undefined;
      return;
    }
    try {
      const { engine, id } = this.#room;
      queueMicrotask(() => this.view.changed());
      const page = await engine.request("message:history", { roomId: id, before: oldest.id });
      if (state !== this.#state) return;
      const older = page.messages.map((message) => rowOf(message, engine.me));
      this.#rows = this.#advanced(prepend(this.#rows, older));
      this.#hasOlder = page.hasMore;
    } finally {
      if (state === this.#state) {
        this.#loading = undefined;
        this.view.changed();
      }
    }
  }

  #markRead(key: string | undefined): void {
    const row = key === undefined ? this.#rows.at(-1) : this.#rows.find((one) => one.key === key);
    if (!row) return;
    if (this.#missed && row === this.#rows.at(-1)) {
      this.#missed = 0;
      this.#firstMissed = undefined;
      this.view.changed();
    }
    const newest = this.#rows.findLast((one) => !one.own && one.id <= row.id)?.id;
    if (newest === undefined || newest <= (this.#read ?? "")) return;
    this.#read = newest;
    this.#room.engine.call("message:read", { roomId: this.#room.id, messageId: newest }, {});
  }

  async #id(key: string): Promise<string> {
    const row = this.#rows.find((one) => one.key === key);
    const id = row?.id ?? (await this.#outgoing.id(key));
    if (id === undefined) throw new CarewireError("message_not_found", { message: "Message not found" });
    return id;
  }
}
