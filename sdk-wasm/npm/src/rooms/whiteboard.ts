// The whiteboard of a room. One's own strokes show at once and go out in batches.

import type { RoomJoinReply, WhiteboardState } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, Op, WireEvent } from "../types.js";
import type { Whiteboard } from "../views.js";
import { clearTimeout, setTimeout } from "../core/runtime.js";
import { NONE, Store } from "../live.js";
import type { Part, RoomEntry } from "./room.js";

/** How long strokes are gathered before they are sent. */
const GATHER = 100;
/** How often the cursor is sent at most. */
const CURSOR_EVERY = 50;
/** How long the cursor of somebody who does not move shows. */
const CURSOR_FOR = 5_000;
/** The most that one command may carry. */
const MOST_OPS = 500;

interface Batch {
  ops: Op[];
  /** What the reply said. */
  revision?: number;
}

interface Cursor {
  userId: string;
  x: number;
  y: number;
}

export class WhiteboardPart implements Part {
  readonly view: Store<Whiteboard>;
  #room: RoomEntry;
  #ops: List<Op> = NONE;
  #revision = 0;
  #cursors: List<Cursor> = NONE;
  #fading = new Map<string, number>();
  /** Drawn here and not confirmed, in order. */
  #batches: Batch[] = [];
  /** Drawn here and not sent. */
  #gathered: Op[] = [];
  #sending: number | undefined;
  #moving: number | undefined;
  #moved: { x: number; y: number } | undefined;
  /** Which state a page of it belongs to. */
  #state = 0;

  constructor(room: RoomEntry) {
    this.#room = room;
    this.view = new Store<Whiteboard>(room, () => ({
      ...room.loaded(),
      ops: this.#shown(),
      revision: this.#revision,
      cursors: this.#cursors,
      ...this.fns,
    }));
  }

  readonly fns = {
    draw: (...ops: Op[]): void => {
      if (!ops.length || this.#room.engine.closed) return;
      this.#gathered.push(...ops);
      this.#sending ??= setTimeout(() => this.#send(), GATHER);
      this.view.changed();
    },
    clear: (): void => {
      this.#send();
      this.#room.engine.call("whiteboard:clear", { roomId: this.#room.id }, {});
    },
    moveCursor: (x: number, y: number): void => {
      this.#moved = { x, y };
      this.#moving ??= setTimeout(() => {
        this.#moving = undefined;
        const at = this.#moved;
        if (at) this.#room.engine.call("whiteboard:cursor", { roomId: this.#room.id, ...at }, {});
      }, CURSOR_EVERY);
    },
  };

  #shown(): List<Op> {
    if (!this.#batches.length && !this.#gathered.length) return this.#ops;
    return [...this.#ops, ...this.#batches.flatMap((batch) => batch.ops), ...this.#gathered];
  }

  #send(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    while (this.#gathered.length) {
      const batch: Batch = { ops: this.#gathered.splice(0, MOST_OPS) };
      this.#batches.push(batch);
      this.#room.engine.call(
        "whiteboard:update",
        { roomId: this.#room.id, ops: batch.ops },
        {
          done: ({ revision }) => {
            batch.revision = revision;
            // Its event was in a state that was loaded meanwhile.
            if (revision <= this.#revision) this.#remove(batch);
          },
          fail: () => this.#remove(batch),
        },
      );
    }
  }

  #remove(batch: Batch): void {
    if (!this.#batches.includes(batch)) return;
    this.#batches = this.#batches.filter((one) => one !== batch);
    this.view.changed();
  }

  load(reply: RoomJoinReply): void {
    this.#state++;
    this.#take(reply.snapshot?.whiteboard ?? { revision: 0, ops: [] });
  }

  #take(board: WhiteboardState): void {
    this.#ops = board.ops as Op[];
    this.#revision = board.revision;
    this.#batches = this.#batches.filter(
      ({ revision }) => revision === undefined || revision > board.revision,
    );
    if (board.cursor !== undefined) this.#page(board);
  }

  /** The rest of a large one. What is drawn between two pages makes it another one. */
  #page(known: WhiteboardState): void {
    const state = this.#state;
    const { cursor } = known;
    const { engine, id } = this.#room;
    engine.ask("whiteboard:snapshot", { roomId: id, ...(cursor !== undefined && { cursor }) }, (page) => {
      if (state !== this.#state) return;
      if (cursor !== undefined && page.revision !== known.revision) {
        return this.#page({ revision: 0, ops: [] });
      }
      const ops = cursor === undefined ? page.ops : [...known.ops, ...page.ops];
      const whole = { ...page, ops };
      if (page.cursor !== undefined) return this.#page(whole);
      this.#take(whole);
      this.view.changed();
    });
  }

  event(event: WireEvent): void {
    if (event.type === "whiteboard:update") {
      const { revision, ops } = event.data;
      if (revision <= this.#revision) return;
      this.#revision = revision;
      this.#ops = [...this.#ops, ...(ops as Op[])];
      // Batches take effect in the order in which they were sent.
      if (event.own) this.#batches.shift();
      this.view.changed();
    } else if (event.type === "whiteboard:cleared") {
      const { revision } = event.data;
      if (revision <= this.#revision) return;
      this.#revision = revision;
      this.#ops = NONE;
      this.view.changed();
    } else if (event.type === "whiteboard:cursor") {
      const { userId, x, y } = event.data;
      if (userId !== this.#room.engine.me) this.#point({ userId, x, y });
    } else if (event.type === "room:userLeft") {
      this.#unpoint(event.data.userId);
    }
  }

  local(local: Local): void {
    if (local.type === "away") for (const userId of this.#fading.keys()) this.#unpoint(userId);
  }

  #point(cursor: Cursor): void {
    const { userId } = cursor;
    clearTimeout(this.#fading.get(userId));
    this.#fading.set(
      userId,
      setTimeout(() => this.#unpoint(userId), CURSOR_FOR),
    );
    this.#cursors = [...this.#cursors.filter((one) => one.userId !== userId), cursor];
    this.view.changed();
  }

  #unpoint(userId: string): void {
    clearTimeout(this.#fading.get(userId));
    if (!this.#fading.delete(userId)) return;
    this.#cursors = this.#cursors.filter((one) => one.userId !== userId);
    this.view.changed();
  }

  drop(): void {
    this.#send();
    clearTimeout(this.#moving);
    this.#moving = undefined;
    for (const timer of this.#fading.values()) clearTimeout(timer);
    this.#fading.clear();
    this.#state++;
    this.#ops = NONE;
    this.#cursors = NONE;
    this.#batches = [];
    this.#revision = 0;
  }
}
