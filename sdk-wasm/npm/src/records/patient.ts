// What those who care for a patient share: who looks at the chart, and which parts are locked.

import type { LockState, RoomJoinReply, Viewer } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { List, WireEvent } from "../types.js";
import { NONE } from "../live.js";
import { RoomEntry } from "../rooms/room.js";

export class PatientEntry extends RoomEntry {
  #viewers: List<Viewer> = NONE;
  #locks = new Map<string, LockState>();
  #watchers = new Set<() => void>();

  constructor(
    engine: Engine,
    key: string,
    readonly patientId: string,
  ) {
    super(engine, key, `patient:${patientId}`);
    this.add({
      load: (reply) => this.#load(reply),
      event: (event) => this.#event(event),
      drop: () => {
        this.#viewers = NONE;
        this.#locks.clear();
      },
    });
  }

  get viewers(): List<Viewer> {
    return this.#viewers;
  }

  set viewers(viewers: List<Viewer>) {
    this.#viewers = viewers;
    this.#tell();
  }

  lock(recordId: string): LockState | undefined {
    return this.#locks.get(recordId);
  }

  /** Calls back when viewers, locks or the room itself change. */
  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }

  override changed(): void {
    super.changed();
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #load({ snapshot }: RoomJoinReply): void {
    this.#viewers = snapshot?.viewers ?? NONE;
    this.#locks = new Map(snapshot?.locks?.map((lock) => [lock.recordId, lock]));
  }

  #event(event: WireEvent): void {
    if (event.type === "record:viewersChanged") this.viewers = event.data.viewers;
    else if (event.type === "record:locked") this.#locks.set(event.data.recordId, event.data);
    else if (event.type === "record:unlocked") this.#locks.delete(event.data.recordId);
    else return;
    this.#tell();
  }
}
