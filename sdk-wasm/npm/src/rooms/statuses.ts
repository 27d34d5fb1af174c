// How far messages have come in a thread, a visit or a call: the server alone knows all members, also
// those who were never there.

import type { MessageStatus, Receipts } from "../protocol.js";
import { clearTimeout, setTimeout } from "../core/runtime.js";
import { isPassing } from "../errors.js";
import { given } from "../live.js";
import type { RoomEntry } from "./room.js";
import type { Rows, Stored } from "./rows.js";

/** How long after an answer the server is asked again at the soonest. */
const PAUSE = 1000;

interface Shown {
  /** The message that is shown after this one. */
  after(id: string): string | undefined;
  told(reached: (row: Stored) => MessageStatus): void;
}

/** Asks how far the messages are that a receipt was about, one page a second. */
export class Statuses {
  #room: RoomEntry;
  #shown: Shown;
  #wanted = new Set<string>();
  #isAsking = false;
  #pause: number | undefined;
  /** Tells the answers about what is shown from those about what was. */
  #life = 0;

  constructor(room: RoomEntry, shown: Shown) {
    this.#room = room;
    this.#shown = shown;
  }

  ask(ids: readonly string[]): void {
    for (const id of ids) this.#wanted.add(id);
    if (!this.#isAsking) this.#page();
  }

  drop(): void {
    this.#life++;
    this.#wanted.clear();
    this.#isAsking = false;
    clearTimeout(this.#pause);
  }

  /** The page that ends with the newest of them. */
  #page(): void {
    const newest = [...this.#wanted].sort().at(-1);
    this.#isAsking = newest !== undefined;
    if (newest === undefined) return;
    const { engine, id } = this.#room;
    const before = this.#shown.after(newest);
    const life = this.#life;
    const asked = new Set(this.#wanted);
    // A receipt that comes while the server answers may be newer than the answer.
    this.#wanted.clear();
    const then = (left: Iterable<string>, wait = PAUSE) => {
      if (life !== this.#life) return;
      for (const one of left) this.#wanted.add(one);
      this.#pause = setTimeout(() => this.#page(), wait);
    };
    engine.call(
      "message:history",
      { roomId: id, ...given({ before }) },
      {
        done: ({ messages, hasMore }) => {
          if (life !== this.#life) return;
          const told = new Map(messages.map((one) => [one.id, one.status]));
          this.#shown.told((row) => told.get(row.id) ?? "sent");
          const oldest = hasMore ? messages[0]?.id : undefined;
          then([...asked].filter((one) => oldest !== undefined && one < oldest));
        },
        fail: (error) => then(isPassing(error) ? asked : [], error.retryAfterMs),
      },
    );
  }
}

/** One's own messages that a receipt is news about, from the one before it. */
export function reachedBy(rows: Rows, known: Receipts, next: Receipts): string[] {
  const { delivered = "", read = "" } = known;
  const isNews = ({ id, status }: Stored): boolean =>
    (status !== "read" && id > read && id <= (next.read ?? "")) ||
    (status === "sent" && id > read && id > delivered && id <= (next.delivered ?? ""));
  return rows.filter((row) => row.own && row.status !== "failed" && isNews(row)).map(({ id }) => id);
}
