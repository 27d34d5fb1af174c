// Where tokens come from: never two questions at once.

import type { Auth } from "./types.js";
import { now } from "./core/runtime.js";

const WHY = { connect: "connect", refused: "rejected", refresh: "expiring" } as const;

/** How long an answer is waited for. The core asks again a little later. */
const PATIENCE = 29_000;

export class Tokens {
  #auth: Auth;
  #asking: Promise<string | null> | undefined;
  #since = 0;
  #giveUp = new AbortController();

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** Whether there may be another token. */
  get isRefreshable(): boolean {
    return hasFunction(this.#auth);
  }

  ask(need: keyof typeof WHY): Promise<string | null> {
    const auth = this.#auth;
    if (!hasFunction(auth)) return Promise.resolve(auth.token);
    if (this.#asking && now() - this.#since < PATIENCE) return this.#asking;
    this.close();
    this.#since = now();
    const { signal } = (this.#giveUp = new AbortController());
    const asking = (async () => auth.getToken({ why: WHY[need], signal }))().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#giveUp.abort();
  }
}

function hasFunction(auth: Auth): auth is Extract<Auth, { getToken: unknown }> {
  return "getToken" in auth && typeof auth.getToken === "function";
}
