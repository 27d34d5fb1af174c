// The one entry of each room, by its kind.

import type { Engine } from "../engine.js";
import type { MessageRoom } from "../types.js";
import { isMessageRoom, roomName } from "../types.js";
import type { Message, RoomId } from "../protocol.js";
import { MessagesPart } from "./messages.js";
import { RoomEntry } from "./room.js";
import { TypingPart } from "./typing.js";

/** A room in which people write to each other: one membership, several views. */
export class TalkEntry extends RoomEntry {
  readonly messages = new MessagesPart(this);
  readonly typing = new TypingPart(this);

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
