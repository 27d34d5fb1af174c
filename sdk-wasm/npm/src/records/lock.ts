// The lease on a part of a chart. The core renews it; this says how it stands.

import type { Local } from "../core/boundary.js";
import type { Door, Part } from "../late.js";
import type { Loaded, Off } from "../types.js";
import type { Lock } from "../views.js";
import { CarewireError } from "../errors.js";
import { Patient } from "./patient.js";

type Own = { lock: "acquiring" | "lost" } | { lock: "held"; fencingToken: number; expiresAt: number };

/** Which part of whose chart. */
export interface Locked {
  patientId: string;
  recordId: string;
}

export class LockPart implements Part {
  #door: Door<Lock, Locked>;
  #patient: Patient | undefined;
  #room: Off | undefined;
  /** How it stands for this client; without, as the room says. */
  #own: Own | undefined;
  #acquiring: Promise<boolean> | undefined;

  constructor(door: Door<Lock, Locked>) {
    this.#door = door;
  }

  readonly fns = {
    acquire: (): Promise<boolean> => {
      if (this.#own?.lock === "held") return Promise.resolve(true);
      return (this.#acquiring ??= this.#acquire().finally(() => (this.#acquiring = undefined)));
    },
    release: (): void => this.#release(),
  };

  view(): Own | { lock: "free" } | { lock: "taken"; holderId: string; expiresAt: number } {
    if (this.#own) return this.#own;
    const lock = this.#patient?.lock(this.#door.input.recordId);
    if (!lock) return { lock: "free" };
    return { lock: "taken", holderId: lock.holderId, expiresAt: Date.parse(lock.expiresAt) };
  }

  start(): void {
    const { engine, input } = this.#door;
    this.#patient = Patient.of(engine, input.patientId);
    this.#room = this.#patient.room.view.subscribe(() => this.#door.changed(), 0);
  }

  stop(): void {
    this.#release();
    this.#room?.();
  }

  drop(): void {
    this.#own = undefined;
  }

  loaded(): Loaded | undefined {
    return this.#patient?.loaded();
  }

  async #acquire(): Promise<boolean> {
    const before = this.#own;
    this.#set({ lock: "acquiring" });
    const { engine, input: part } = this.#door;
    try {
      const { fencingToken, expiresAt } = await engine.request("record:lock", part);
      if (!this.#door.isActive) {
        // Nobody waits for it any more.
        engine.call("record:unlock", { ...part, fencingToken }, {});
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
      const { engine, input } = this.#door;
      engine.call("record:unlock", { ...input, fencingToken: own.fencingToken }, {});
    }
    if (own && own.lock !== "acquiring") this.#set(undefined);
  }

  #set(own: Own | undefined): void {
    this.#own = own;
    this.#door.changed();
  }

  local(local: Local): void {
    const { patientId, recordId } = this.#door.input;
    if (local.type !== "lease" || local.patientId !== patientId || local.recordId !== recordId) return;
    const own = this.#own;
    if (own?.lock !== "held" || own.fencingToken !== local.fencingToken) return;
    if (local.state === "held") this.#set({ ...own, expiresAt: Date.parse(local.expiresAt) });
    else this.#set({ lock: "lost" });
  }
}
