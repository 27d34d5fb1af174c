// Tabs that Chromium itself freezes, and pages that it keeps in its back-forward cache.

import type { LaunchOptions } from "@playwright/test";
import { type Bare, expect, settle, test as base } from "../src/bare.ts";
import { Tab } from "../src/tab.ts";

const test = base.extend<object, { launchOptions: LaunchOptions }>({
  launchOptions: [
    async ({ launchOptions }, use) =>
      use({
        ...launchOptions,
        // With these Playwright keeps every page awake and leaves none in the cache.
        ignoreDefaultArgs: [
          "--disable-back-forward-cache",
          "--disable-background-timer-throttling",
          "--disable-backgrounding-occluded-windows",
          "--disable-renderer-backgrounding",
        ],
      }),
    { scope: "worker" },
  ],
});

test.beforeEach(({ bare }) => settle(bare.server, "dr-lee", "ana"));

/** Counts the sockets of a page, connects, and keeps what is heard. */
async function listen(): Promise<void> {
  const { connect, chatRoom } = window.carewire;
  const Native = window.WebSocket;
  const sockets: WebSocket[] = [];
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  const client = await connect("dr-lee");
  const room = client.room(chatRoom("ana", "dr-lee"));
  await room.ready;
  const heard: string[] = [];
  const happened: string[] = [];
  room.on("message:new", (event) => heard.push(event.data.message.body));
  document.addEventListener("freeze", () => happened.push("freeze"));
  document.addEventListener("resume", () => happened.push("resume"));
  window.addEventListener("pageshow", (event) => happened.push(`shown ${event.persisted}`));
  Object.assign(window.kept, { client, room, heard, happened, sockets });
}

const heard = () => window.kept.heard as string[];
const happened = () => window.kept.happened as string[];
const status = () => window.kept.client.state.get().status as string;
const open = () => (window.kept.sockets as WebSocket[]).filter((socket) => socket.readyState === 1).length;

const write = (bare: Bare, body: string) =>
  bare.server.backend("POST", "/v1/messages", { roomId: "chat:ana:dr-lee", senderId: "ana", body });

async function connections(bare: Bare): Promise<number> {
  const user = (await bare.server.backend("GET", "/v1/users/dr-lee")) as { connections: number };
  return user.connections;
}

test("a tab that is frozen loses nothing, doubles nothing and comes back with one socket", async ({
  bare,
  browser,
}) => {
  await using tab = await Tab.open(browser, bare.server.url);
  await expect.poll(() => tab.evaluate(() => Boolean(window.carewire))).toBe(true);
  await tab.evaluate(listen);
  for (const round of [1, 2]) {
    await tab.turn("frozen");
    await expect.poll(() => tab.evaluate(happened)).toHaveLength(2 * round - 1);
    await write(bare, `first ${round}`);
    // It gave its socket back, so that nobody takes it for present.
    await expect.poll(() => connections(bare)).toBe(0);
    await write(bare, `second ${round}`);
    // What is done there meanwhile waits.
    await tab.evaluate((body) => void window.kept.room.messages.send(body), `third ${round}`);
    expect(await tab.evaluate(heard)).toHaveLength(3 * (round - 1));
    await tab.turn("active");
    await expect.poll(() => tab.evaluate(happened)).toHaveLength(2 * round);
    await expect.poll(() => tab.evaluate(heard)).toHaveLength(3 * round);
    await expect.poll(() => tab.evaluate(status)).toBe("connected");
    expect(await tab.evaluate(open)).toBe(1);
    await expect.poll(() => connections(bare)).toBe(1);
  }
  const said = [1, 2].flatMap((round) => [`first ${round}`, `second ${round}`, `third ${round}`]);
  expect(await tab.evaluate(happened)).toEqual(["freeze", "resume", "freeze", "resume"]);
  expect(await tab.evaluate(heard)).toEqual(said);
  const stored = await tab.evaluate(async () => {
    const { messages } = await window.kept.client.request("message:history", { roomId: window.kept.room.id });
    return messages.map((message: { body: string }) => message.body);
  });
  expect(stored).toEqual(said);
});

test("a page out of the back-forward cache goes on with one socket", async ({ bare }) => {
  const page = await bare.open();
  await page.evaluate(listen);
  for (const round of [1, 2]) {
    await page.goto(`${bare.server.url}/other.html`);
    await expect.poll(() => connections(bare)).toBe(0);
    await write(bare, `while away ${round}`);
    // It is not loaded again, so that nothing would say that it was.
    await page.goBack({ waitUntil: "commit" });
    await expect.poll(() => page.evaluate(happened)).toContain("shown true");
    await expect.poll(() => page.evaluate(heard)).toHaveLength(round);
    await expect.poll(() => page.evaluate(status)).toBe("connected");
    expect(await page.evaluate(open)).toBe(1);
    await expect.poll(() => connections(bare)).toBe(1);
    await write(bare, "and then");
    await expect.poll(() => page.evaluate(heard)).toContain("and then");
    await page.evaluate(() => void window.kept.heard.pop());
  }
  expect(await page.evaluate(heard)).toEqual(["while away 1", "while away 2"]);
});
