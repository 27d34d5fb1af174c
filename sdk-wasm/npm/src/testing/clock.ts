// Time that stands still until a test lets it go on.

import type { Clock } from "../core/runtime.js";

const wait = globalThis.setTimeout;

export class VirtualClock implements Clock {
  #now = 0;
  #began = Date.now();
  #timers = new Map<number, { at: number; fn: () => void }>();
  #last = 0;

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#began + this.#now;
  }

  setTimeout(fn: () => void, ms = 0): number {
    this.#timers.set(++this.#last, { at: this.#now + Math.max(0, ms), fn });
    return this.#last;
  }

  clearTimeout(id: number | undefined): void {
    if (id !== undefined) this.#timers.delete(id);
  }

  /** Lets time pass, and everything happen that is due meanwhile, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#next(end); due; due = this.#next(end)) {
      const [id, { at, fn }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      fn();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): [number, { at: number; fn: () => void }] | undefined {
    let first: [number, { at: number; fn: () => void }] | undefined;
    for (const timer of this.#timers)
      if (timer[1].at <= end && !(first && first[1].at <= timer[1].at)) first = timer;
    return first;
  }
}

/** Everything that follows without time passing has happened. */
async function settle(): Promise<void> {
  for (let round = 0; round < 2; round++) await new Promise<void>((resolve) => wait(resolve, 0));
}
