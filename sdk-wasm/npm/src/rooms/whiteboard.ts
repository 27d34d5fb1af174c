// The whiteboard of a room. One's own strokes show at once and go out in batches.

import type { RoomJoinReply, WhiteboardState } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { Door, Part } from "../late.js";
import type { List, Loaded, MessageRoom, Off, Op, WireEvent } from "../types.js";
import type { Whiteboard } from "../views.js";
import { clearTimeout, setTimeout } from "../core/runtime.js";
import { NONE, given } from "../live.js";
import { roomEntry } from "./entries.js";
import type { RoomEntry } from "./room.js";

/** How long strokes are gathered before they are sent. */
const GATHER = 100;
/** How often the cursor is sent at most. */
const CURSOR_EVERY = 50;
/** How long the cursor of somebody who does not move shows. */
const CURSOR_FOR = 5_000;
/** The most that one command may carry. */
const MOST_OPS = 500;

const EMPTY: WhiteboardState = { revision: 0, ops: [] };

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
  #door: Door<Whiteboard, MessageRoom>;
  #room: RoomEntry | undefined;
  #ends: Off[] = [];
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

  constructor(door: Door<Whiteboard, MessageRoom>) {
    this.#door = door;
  }

  view() {
    return { ops: this.#shown(), revision: this.#revision, cursors: this.#cursors };
  }

  /** That of the room, once the state is there, which the room may have had before. */
  loaded(): Loaded | undefined {
    const known = this.#room?.loaded();
    return known?.status === "ready" && !this.#door.isReady ? undefined : known;
  }

  start(): void {
    const room = (this.#room = roomEntry(this.#door.engine, this.#door.input));
    const fed = room.feed({
      load: (reply) => this.#load(reply),
      event: (event) => this.#event(event),
      local: (local) => this.#local(local),
      drop: () => this.drop(),
    });
    this.#ends = [fed, room.view.subscribe(() => this.#door.changed(), 0)];
    if (room.isReady) this.#page(EMPTY);
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  readonly fns = {
    draw: (...ops: Op[]): void => {
      if (!ops.length || this.#door.engine.closed) return;
      this.#gathered.push(...ops);
      this.#sending ??= setTimeout(() => this.#send(), GATHER);
      this.#door.changed();
    },
    clear: (): void => {
      this.#send();
      this.#door.engine.call("whiteboard:clear", { roomId: this.#door.input }, {});
    },
    moveCursor: (x: number, y: number): void => {
      this.#moved = { x, y };
      this.#moving ??= setTimeout(() => {
        this.#moving = undefined;
        const at = this.#moved;
        if (at) this.#door.engine.call("whiteboard:cursor", { roomId: this.#door.input, ...at }, {});
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
      this.#door.engine.call(
        "whiteboard:update",
        { roomId: this.#door.input, ops: batch.ops },
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
    this.#door.changed();
  }

  #load(reply: RoomJoinReply): void {
    this.#state++;
    this.#take(reply.snapshot?.whiteboard ?? EMPTY);
  }

  #take(board: WhiteboardState): void {
    this.#ops = board.ops as Op[];
    this.#revision = board.revision;
    this.#door.ready();
    this.#batches = this.#batches.filter(
      ({ revision }) => revision === undefined || revision > board.revision,
    );
    if (board.cursor !== undefined) this.#page(board);
  }

  /** The rest of a large one. What is drawn between two pages makes it another one. */
  #page(known: WhiteboardState): void {
    const state = this.#state;
    const { cursor } = known;
    const wanted = { roomId: this.#door.input, ...given({ cursor }) };
    this.#door.ask("whiteboard:snapshot", wanted, (page) => {
      if (state !== this.#state) return;
      const isOther = cursor !== undefined && page.revision !== known.revision;
      if (isOther || page.revision < this.#revision) return this.#page(EMPTY);
      const ops = cursor === undefined ? page.ops : [...known.ops, ...page.ops];
      const whole = { ...page, ops };
      if (page.cursor !== undefined) return this.#page(whole);
      this.#take(whole);
      this.#door.changed();
    });
  }

  #event(event: WireEvent): void {
    if (event.type === "whiteboard:update") {
      const { revision, ops } = event.data;
      if (revision <= this.#revision) return;
      this.#revision = revision;
      this.#ops = [...this.#ops, ...(ops as Op[])];
      // Batches take effect in the order in which they were sent.
      if (event.own) this.#batches.shift();
      this.#door.changed();
    } else if (event.type === "whiteboard:cleared") {
      const { revision } = event.data;
      if (revision <= this.#revision) return;
      this.#revision = revision;
      this.#ops = NONE;
      this.#door.changed();
    } else if (event.type === "whiteboard:cursor") {
      const { userId, x, y } = event.data;
      if (userId !== this.#door.engine.me) this.#point({ userId, x, y });
    } else if (event.type === "room:userLeft") {
      this.#unpoint(event.data.userId);
    }
  }

  #local(local: Local): void {
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
    this.#door.changed();
  }

  #unpoint(userId: string): void {
    clearTimeout(this.#fading.get(userId));
    if (!this.#fading.delete(userId)) return;
    this.#cursors = this.#cursors.filter((one) => one.userId !== userId);
    this.#door.changed();
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
