// Tabs that are hidden, frozen, or throttled.

import type { Page } from "@playwright/test";
import { expect, settle, test } from "../src/bare.ts";

test.beforeEach(({ bare }) => settle(bare.server, "dr-lee", "ana"));

async function listen(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const client = await connect("dr-lee");
    const room = client.room(chatRoom("ana", "dr-lee"));
    await room.ready;
    const heard: string[] = [];
    room.on("message:new", (event) => heard.push(event.data.message.body));
    Object.assign(window.kept, { client, room, heard });
  });
}

/** What the browser says to a page that goes to the background, or comes back. */
async function turn(page: Page, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

function write(
  bare: { server: { backend(method: string, path: string, body: object): Promise<unknown> } },
  body: string,
) {
  return bare.server.backend("POST", "/v1/messages", { roomId: "chat:ana:dr-lee", senderId: "ana", body });
}

const heard = (page: Page) => page.evaluate(() => window.kept.heard as string[]);
const status = (page: Page) => page.evaluate(() => window.kept.client.state.get().status as string);

test("hidden for ten minutes, timers once a minute: nothing is lost, and there is one socket", async ({
  bare,
  context,
}) => {
  await context.clock.install();
  const page = await bare.open();
  await listen(page);
  await turn(page, "hidden");
  for (let minute = 1; minute <= 10; minute++) {
    await page.clock.fastForward(60_000);
    await write(bare, `minute ${minute}`);
  }
  await turn(page, "visible");
  await page.clock.runFor(2000);
  const all = Array.from({ length: 10 }, (_, at) => `minute ${at + 1}`);
  await expect.poll(async () => (await page.clock.runFor(100), heard(page))).toEqual(all);
  expect(await status(page)).toBe("connected");
  await expect.poll(() => bare.sockets.open).toBe(1);
});

test.describe("a server with short patience", () => {
  test.use({ settings: { CAREWIRE_HEARTBEAT_INTERVAL_MS: "400" } });

  test("a tab that stands still until the server gives it up comes back at once", async ({ bare }) => {
    const page = await bare.open();
    await listen(page);
    const token = await bare.server.token("ehr", "service");
    await page.evaluate((token) => {
      const call = (method: string, path: string, body?: object) => {
        const request = new XMLHttpRequest();
        // Nothing else runs in the page meanwhile: no timer, no socket.
        request.open(method, path, false);
        request.setRequestHeader("authorization", `Bearer ${token}`);
        request.send(body && JSON.stringify(body));
        return JSON.parse(request.responseText) as { connections: number };
      };
      while (call("GET", "/v1/users/dr-lee").connections > 0);
      call("POST", "/v1/messages", { roomId: "chat:ana:dr-lee", senderId: "ana", body: "meanwhile" });
    }, token);
    await expect.poll(() => heard(page)).toEqual(["meanwhile"]);
    await expect.poll(() => bare.sockets).toEqual({ open: 1, all: 2 });
  });
});

test("going to another page and back finds the client connected, with one socket", async ({ bare }) => {
  const page = await bare.open();
  await listen(page);
  await page.goto(`${bare.server.url}/other.html`);
  await write(bare, "while away");
  await page.goBack();
  const kept = await page.evaluate(() => Boolean(window.kept?.["client"]));
  // Where the browser kept the page, the client goes on by itself; else the page began anew.
  if (kept) await expect.poll(() => heard(page)).toEqual(["while away"]);
  else await listen(page);
  await expect.poll(() => status(page)).toBe("connected");
  const connections = async () => {
    const user = (await bare.server.backend("GET", "/v1/users/dr-lee")) as { connections: number };
    return user.connections;
  };
  await expect.poll(connections).toBe(1);
});

test("two tabs of one user each hear everything", async ({ bare, context }) => {
  const [one, two] = [await bare.open(), await bare.open(context)];
  await listen(one);
  await listen(two);
  await write(bare, "for both");
  for (const page of [one, two]) await expect.poll(() => heard(page)).toEqual(["for both"]);
});
