// The core of the shipped package panics: a socket of the page brings what no socket brings.

import { expect, settle, test } from "../src/bare.ts";

test.beforeEach(({ bare }) => settle(bare.server, "dr-lee", "ana"));

test("a panic is told once, with its message, and nothing waits or throws any more", async ({
  bare,
  context,
}) => {
  await context.clock.install();
  await context.addInitScript(() => {
    const sockets: WebSocket[] = [];
    const Native = WebSocket;
    window.WebSocket = class extends Native {
      constructor(...args: ConstructorParameters<typeof Native>) {
        super(...args);
        sockets.push(this);
      }
    };
    Object.assign(window, { sockets });
  });
  const page = await bare.open();
  const thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(error.message));
  await page.evaluate(async () => {
    const { connect, mount, chatRoom, tokenOf, unplug } = window.carewire;
    const room = chatRoom("ana", "dr-lee");
    const lines: { level: string; text: string }[] = [];
    const client = await connect("dr-lee", "provider", { log: (line) => void lines.push(line) });
    const talk = client.room(room);
    await talk.ready;
    const unmount = mount("dr-lee", room, () => tokenOf("dr-lee"));
    const told: { status: string; reason?: string; message?: string }[] = [];
    client.state.subscribe(() => {
      const state = client.state.get();
      told.push({
        status: state.status,
        ...(state.status === "closed" && { reason: state.reason, message: state.error.message }),
      });
    });
    Object.assign(window.kept, { client, talk, told, lines, unmount, plugIn: unplug(client) });
  });
  await expect(page.locator('[data-view="ready"]')).toHaveCount(2);
  await expect.poll(() => page.evaluate(() => window.kept.told.at(-1)?.status)).toBe("reconnecting");

  const ends = await page.evaluate(async () => {
    const { client, talk, told } = window.kept as {
      client: import("carewire").Carewire;
      talk: any;
      told: object[];
    };
    told.length = 0;
    const code = (error: { code?: string }) => error.code;
    // Kept for later, on its way, and waited for.
    const waiting = [
      client.request("message:send", { roomId: talk.id, body: "one" }).catch(code),
      client.request("message:send", { roomId: talk.id, body: "two" }).catch(code),
      client.once("message:new").catch(code),
      (async () => {
        for await (const _ of client.events("message:new"));
        return "ended";
      })(),
    ];
    // That of the other client of the page.
    const { sockets } = window as unknown as { sockets: WebSocket[] };
    const open = sockets.find((socket) => socket.readyState === WebSocket.OPEN);
    open!.dispatchEvent(new MessageEvent("message", { data: 42 }));
    talk.typing.onKeystroke();
    client.reconnectNow();
    return Promise.all(waiting);
  });
  const told = await page.evaluate(() => window.kept.told);
  expect(told).toEqual([
    {
      status: "closed",
      reason: "core_failed",
      message: expect.stringContaining("message event, received Unknown"),
    },
  ]);
  expect(ends).toEqual(["core_failed", "core_failed", "core_failed", "ended"]);
  // The other client of the page lived in the same core.
  await expect(page.locator('[data-status="closed"][data-view="error"]')).toHaveCount(2);
  const errors = await page.evaluate(() =>
    window.kept.lines.filter((line: { level: string }) => line.level === "error"),
  );
  expect(errors).toHaveLength(1);
  expect(errors[0].text).toContain("panicked");
  // And where: the functions of the core by their numbers.
  expect(errors[0].text).toMatch(/wasm-function\[\d+\]/);

  const after = await page.evaluate(async () => {
    const { client, talk, plugIn, unmount } = window.kept;
    const { connect } = window.carewire;
    const code = (error: { code?: string; message: string }) => error.code;
    plugIn();
    client.reconnectNow();
    talk.typing.onKeystroke();
    talk.messages.retry("any");
    client.discard("any");
    window.dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    const sent = await talk.messages.send("three").catch(code);
    const asked = await client.request("unread:get").catch(code);
    const other = await connect("ana", "patient").catch((error) => ({
      code: error.code,
      message: error.message,
    }));
    talk.close();
    unmount();
    await client.close();
    return { sent, asked, other, outbox: client.outbox.get().length, view: talk.messages.get().status };
  });
  expect(after).toEqual({
    sent: "core_failed",
    asked: "core_failed",
    other: {
      code: "core_failed",
      message: expect.stringContaining("message event, received Unknown"),
    },
    outbox: 0,
    view: "error",
  });
  await expect.poll(() => bare.sockets.open).toBe(0);
  // Timers of the core that were set before come to nothing.
  await page.clock.runFor(120_000);
  expect(thrown).toEqual([]);
});
