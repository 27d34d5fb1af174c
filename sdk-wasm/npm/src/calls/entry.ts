// The door to the user's call. What is behind it is loaded with the first call, and not before.

import type { Local } from "../core/boundary.js";
import type { Engine } from "../engine.js";
import type { WireEvent } from "../types.js";
import type { Calling } from "../views.js";
import { Shared, Store } from "../live.js";
import type { Calls } from "./calls.js";

export class CallsEntry extends Shared {
  readonly view = new Store<Calling>(this, () => ({
    self: SILENT,
    phase: "none",
    ...this.#calls?.state(),
    ...this.fns,
  }));
  #calls: Calls | undefined;
  #opening: Promise<Calls> | undefined;
  /** What happened before it was open, in order. */
  #early: ((calls: Calls) => void)[] = [];

  readonly fns: Pick<Calling, Action> = {
    start: (...args) => this.#open().then((calls) => calls.start(...args)),
    joinVisit: (visitId) => this.#open().then((calls) => calls.join({ visitId })),
    accept: () => this.#open().then((calls) => calls.accept()),
    reject: (reason) => this.#calls?.reject(reason),
    hangUp: (forAll) => this.#calls?.hangUp(forAll),
    takeOver: () => this.#open().then((calls) => calls.takeOver()),
    setMedia: (media) => this.#open().then((calls) => calls.setMedia(media)),
  };

  #open(): Promise<Calls> {
    this.#opening ??= import("./calls.js").then(
      ({ Calls }) => {
        const calls = (this.#calls = new Calls(this.engine, () => this.changed()));
        for (const tell of this.#early.splice(0)) tell(calls);
        return calls;
      },
      (error: unknown) => {
        // The network would not give it: the next event, or the person, tries again.
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  #tell(tell: (calls: Calls) => void): void {
    if (this.#calls) return tell(this.#calls);
    this.#early.push(tell);
    this.#open().catch(() => {});
  }

  override event(event: WireEvent): void {
    const concerns =
      event.type === "connected" ? event.data.calls.length > 0 : event.type.startsWith("call:");
    if (concerns || (event.type === "connected" && this.#opening)) this.#tell((calls) => calls.event(event));
  }

  override local(local: Local): void {
    if (local.type === "callResumed" || local.type === "callLost") this.#tell((calls) => calls.local(local));
  }

  protected start(): void {}
  protected stop(): void {}

  protected drop(): void {
    this.#early = [];
    this.#calls?.drop();
  }
}

type Action = "start" | "joinVisit" | "accept" | "reject" | "hangUp" | "takeOver" | "setMedia";

const SILENT: Calling["self"] = { audio: false, video: false, screen: false };

export function callsEntry(engine: Engine): CallsEntry {
  return engine.shared("calls", (engine, key) => new CallsEntry(engine, key));
}
