// Where tokens come from: one question at a time, of which one that is open for long is given up.

import type { Auth } from "./types.js";

const WHY = { connect: "connect", refused: "rejected", refresh: "expiring" } as const;

export class Tokens {
  #auth: Auth;
  /** Of the question that is open. */
  #giveUp: AbortController | undefined;

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
    const giveUp = (this.#giveUp = new AbortController());
    const asking = (async () => auth.getToken({ why: WHY[need], signal: giveUp.signal }))();
    const settled = () => {
      if (this.#giveUp === giveUp) this.#giveUp = undefined;
    };
    asking.then(settled, settled);
    return asking;
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#giveUp?.abort();
  }
}

function hasFunction(auth: Auth): auth is Extract<Auth, { getToken: unknown }> {
  return "getToken" in auth && typeof auth.getToken === "function";
}
