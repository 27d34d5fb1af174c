// The chart of a patient: while somebody looks at it, the others see that.

import type { Local } from "../core/boundary.js";
import type { Door, Part } from "../late.js";
import type { Loaded, Off } from "../types.js";
import type { Chart } from "../views.js";
import { NONE } from "../live.js";
import { Patient } from "./patient.js";

export { LockPart } from "./lock.js";

export class ChartPart implements Part {
  #door: Door<Chart, string>;
  #patient: Patient | undefined;
  #room: Off | undefined;

  constructor(door: Door<Chart, string>) {
    this.#door = door;
  }

  view() {
    return { viewers: this.#patient?.viewers ?? NONE };
  }

  start(): void {
    const { engine, input } = this.#door;
    this.#patient = Patient.of(engine, input);
    this.#room = this.#patient.room.view.subscribe(() => this.#door.changed(), 0);
    this.#door.ask("record:view", { patientId: input }, () => {});
  }

  stop(): void {
    this.#door.engine.call("record:unview", { patientId: this.#door.input }, {});
    this.#room?.();
  }

  drop(): void {}

  /** The chart shows what the room knows. */
  loaded(): Loaded | undefined {
    return this.#patient?.loaded();
  }

  local(local: Local): void {
    const patient = this.#patient;
    if (local.type !== "resumed" || !patient?.room.isReady) return;
    // Who came and went meanwhile is told nowhere else.
    this.#door.ask("record:viewers", { patientId: this.#door.input }, ({ viewers }) => {
      patient.viewers = viewers;
    });
  }
}
