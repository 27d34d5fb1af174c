// The chart of a patient: while somebody looks at it, the others see that.

import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { Loaded, Off } from "../types.js";
import type { Chart } from "../views.js";
import { Shared, Store } from "../live.js";
import { patientEntry } from "../rooms/entries.js";
import type { PatientEntry } from "./patient.js";

export class ChartEntry extends Shared {
  readonly view = new Store<Chart>(this, () => ({ ...this.loaded(), viewers: this.#patient.viewers }));
  #patient: PatientEntry;
  #room: Off | undefined;
  #watch: (() => void) | undefined;

  constructor(
    engine: Engine,
    key: string,
    readonly patientId: string,
  ) {
    super(engine, key);
    this.#patient = patientEntry(engine, patientId);
  }

  protected start(): void {
    const { patientId } = this;
    this.#patient = patientEntry(this.engine, patientId);
    this.#watch = this.#patient.watch(() => this.changed());
    this.#room = this.#patient.hold();
    this.ask("record:view", { patientId }, () => {});
  }

  protected stop(): void {
    this.engine.call("record:unview", { patientId: this.patientId }, {});
    this.#watch?.();
    this.#room?.();
  }

  protected drop(): void {}

  /** The chart shows what the room knows; that it may not be viewed counts more. */
  override loaded(): Loaded {
    return this.error ? super.loaded() : this.#patient.loaded();
  }

  override local(local: Local): void {
    if (local.type !== "resumed" || !this.#patient.isReady) return;
    // Who came and went meanwhile is told nowhere else.
    this.ask("record:viewers", { patientId: this.patientId }, ({ viewers }) => {
      this.#patient.viewers = viewers;
    });
  }
}

export function chartEntry(engine: Engine, patientId: string): ChartEntry {
  return engine.shared(`chart:${patientId}`, (engine, key) => new ChartEntry(engine, key, patientId));
}
