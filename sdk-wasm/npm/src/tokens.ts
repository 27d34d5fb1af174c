// Where tokens come from: one question at a time, of which one that is open for long is given up.

import type { Auth } from "./types.js";

/** By the number that the core has for it. */
const WHY = ["connect", "rejected", "expiring"] as const;

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

  /** `answer` is given what the application says, or `false` where it fails. */
  ask(need: number, answer: (token: unknown) => void): void {
    const auth = this.#auth;
    if (!hasFunction(auth)) return answer(auth.token);
    // Asked again only when there was no answer for long: the former question is given up.
    this.close();
    const giveUp = (this.#giveUp = new AbortController());
    const settled = (token: unknown) => {
      if (this.#giveUp !== giveUp) return;
      this.#giveUp = undefined;
      answer(token);
    };
    const ask = async () => auth.getToken({ why: WHY[need]!, signal: giveUp.signal });
    ask().then(settled, () => settled(false));
  }

  /** Nobody waits for an answer any more. */
  close(): void {
    this.#giveUp?.abort();
  }
}

function hasFunction(auth: Auth): auth is Extract<Auth, { getToken: unknown }> {
  return "getToken" in auth && typeof auth.getToken === "function";
}
