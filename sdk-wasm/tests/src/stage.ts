// The demo as people use it: a server, a clinic, and a browser window for each person.

import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
  test as base,
} from "@playwright/test";
import { fileURLToPath } from "node:url";
import { Server } from "./server.ts";

export { expect } from "@playwright/test";

export const DEMO_PAGES = fileURLToPath(new URL("../.pages/demo", import.meta.url));

/** One person's browser window. */
export class Person {
  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {}

  async open(tab: "Today" | "Chat" | "Visit" | "Chart"): Promise<void> {
    await this.page.getByRole("tab", { name: tab }).click();
  }
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }
  message(text: string): Locator {
    return this.page.locator(".message").filter({ hasText: text });
  }
  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Write a message" });
  }
  get connection(): Locator {
    return this.page.locator(".connection");
  }
  get queue(): Locator {
    return this.page.getByTestId("queue");
  }
  get network(): Locator {
    return this.page.getByRole("switch", { name: "Network" });
  }
}

type Prepare = (context: BrowserContext) => Promise<unknown>;

/** A machine that has no camera. */
export const noDevices: Prepare = (context) =>
  context.addInitScript(() => (navigator.mediaDevices.enumerateDevices = async () => []));

/** A machine whose clock can be put forward. */
export const ownClock: Prepare = (context) => context.clock.install();

export class Stage implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #people: Person[] = [];
  /** What went wrong in any of the pages. */
  readonly faults: string[] = [];

  constructor(
    readonly server: Server,
    browser: Browser,
  ) {
    this.#browser = browser;
  }

  /** A window of somebody's own, connected. `prepare` makes of it what the test needs. */
  async arrive(id: string, options: BrowserContextOptions = {}, prepare?: Prepare): Promise<Person> {
    const context = await this.#browser.newContext(options);
    await prepare?.(context);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.faults.push(`${id}: ${error.message}`));
    page.on("console", (line) => {
      // A browser says of every connection that fails that it failed.
      const expected = /WebSocket connection|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|404/.test(
        line.text(),
      );
      if (line.type() === "error" && !expected) this.faults.push(`${id}: ${line.text()}`);
    });
    const person = new Person(page, context);
    this.#people.push(person);
    await page.goto(`${this.server.url}/?as=${id}`);
    await person.connection.getByText("Connected").first().waitFor();
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#people.map((person) => person.context.close()));
  }
}

interface Settings {
  /** Settings of the server, by their environment variables. */
  settings: Record<string, string>;
}

export const test = base.extend<{ stage: Stage } & Settings>({
  settings: [{}, { option: true }],
  stage: async ({ browser, settings }, use) => {
    await using server = await Server.start(DEMO_PAGES, settings);
    await server.openClinic();
    await using stage = new Stage(server, browser);
    await use(stage);
    base.expect(stage.faults).toEqual([]);
  },
});
