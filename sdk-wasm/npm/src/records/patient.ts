// What those who care for a patient share: who looks at the chart, and which parts are locked.

import type { LockState, RoomJoinReply, Viewer } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { List, Loaded, WireEvent } from "../types.js";
import { NONE } from "../live.js";
import { roomEntry } from "../rooms/entries.js";
import type { RoomEntry } from "../rooms/room.js";

/** One for each room of a patient. */
const patients = new WeakMap<RoomEntry, Patient>();

export class Patient {
  #viewers: List<Viewer> = NONE;
  #locks = new Map<string, LockState>();
  /** The room may have been joined before. */
  #isLoaded = false;

  private constructor(readonly room: RoomEntry) {
    room.feed({
      load: (reply) => this.#load(reply),
      event: (event) => this.#event(event),
      drop: () => {
        this.#isLoaded = false;
        this.#viewers = NONE;
        this.#locks.clear();
      },
    });
    if (room.isReady) room.join();
  }

  static of(engine: Engine, patientId: string): Patient {
    const room = roomEntry(engine, `patient:${patientId}`);
    let patient = patients.get(room);
    if (!patient) patients.set(room, (patient = new Patient(room)));
    return patient;
  }

  /** Undefined while the room is joined and this is not known yet. */
  loaded(): Loaded | undefined {
    return this.room.isReady && !this.#isLoaded ? undefined : this.room.loaded();
  }

  get viewers(): List<Viewer> {
    return this.#viewers;
  }

  set viewers(viewers: List<Viewer>) {
    this.#viewers = viewers;
    this.room.view.changed();
  }

  lock(recordId: string): LockState | undefined {
    return this.#locks.get(recordId);
  }

  #load({ snapshot }: RoomJoinReply): void {
    this.#isLoaded = true;
    this.#viewers = snapshot?.viewers ?? NONE;
    this.#locks = new Map(snapshot?.locks?.map((lock) => [lock.recordId, lock]));
  }

  #event(event: WireEvent): void {
    if (event.type === "record:viewersChanged") this.#viewers = event.data.viewers;
    else if (event.type === "record:locked") this.#locks.set(event.data.recordId, event.data);
    else if (event.type === "record:unlocked") this.#locks.delete(event.data.recordId);
    else return;
    this.room.view.changed();
  }
}
