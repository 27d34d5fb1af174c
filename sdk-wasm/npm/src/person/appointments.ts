// Appointments: the application loads them, Carewire keeps them up to date.

import type { Appointment } from "../protocol.js";
import type { Local } from "../core/boundary.js";
import type { List, Off, WireEvent } from "../types.js";
import type { AppointmentQuery, Appointments } from "../views.js";
import { CarewireError } from "../errors.js";
import type { Door, Part } from "../late.js";
import { NONE } from "../live.js";

export class AppointmentsPart implements Part {
  /** Its input is the query as the application gave it last. */
  #door: Door<Appointments, AppointmentQuery>;
  #list: List<Appointment> = NONE;
  #loading: AbortController | undefined;
  /** What was told while the list was on its way, and counts more. */
  #told = new Map<string, Appointment>();
  #waiting: Off | undefined;

  constructor(door: Door<Appointments, AppointmentQuery>) {
    this.#door = door;
  }

  view() {
    return { appointments: this.#list };
  }

  readonly fns = {
    reload: (): void => {
      if (this.#door.isActive) this.#load();
    },
  };

  /** The events must follow before the list is asked for, or something falls in between. */
  start(): void {
    const { state, session } = this.#door.engine;
    if (session) return this.#load();
    this.#waiting = state.subscribe(() => {
      if (state.get().status !== "connected") return;
      this.#waiting?.();
      this.#load();
    });
  }

  stop(): void {
    this.#waiting?.();
    this.#loading?.abort();
  }

  drop(): void {
    this.#list = NONE;
    this.#told.clear();
  }

  #load(): void {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    this.#told.clear();
    const { input } = this.#door;
    (async () => input.load(loading.signal))().then(
      this.#door.alive((list) => {
        if (loading !== this.#loading) return;
        this.#loading = undefined;
        this.#list = byStart(list);
        this.#door.ready();
        for (const appointment of this.#told.values()) this.#put(appointment);
        this.#door.changed();
      }),
      this.#door.alive((error: unknown) => {
        if (loading !== this.#loading) return;
        this.#loading = undefined;
        this.#door.fail(
          error instanceof CarewireError
            ? error
            : new CarewireError("unavailable", { message: String(error) }, { cause: error }),
        );
      }),
    );
  }

  event(event: WireEvent): void {
    if (!/^appointment:/.test(event.type)) return;
    const { appointment } = event.data as { appointment: Appointment };
    if (this.#loading) this.#told.set(appointment.id, appointment);
    if (!this.#door.isReady) return;
    this.#put(appointment);
    this.#door.changed();
  }

  local(local: Local): void {
    const isGap = local.type === "resynced" && /^(staff|user):/.test(local.room);
    // What could not be loaded while offline can be now.
    if (isGap || (local.type === "caughtUp" && this.#door.error)) this.#load();
  }

  #put(appointment: Appointment): void {
    const others = this.#list.filter((one) => one.id !== appointment.id);
    const belongs = this.#door.input.includes?.(appointment) ?? true;
    this.#list = belongs ? byStart([...others, appointment]) : others;
  }
}

function byStart(list: List<Appointment>): List<Appointment> {
  return [...list].sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
}
