// One's notifications, newest first.

import type { Notification } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Notifications } from "../views.js";
import { now } from "../core/runtime.js";
import type { Door, Part } from "../late.js";
import { NONE } from "../live.js";

export class NotificationsPart implements Part {
  #door: Door<Notifications>;
  #list: List<Notification> = NONE;
  #unread = 0;
  #cursor: string | undefined;
  #loading: Promise<void> | undefined;

  constructor(door: Door<Notifications>) {
    this.#door = door;
  }

  view() {
    return {
      notifications: this.#list,
      unreadCount: this.#unread,
      hasOlder: this.#cursor !== undefined,
    };
  }

  readonly fns = {
    loadOlder: (): Promise<void> => (this.#loading ??= this.#loadOlder()),
    markRead: (id: string): void => {
      const one = this.#list.find((known) => known.id === id);
      if (one?.readAt !== undefined) return;
      this.#mark([id], Math.max(0, this.#unread - 1));
      this.#tell(this.#door.engine.request("notification:read", { notificationId: id }));
    },
    markAllRead: (): void => {
      const newest = this.#list[0];
      if (!newest) return;
      const unread = this.#list.filter((one) => one.readAt === undefined).map((one) => one.id);
      this.#mark(unread, 0);
      this.#tell(this.#door.engine.request("notification:readAll", { upTo: newest.id }));
    },
  };

  start(): void {
    this.#load();
  }

  drop(): void {
    this.#list = NONE;
    this.#unread = 0;
    this.#cursor = undefined;
  }

  #load(): void {
    this.#door.ask("notification:list", {}, (page) => {
      // What came while the list was on its way is newer than it.
      const loaded = new Set(page.notifications.map((one) => one.id));
      const newest = page.notifications[0]?.createdAt ?? "";
      const newer = this.#list.filter((one) => !loaded.has(one.id) && one.createdAt > newest);
      this.#list = [...newer, ...page.notifications];
      this.#cursor = page.cursor;
      this.#door.ready();
      this.#door.changed();
    });
    this.#count();
  }

  #count(): void {
    this.#door.ask("notification:getUnreadCount", {}, ({ unreadCount }) => {
      this.#unread = unreadCount;
      this.#door.changed();
    });
  }

  async #loadOlder(): Promise<void> {
    const cursor = this.#cursor;
    try {
      if (cursor === undefined) return;
      const page = await this.#door.engine.request("notification:list", { cursor });
      if (cursor !== this.#cursor) return;
      const known = new Set(this.#list.map((one) => one.id));
      this.#list = [...this.#list, ...page.notifications.filter((one) => !known.has(one.id))];
      this.#cursor = page.cursor;
    } finally {
      this.#loading = undefined;
      this.#door.changed();
    }
  }

  event(event: WireEvent): void {
    if (event.type === "notification:new") {
      const { notification } = event.data;
      if (this.#list.some((one) => one.id === notification.id)) return;
      this.#list = [notification, ...this.#list];
      if (notification.readAt === undefined) this.#unread++;
      this.#door.changed();
    } else if (event.type === "notification:read") {
      this.#mark(event.data.notificationIds, event.data.unreadCount);
    }
  }

  local(local: Local): void {
    if (local.type === "resynced" && /^(notifications|topic):/.test(local.room)) this.#load();
    // What other devices have read meanwhile is told nowhere else.
    else if (local.type === "resumed") this.#load();
  }

  #mark(ids: List<string>, unread: number): void {
    const readAt = new Date(now()).toISOString();
    this.#list = this.#list.map((one) =>
      ids.includes(one.id) && one.readAt === undefined ? { ...one, readAt } : one,
    );
    this.#unread = unread;
    this.#door.changed();
  }

  /** What could not be marked is shown as it is again. */
  #tell(told: Promise<unknown>): void {
    told.catch(this.#door.alive(() => this.#load()));
  }
}
