// The page around a client: the network, the tab, the person at it.

import { chatRoom } from "carewire";
import { afterEach, expect, test, vi } from "vitest";
import { unplug } from "carewire/testing";
import { connected, count, useServer } from "../client/help.js";

const server = useServer();
const room = chatRoom("dr-lee", "ana");

function setVisible(visible: boolean): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(visible ? "visible" : "hidden");
  document.dispatchEvent(new Event("visibilitychange"));
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("the network that is back is not waited for", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.cut();
  await server.now.advance(60_000);
  server.now.heal();
  window.dispatchEvent(new Event("online"));
  await server.now.advance(600);
  expect(ana.state.get().status).toBe("connected");
});

test("a tab that is shown again connects at once, with one socket", async () => {
  const [ana] = await connected(server.now, "ana");
  setVisible(false);
  server.now.cut();
  await server.now.advance(3_600_000);
  server.now.heal();
  setVisible(true);
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await server.now.advance(600);
  expect(ana.state.get().status).toBe("connected");
  await server.now.advance(30_000);
  expect(server.now.sockets).toBe(1);
});

test.each([
  ["freeze", "resume", document],
  ["pagehide", "pageshow", window],
] as const)(
  "a page that stands still (%s) has no socket, and one at once when it goes on (%s)",
  async (off, on, target) => {
    const [ana] = await connected(server.now, "ana");
    const mine = ana.room(room);
    await server.now.advance(0);
    target.dispatchEvent(Object.assign(new Event(off), { persisted: true }));
    await server.now.advance(0);
    expect(server.now.sockets).toBe(0);
    void mine.messages.send("Written there");
    const [lee] = await connected(server.now, "dr-lee");
    void lee.request("message:send", { roomId: room, body: "Meanwhile" });
    await server.now.advance(600_000);
    expect(server.now.sockets).toBe(1);
    target.dispatchEvent(Object.assign(new Event(on), { persisted: true }));
    await server.now.advance(1_000);
    expect(ana.state.get().status).toBe("connected");
    expect(server.now.sockets).toBe(2);
    expect(mine.messages.get().messages.map(({ body }) => body)).toEqual(["Meanwhile", "Written there"]);
  },
);

test("what is read in a hidden tab is told when it is seen", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const mine = ana.room(room);
  await server.now.advance(0);
  void lee.request("message:send", { roomId: room, body: "Hello" });
  await server.now.advance(0);
  setVisible(false);
  mine.messages.markRead();
  await server.now.advance(1_000);
  expect(count(server.now, "message:read")).toBe(0);
  setVisible(true);
  await server.now.advance(0);
  expect(count(server.now, "message:read")).toBe(1);
});

test("leaving the page asks while something is unsent, and only then", async () => {
  const [ana] = await connected(server.now, "ana");
  const asks = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(asks()).toBe(false);
  const back = unplug(ana);
  await server.now.advance(0);
  void ana.request("message:send", { roomId: room, body: "x" });
  await server.now.advance(0);
  expect(asks()).toBe(true);
  back();
  await server.now.advance(30_000);
  expect(asks()).toBe(false);
});

test("input of the person is told once a minute, and at once when they would be logged off", async () => {
  const [ana] = await connected(server.now, "ana");
  const press = () => window.dispatchEvent(new Event("keydown"));
  for (let at = 0; at < 10; at++) press();
  await server.now.advance(30_000);
  press();
  expect(count(server.now, "session:touch")).toBe(1);
  await server.now.advance(31_000);
  press();
  await server.now.advance(0);
  expect(count(server.now, "session:touch")).toBe(2);
  server.now.emit("user:ana", "auth:idle", { logoffAt: "2030-01-01T00:00:00.000Z" });
  await server.now.advance(0);
  expect(ana.state.get()).toHaveProperty("logoffAt");
  press();
  await server.now.advance(0);
  expect(count(server.now, "session:touch")).toBe(3);
  expect(ana.state.get()).not.toHaveProperty("logoffAt");
});

test("a closed client listens to nothing", async () => {
  const added = vi.spyOn(window, "addEventListener");
  const removed = vi.spyOn(window, "removeEventListener");
  const [ana] = await connected(server.now, "ana");
  const before = added.mock.calls.length;
  expect(before).toBeGreaterThan(0);
  await ana.close();
  expect(removed.mock.calls.length).toBe(before);
});
