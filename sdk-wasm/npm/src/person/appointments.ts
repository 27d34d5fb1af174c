// Appointments: the application loads them, Carewire keeps them up to date.

import type { Appointment } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { List, Off, WireEvent } from "../types.js";
import type { AppointmentQuery, Appointments } from "../views.js";
import { CarewireError } from "../errors.js";
import { NONE, Shared, Store } from "../live.js";

export class AppointmentsEntry extends Shared {
  readonly view = new Store<Appointments>(this, () => ({
    ...this.loaded(),
    appointments: this.#list,
    ...this.fns,
  }));
  /** As the application gave it last. */
  query: AppointmentQuery;
  #list: List<Appointment> = NONE;
  #loading: AbortController | undefined;
  /** What was told while the list was on its way, and counts more. */
  #told = new Map<string, Appointment>();
  #waiting: Off | undefined;

  constructor(engine: Engine, key: string, query: AppointmentQuery) {
    super(engine, key);
    this.query = query;
  }

  readonly fns = {
    reload: (): void => {
      if (this.isActive) this.#load();
    },
  };

  /** The events must follow before the list is asked for, or something falls in between. */
  protected start(): void {
    const { state } = this.engine;
    if (this.engine.session) return this.#load();
    this.#waiting = state.subscribe(() => {
      if (state.get().status !== "connected") return;
      this.#waiting?.();
      this.#load();
    });
  }

  protected stop(): void {
    this.#waiting?.();
    this.#loading?.abort();
  }

  protected drop(): void {
    this.#list = NONE;
    this.#told.clear();
  }

  #load(): void {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    this.#told.clear();
    const { query } = this;
    (async () => query.load(loading.signal))().then(
      this.alive((list) => {
        if (loading !== this.#loading) return;
        this.#loading = undefined;
        this.#list = byStart(list);
        this.ready();
        for (const appointment of this.#told.values()) this.#put(appointment);
        this.changed();
      }),
      this.alive((error: unknown) => {
        if (loading !== this.#loading) return;
        this.#loading = undefined;
        this.fail(
          error instanceof CarewireError
            ? error
            : new CarewireError("unavailable", { message: String(error) }, { cause: error }),
        );
      }),
    );
  }

  override event(event: WireEvent): void {
    if (!/^appointment:/.test(event.type)) return;
    const { appointment } = event.data as { appointment: Appointment };
    if (this.#loading) this.#told.set(appointment.id, appointment);
    if (!this.isReady) return;
    this.#put(appointment);
    this.changed();
  }

  override local(local: Local): void {
    const isGap = local.type === "resynced" && /^(staff|user):/.test(local.room);
    // What could not be loaded while offline can be now.
    if (isGap || (local.type === "caughtUp" && this.error)) this.#load();
  }

  #put(appointment: Appointment): void {
    const others = this.#list.filter((one) => one.id !== appointment.id);
    const belongs = this.query.includes?.(appointment) ?? true;
    this.#list = belongs ? byStart([...others, appointment]) : others;
  }
}

function byStart(list: List<Appointment>): List<Appointment> {
  return [...list].sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
}

export function appointmentsEntry(engine: Engine, query: AppointmentQuery): AppointmentsEntry {
  return engine.shared(
    `appointments:${query.key}`,
    (engine, key) => new AppointmentsEntry(engine, key, query),
  );
}
