// A tab of its own, by the debugger alone: Playwright keeps its pages in focus, and Chromium freezes
// only what nobody sees.

import type { Browser, CDPSession } from "@playwright/test";

interface Answer {
  id?: number;
  error?: { message: string };
  result?: {
    result?: { value?: unknown };
    exceptionDetails?: { text: string; exception?: { description?: string } };
  };
}

export class Tab implements AsyncDisposable {
  readonly #browser: CDPSession;
  readonly #context: string;
  readonly #session: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(browser: CDPSession, context: string, session: string) {
    this.#browser = browser;
    this.#context = context;
    this.#session = session;
    browser.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      if (sessionId !== session) return;
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  static async open(browser: Browser, url: string): Promise<Tab> {
    const root = await browser.newBrowserCDPSession();
    const { browserContextId } = await root.send("Target.createBrowserContext", {});
    const { targetId } = await root.send("Target.createTarget", { url, browserContextId });
    const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
    return new Tab(root, browserContextId, sessionId);
  }

  /** Runs a function in the tab; works while it is frozen, unless the function waits for something. */
  async evaluate<R, A = undefined>(fn: (argument: A) => R, argument?: A): Promise<Awaited<R>> {
    const expression = `(${fn.toString()})(${JSON.stringify(argument)})`;
    const answer = await this.#send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    const failed = answer.result?.exceptionDetails;
    if (failed) throw new Error(failed.exception?.description ?? failed.text);
    return answer.result?.result?.value as Awaited<R>;
  }

  /** Lets it stand still, as a browser does with what was not seen for long; or go on. */
  async turn(state: "frozen" | "active"): Promise<void> {
    await this.#send("Page.setWebLifecycleState", { state });
  }

  #send(method: string, params: object): Promise<Answer> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        answer.error ? reject(new Error(answer.error.message)) : resolve(answer);
      });
      const message = JSON.stringify({ id, method, params });
      this.#browser.send("Target.sendMessageToTarget", { sessionId: this.#session, message }).catch(reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.send("Target.disposeBrowserContext", { browserContextId: this.#context });
    await this.#browser.detach();
  }
}
