// A room that is joined for as long as somebody looks at it, and the parts that are fed by it.

import type { Participant, RoomId, RoomJoinReply } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { Off, WireEvent } from "../types.js";
import type { RoomView } from "../views.js";
import { CarewireError } from "../errors.js";
import { roomOf } from "../events.js";
import { NONE, Shared, Store, given, off } from "../live.js";
import { isMessageRoom } from "../types.js";

/** A part of what is known of a room. */
export interface Fed {
  /** The state as of now; `again`: it replaces one that was shown. */
  load(reply: RoomJoinReply, again: boolean): void;
  event(event: WireEvent): void;
  local?(local: Local): void;
  drop(): void;
}

export class RoomEntry extends Shared {
  readonly view = new Store<RoomView>(this, () => this.#build());
  /** In this order. */
  readonly #fed = new Set<Fed>();
  #participants: readonly Participant[] = NONE;
  #missed = 0;
  #gap = false;
  /** How far the state goes that was loaded. A room whose position the session knew is joined from
   *  there: what follows up to here is in the state. */
  #loaded: { epoch: string; offset: number } | undefined;
  #awaited: { resolve(): void; reject(error: CarewireError): void }[] = [];

  constructor(
    engine: Engine,
    key: string,
    readonly id: RoomId,
  ) {
    super(engine, key);
  }

  readonly fns = {
    publish: async (event: string, payload: unknown, options?: { retain?: boolean }): Promise<void> => {
      const retain = options?.retain ? { retain: true } : {};
      await this.engine.request("room:publish", { roomId: this.id, event, payload, ...retain });
    },
  };

  #build(): RoomView {
    return {
      ...this.loaded(),
      participants: this.#participants,
      missed: this.#missed,
      gap: this.#gap,
      ...this.fns,
    } as RoomView;
  }

  /** Feeds a part, until the result is called. */
  feed(part: Fed): Off {
    this.#fed.add(part);
    return off(() => this.#fed.delete(part));
  }

  /** When it is joined. */
  joined(): Promise<void> {
    if (this.isReady) return Promise.resolve();
    if (this.error) return Promise.reject(this.error);
    return new Promise((resolve, reject) => this.#awaited.push({ resolve, reject }));
  }

  protected start(): void {
    this.join();
  }

  protected stop(): void {
    // What the server joins by itself is not ours to leave.
    const automatic = this.engine.session?.rooms.some((room) => room.roomId === this.id);
    if (!automatic) this.engine.call("room:leave", { roomId: this.id }, {});
    this.#settle(new CarewireError("closed"));
  }

  /** Loads its state, again where it has one. */
  join(): void {
    this.ask("room:join", { roomId: this.id, snapshot: true }, (reply) => this.load(reply));
  }

  protected load(reply: RoomJoinReply): void {
    const again = this.isReady;
    const { epoch, offset } = reply;
    this.#loaded = { epoch, offset };
    this.#participants = reply.participants ?? NONE;
    this.ready();
    for (const part of this.#fed) part.load(reply, again);
    this.changed();
    this.#settle();
    if (reply.cursor !== undefined) this.#page(reply.cursor);
  }

  /** The rest of many participants. */
  #page(cursor?: string): void {
    const page = { roomId: this.id, ...given({ cursor }) };
    this.ask("room:participants", page, (reply) => {
      const known = cursor === undefined ? [] : this.#participants;
      this.#participants = [...known, ...reply.participants];
      this.view.changed();
      if (reply.cursor !== undefined) this.#page(reply.cursor);
    });
  }

  protected drop(): void {
    this.#participants = NONE;
    this.#missed = 0;
    this.#gap = false;
    this.#loaded = undefined;
    for (const part of this.#fed) part.drop();
    if (this.error) this.#settle(this.error);
  }

  override shut(): void {
    super.shut();
    this.#settle(new CarewireError("closed"));
  }

  #settle(error?: CarewireError): void {
    for (const { resolve, reject } of this.#awaited.splice(0)) error ? reject(error) : resolve();
  }

  override event(event: WireEvent): void {
    if (roomOf(event) !== this.id) {
      // Told to the sender, about messages here.
      const isReceipt = event.type === "message:status" || event.type === "message:delivered";
      if (isReceipt && event.data.roomId === this.id && this.isReady) this.#tell(event);
      return;
    }
    if (event.type === "room:joined") {
      if (!this.isReady) this.join();
      return;
    }
    if (!this.isReady) return;
    if (event.type === "room:left") {
      const { reason } = event.data;
      return this.fail(
        new CarewireError("access_denied", {
          message: `Removed from the room: ${reason}`,
          details: { reason },
        }),
      );
    }
    if (this.#isLoaded(event)) return;
    if (event.replayed) this.#missed++;
    if (event.type === "room:userJoined") {
      const { user } = event.data;
      this.#participants = [...this.#participants.filter((one) => one.userId !== user.userId), user];
    } else if (event.type === "room:userLeft") {
      const { userId } = event.data;
      this.#participants = this.#participants.filter((one) => one.userId !== userId);
    }
    this.#tell(event);
    if (event.replayed || /^room:user/.test(event.type)) this.view.changed();
  }

  #isLoaded({ epoch, offset }: { epoch?: string; offset?: number }): boolean {
    const loaded = this.#loaded;
    return offset !== undefined && loaded !== undefined && epoch === loaded.epoch && offset <= loaded.offset;
  }

  #tell(event: WireEvent): void {
    for (const part of this.#fed) part.event(event);
  }

  override local(local: Local): void {
    if (local.type === "roomLost" && local.room === this.id) {
      return this.fail(new CarewireError(local.error.code, local.error));
    }
    if (local.type === "away") this.#missed = 0;
    if (local.type === "resumed" && this.isReady) {
      this.#gap = local.gaps.includes(this.id);
      // Who came and went meanwhile is told nowhere else.
      if (!this.#gap && isAnnounced(this.id)) this.#page();
    }
    if (local.type === "resynced" && local.room === this.id && this.isReady) {
      this.#gap = true;
      if (local.state) this.load(local.state);
      else this.join();
    }
    if (this.isReady) for (const part of this.#fed) part.local?.(local);
  }
}

function isAnnounced(id: RoomId): boolean {
  return isMessageRoom(id) || id.startsWith("patient:");
}
