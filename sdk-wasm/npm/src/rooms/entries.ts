// The one entry of each room, by its kind.

import type { Engine } from "../engine.js";
import type { MessageRoom } from "../types.js";
import { roomName } from "../types.js";
import type { Message, RoomId } from "../protocol.js";
import { PatientEntry } from "../records/patient.js";
import { MessagesPart } from "./messages.js";
import { RoomEntry } from "./room.js";
import { TypingPart } from "./typing.js";
import { WhiteboardPart } from "./whiteboard.js";

/** A room in which people write to each other: one membership, four views. */
export class TalkEntry extends RoomEntry {
  readonly messages = this.add(new MessagesPart(this));
  readonly typing = this.add(new TypingPart(this));
  readonly whiteboard = this.add(new WhiteboardPart(this));

  override onOutgoing(stored?: Message): void {
    this.messages.onOutgoing(stored);
  }
}

/** The one entry of any room. */
export function roomEntry(engine: Engine, given: RoomId): RoomEntry {
  const id = roomName(given);
  const kind = id.slice(0, id.indexOf(":"));
  if (kind === "patient") return patientEntry(engine, id.slice(8));
  if (/^(chat|thread|visit|call)$/.test(kind)) return talkEntry(engine, id as MessageRoom);
  return engine.shared(`room:${id}`, (engine, key) => new RoomEntry(engine, key, id));
}

export function talkEntry(engine: Engine, given: MessageRoom): TalkEntry {
  const id = roomName(given);
  return engine.shared(`room:${id}`, (engine, key) => new TalkEntry(engine, key, id));
}

export function patientEntry(engine: Engine, patientId: string): PatientEntry {
  return engine.shared(
    `room:patient:${patientId}`,
    (engine, key) => new PatientEntry(engine, key, patientId),
  );
}
