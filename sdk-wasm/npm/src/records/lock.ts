// The lease on a part of a chart. The core renews it; this says how it stands.

import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { Loaded, Off } from "../types.js";
import type { Lock } from "../views.js";
import { CarewireError } from "../errors.js";
import { Shared, Store } from "../live.js";
import { patientEntry } from "../rooms/entries.js";
import type { PatientEntry } from "./patient.js";

type Own = { lock: "acquiring" | "lost" } | { lock: "held"; fencingToken: number; expiresAt: number };

export class LockEntry extends Shared {
  readonly view = new Store<Lock>(this, () => ({ ...this.loaded(), ...this.#standing(), ...this.fns }));
  #patient: PatientEntry;
  #room: Off | undefined;
  #watch: (() => void) | undefined;
  /** How it stands for this client; without, as the room says. */
  #own: Own | undefined;
  #acquiring: Promise<boolean> | undefined;

  constructor(
    engine: Engine,
    key: string,
    readonly patientId: string,
    readonly recordId: string,
  ) {
    super(engine, key);
    this.#patient = patientEntry(engine, patientId);
  }

  readonly fns = {
    acquire: (): Promise<boolean> => {
      if (this.#own?.lock === "held") return Promise.resolve(true);
      return (this.#acquiring ??= this.#acquire().finally(() => (this.#acquiring = undefined)));
    },
    release: (): void => this.#release(),
  };

  #standing(): Own | { lock: "free" } | { lock: "taken"; holderId: string; expiresAt: number } {
    if (this.#own) return this.#own;
    const lock = this.#patient.lock(this.recordId);
    if (!lock) return { lock: "free" };
    return { lock: "taken", holderId: lock.holderId, expiresAt: Date.parse(lock.expiresAt) };
  }

  protected start(): void {
    this.#patient = patientEntry(this.engine, this.patientId);
    this.#watch = this.#patient.watch(() => this.changed());
    this.#room = this.#patient.hold();
  }

  protected stop(): void {
    this.#release();
    this.#watch?.();
    this.#room?.();
  }

  protected drop(): void {
    this.#own = undefined;
  }

  override loaded(): Loaded {
    return this.#patient.loaded();
  }

  async #acquire(): Promise<boolean> {
    const before = this.#own;
    this.#set({ lock: "acquiring" });
    const part = { patientId: this.patientId, recordId: this.recordId };
    try {
      const { fencingToken, expiresAt } = await this.engine.request("record:lock", part);
      if (!this.isActive) {
        // Nobody waits for it any more.
        this.engine.call("record:unlock", { ...part, fencingToken }, {});
        return false;
      }
      this.#set({ lock: "held", fencingToken, expiresAt: Date.parse(expiresAt) });
      return true;
    } catch (error) {
      this.#set(before?.lock === "lost" ? before : undefined);
      if (CarewireError.is(error, "record_locked")) {
        this.#set(undefined);
        return false;
      }
      throw error;
    }
  }

  #release(): void {
    const own = this.#own;
    if (own?.lock === "held") {
      const { patientId, recordId } = this;
      this.engine.call("record:unlock", { patientId, recordId, fencingToken: own.fencingToken }, {});
    }
    if (own && own.lock !== "acquiring") this.#set(undefined);
  }

  #set(own: Own | undefined): void {
    this.#own = own;
    this.changed();
  }

  override local(local: Local): void {
    if (local.type !== "lease" || local.patientId !== this.patientId || local.recordId !== this.recordId)
      return;
    const own = this.#own;
    if (own?.lock !== "held" || own.fencingToken !== local.fencingToken) return;
    if (local.state === "held") this.#set({ ...own, expiresAt: Date.parse(local.expiresAt) });
    else this.#set({ lock: "lost" });
  }
}

export function lockEntry(engine: Engine, patientId: string, recordId: string): LockEntry {
  return engine.shared(
    `lock:${patientId}:${recordId}`,
    (engine, key) => new LockEntry(engine, key, patientId, recordId),
  );
}
