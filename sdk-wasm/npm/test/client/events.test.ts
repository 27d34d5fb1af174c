import { chatRoom, type EventOf } from "carewire";
import { expect, test, vi } from "vitest";
import { connected, useServer } from "./help.js";

const server = useServer();
const room = chatRoom("dr-lee", "ana");

const alert = (message: string) =>
  server.now.emit("tenant:clinic", "system:alert", { level: "info", message });

test("a listener hears its events, typed by name, until it is ended", async () => {
  const [ana] = await connected(server.now, "ana");
  const heard: string[] = [];
  const off = ana.on("system:alert", (event) => heard.push(event.data.message));
  alert("one");
  await server.now.advance(0);
  off();
  off();
  alert("two");
  await server.now.advance(0);
  expect(heard).toEqual(["one"]);
});

test("whoever awaits connect hears the event of the connection", async () => {
  const ana = server.now.client("ana");
  const heard = vi.fn();
  const connecting = ana.connect().then(() => ana.on("connected", heard));
  await server.now.advance(0);
  await connecting;
  await server.now.advance(0);
  expect(heard).toHaveBeenCalledOnce();
});

test("an event says whose it is", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  ana.room(room);
  lee.room(room);
  await server.now.advance(0);
  const heard: [string, boolean][] = [];
  ana.on("message:new", (event) => heard.push(["ana", event.own]));
  lee.on("message:new", (event) => heard.push(["lee", event.own]));
  void ana.request("message:send", { roomId: room, body: "Hello" });
  await server.now.advance(0);
  expect(heard.sort()).toEqual([
    ["ana", true],
    ["lee", false],
  ]);
});

test("what happened while away is marked, and what happens after is not", async () => {
  const [ana] = await connected(server.now, "ana");
  const heard: [string, boolean][] = [];
  ana.on("system:alert", (event) => heard.push([event.data.message, event.replayed]));
  const resumed = vi.fn();
  ana.on("resumed", resumed);
  server.now.cut();
  await server.now.advance(1_000);
  alert("missed");
  await server.now.advance(1_000);
  server.now.heal();
  await server.now.advance(30_000);
  alert("new");
  await server.now.advance(0);
  expect(heard).toEqual([
    ["missed", true],
    ["new", false],
  ]);
  expect(resumed).toHaveBeenCalledWith(expect.objectContaining({ missed: 1, gaps: [] }));
});

test("what happens while the missed is still being caught up with is not marked as missed", async () => {
  const [ana] = await connected(server.now, "ana");
  const heard: boolean[] = [];
  ana.on("system:alert", (event) => heard.push(event.replayed));
  server.now.cut();
  await server.now.advance(1_000);
  // Each room has one event that is still to come.
  server.now.answer("session:resume", ({ rooms = [] }) => ({
    rooms: rooms.map(({ roomId, epoch = "e1", offset = 0 }) => ({
      ...{ roomId, epoch, offset: offset + 1, recovered: true, missed: 1, receipts: {} },
    })),
    unread: { unreadCounts: {}, totalUnread: 0, rooms: {} },
    presences: [],
  }));
  server.now.heal();
  await server.now.advance(5_000);
  expect(ana.state.get()).toMatchObject({ status: "connected", recovering: true });
  alert("now");
  await server.now.advance(0);
  expect(heard).toEqual([false]);
});

test("once waits for the event that is meant", async () => {
  const [ana] = await connected(server.now, "ana");
  const second = ana.once("system:alert", { where: (event) => event.data.message === "two" });
  alert("one");
  alert("two");
  await server.now.advance(0);
  expect((await second).data.message).toBe("two");
});

test("once ends with its signal, and with the client", async () => {
  const [ana] = await connected(server.now, "ana");
  const giveUp = new AbortController();
  const first = ana.once("system:alert", { signal: giveUp.signal });
  giveUp.abort();
  await expect(first).rejects.toMatchObject({ name: "AbortError" });
  const second = ana.once("system:alert");
  void ana.close();
  await expect(second).rejects.toMatchObject({ code: "closed" });
});

test("events can be read one after the other, and end with the client", async () => {
  const [ana] = await connected(server.now, "ana");
  const events = ana.events("system:alert");
  alert("one");
  alert("two");
  await server.now.advance(0);
  const read: string[] = [];
  const reading = (async () => {
    for await (const event of events) read.push(event.data.message);
  })();
  alert("three");
  await server.now.advance(0);
  void ana.close();
  await reading;
  expect(read).toEqual(["one", "two", "three"]);
});

test("an iteration that nobody reads fails when 1,024 events wait", async () => {
  const [ana] = await connected(server.now, "ana");
  const events = ana.events("system:alert");
  for (let at = 0; at < 1_025; at++) alert("x");
  await server.now.advance(0);
  await expect(events.next()).rejects.toMatchObject({ code: "queue_full" });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test("an unknown event reaches those who listen to everything", async () => {
  const [ana] = await connected(server.now, "ana");
  const [unknown, all] = [vi.fn(), vi.fn()];
  ana.on("unknown", unknown);
  ana.on("*", (event: EventOf<"*">) => all(event.type));
  server.now.emit("tenant:clinic", "later:thing" as never, { a: 1 } as never);
  await server.now.advance(0);
  expect(unknown).toHaveBeenCalledWith(expect.objectContaining({ type: "later:thing", data: { a: 1 } }));
  expect(all).toHaveBeenCalledWith("later:thing");
});

test("a name with a further part is another event", async () => {
  const [ana] = await connected(server.now, "ana");
  const unknown = vi.fn();
  ana.on("unknown", unknown);
  server.now.emit("tenant:clinic", "system:alert:later" as never, {} as never);
  await server.now.advance(0);
  expect(unknown.mock.calls).toMatchObject([[{ type: "system:alert:later" }]]);
});

test("a listener that throws keeps no other from hearing", async () => {
  const [ana] = await connected(server.now, "ana");
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const heard = vi.fn();
  ana.on("system:alert", () => {
    throw new Error("mine");
  });
  ana.on("system:alert", heard);
  alert("one");
  await server.now.advance(0);
  vi.unstubAllGlobals();
  expect(heard).toHaveBeenCalledOnce();
  expect(reported).toHaveBeenCalledWith(expect.objectContaining({ message: "mine" }));
});

test("a room hears its own events alone", async () => {
  const [ana] = await connected(server.now, "ana");
  const chat = ana.room(room);
  const heard = vi.fn();
  chat.on("*", (event) => heard(event.type));
  await server.now.advance(0);
  alert("elsewhere");
  server.now.emit(room, "room:event", { event: "hand:raised", payload: { up: true }, senderId: "dr-lee" });
  await server.now.advance(0);
  expect(heard.mock.calls).toEqual([["room:event"]]);
});

test("listeners of a room end with its handle", async () => {
  const [ana] = await connected(server.now, "ana");
  const [first, second] = [ana.room(room), ana.room(room)];
  const [a, b] = [vi.fn(), vi.fn()];
  first.on("room:event", a);
  second.on("room:event", b);
  const waiting = first.once("room:event");
  await server.now.advance(0);
  first.close();
  await expect(waiting).rejects.toMatchObject({ code: "closed" });
  server.now.emit(room, "room:event", { event: "x", payload: 1, senderId: "dr-lee" });
  await server.now.advance(0);
  expect([a.mock.calls.length, b.mock.calls.length]).toEqual([0, 1]);
});
