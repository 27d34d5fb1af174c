// Where tokens come from: never two questions at once.

import type { Auth } from "./types.js";

const WHY = { connect: "connect", refused: "rejected", refresh: "expiring" } as const;

export class Tokens {
  #auth: Auth;
  #asking: Promise<string | null> | undefined;
  #closing = new AbortController();

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
    const { signal } = this.#closing;
    this.#asking ??= (async () => auth.getToken({ why: WHY[need], signal }))().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  close(): void {
    this.#closing.abort();
  }
}

function hasFunction(auth: Auth): auth is Extract<Auth, { getToken: unknown }> {
  return "getToken" in auth && typeof auth.getToken === "function";
}
