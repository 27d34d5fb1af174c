// The one entry of each room, by its kind.

import type { Engine } from "../engine.js";
import type { MessageRoom, Off } from "../types.js";
import type { Message, RoomId, RoomJoinReply } from "../protocol.js";
import type { CarewireError } from "../errors.js";
import { KINDS } from "../doors.js";
import { Door } from "../late.js";
import { isMessageRoom, roomName } from "../types.js";
import { RoomEntry } from "./room.js";

/** A room in which people write to each other; it is ready when what shows that is there, too. */
export class TalkEntry extends RoomEntry {
  readonly messages = new Door(this.engine, `messages:${this.id}`, KINDS.messages, this, this);
  readonly typing = new Door(this.engine, `typing:${this.id}`, KINDS.typing, this, this);
  #holds: Off[] = [];
  /** Its state came before the code that shows it. */
  #isMissed = false;

  override hold(linger?: number): Off {
    const hold = super.hold(linger);
    this.messages.look();
    this.typing.look();
    return hold;
  }

  protected override start(): void {
    this.#holds = [this.messages.hold(0), this.typing.hold(0)];
    this.#isMissed = false;
    // At once: what is sent to the room next goes to one that is joined.
    super.start();
    const show = this.alive(() => {
      if (this.#isMissed && this.#isWhole) this.join();
    });
    const fail = this.alive((error: CarewireError) => this.fail(error));
    for (const part of [this.messages, this.typing]) {
      part.later(show);
      part.open().catch(fail);
    }
  }

  get #isWhole(): boolean {
    return this.messages.isOpen && this.typing.isOpen;
  }

  protected override load(reply: RoomJoinReply): void {
    if (this.#isWhole) super.load(reply);
    else this.#isMissed = true;
  }

  protected override stop(): void {
    super.stop();
    for (const end of this.#holds) end();
  }

  override onOutgoing(stored?: Message): void {
    this.messages.onOutgoing(stored);
  }
}

/** The one entry of any room. */
export function roomEntry(engine: Engine, given: RoomId): RoomEntry {
  const id = roomName(given);
  const Entry = isMessageRoom(id) ? TalkEntry : RoomEntry;
  return engine.shared(`room:${id}`, (engine, key) => new Entry(engine, key, id));
}

export function talkEntry(engine: Engine, id: MessageRoom): TalkEntry {
  return roomEntry(engine, id) as TalkEntry;
}
