// Where tokens come from: never two questions at once.

import type { Auth } from "./types.js";

const WHY = { connect: "connect", refused: "rejected", refresh: "expiring" } as const;

export class Tokens {
  #auth: Auth;
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
    // Asked again only when there was no answer for long: the former question is given up.
    this.close();
    const { signal } = (this.#giveUp = new AbortController());
    return (async () => auth.getToken({ why: WHY[need], signal }))();
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#giveUp.abort();
  }
}

function hasFunction(auth: Auth): auth is Extract<Auth, { getToken: unknown }> {
  return "getToken" in auth && typeof auth.getToken === "function";
}
