import { CarewireError, chatRoom } from "carewire";
import { unplug } from "carewire/testing";
import { expect, test } from "vitest";
import { connected, count, history, useServer } from "./help.js";

const server = useServer();
const id = chatRoom("dr-lee", "ana");

test("a room has one name, in whichever order its people are given", () => {
  expect(chatRoom("b", "a")).toBe("chat:a:b");
});

test("all who hold a room share one membership, which ends a second after the last", async () => {
  const [ana] = await connected(server.now, "ana");
  const handles = [ana.room(id), ana.room("chat:dr-lee:ana"), ana.room(id)];
  await server.now.advance(0);
  expect(count(server.now, "room:join")).toBe(1);
  handles[0]!.close();
  handles[0]!.close();
  handles[1]!.close();
  await server.now.advance(5_000);
  expect(count(server.now, "room:leave")).toBe(0);
  expect(handles[2]!.get()).toMatchObject({ status: "ready", live: true });
  handles[2]!.close();
  await server.now.advance(999);
  expect(count(server.now, "room:leave")).toBe(0);
  await server.now.advance(1);
  expect(count(server.now, "room:leave")).toBe(1);
});

test("going away and coming back within a second costs nothing", async () => {
  const [ana] = await connected(server.now, "ana");
  const first = ana.room(id);
  await server.now.advance(0);
  first.close();
  await server.now.advance(500);
  const second = ana.room(id);
  await server.now.advance(5_000);
  expect(second.get().status).toBe("ready");
  expect(count(server.now, "room:join")).toBe(1);
  expect(count(server.now, "room:leave")).toBe(0);
});

test("listeners of parts hold the room, too", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  const off = room.messages.subscribe(() => {});
  room.close();
  await server.now.advance(5_000);
  expect(count(server.now, "room:leave")).toBe(0);
  off();
  await server.now.advance(1_000);
  expect(count(server.now, "room:leave")).toBe(1);
});

test("a refused room says why, and shows nothing", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.answer(
    "room:join",
    () => new CarewireError("access_denied", { message: "Access denied to this room" }),
  );
  const room = ana.room(id);
  const ready = expect(room.ready).rejects.toMatchObject({ code: "access_denied" });
  await server.now.advance(0);
  await ready;
  expect(room.get()).toMatchObject({ status: "error", live: false, error: { code: "access_denied" } });
  expect(room.messages.get()).toMatchObject({ status: "error", messages: [] });
});

test("what the server cannot do now is asked again", async () => {
  const [ana] = await connected(server.now, "ana");
  const busy = server.now.answer(
    "room:join",
    () => new CarewireError("unavailable", { retryAfterMs: 3_000 }),
  );
  const room = ana.room(id);
  await server.now.advance(2_000);
  expect(room.get().status).toBe("loading");
  busy();
  await server.now.advance(1_000);
  expect(room.get().status).toBe("ready");
});

test("whoever is removed sees nothing any more, and sees it again when let in", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  await server.now.advance(0);
  void room.messages.send("Hello");
  await server.now.advance(0);
  server.now.emit("user:ana", "room:left", { roomId: id, reason: "revoked" });
  await server.now.advance(0);
  expect(room.get()).toMatchObject({ status: "error", error: { code: "access_denied" } });
  expect(room.messages.get().messages).toEqual([]);
  server.now.emit("user:ana", "room:joined", { roomId: id, epoch: "e1", offset: 1 });
  await server.now.advance(0);
  expect(room.get().status).toBe("ready");
  expect(room.messages.get().messages).toHaveLength(1);
});

test("whoever may not come back after an outage sees nothing any more", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(0);
  server.now.answer("session:resume", ({ rooms = [] }) => ({
    rooms: rooms.map(({ roomId }) => ({
      roomId,
      recovered: false,
      missed: 0,
      receipts: {},
      error: { code: "access_denied", message: "No" },
    })),
    unread: { unreadCounts: {}, totalUnread: 0, rooms: {} },
    presences: [],
  }));
  back();
  await server.now.advance(30_000);
  expect(room.get()).toMatchObject({ status: "error", error: { code: "access_denied" } });
});

test("a room that was known before it is shown does not show the past again", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const id = chatRoom("dr-lee", "ana");
  const hers = lee.room(id);
  void hers.messages.send({ body: "Helo", key: "k1" });
  void ana.request("room:join", { roomId: id });
  await server.now.advance(1_000);
  const back = unplug(ana);
  await server.now.advance(0);
  void hers.messages.edit("k1", "Hallo");
  void hers.messages.edit("k1", "Hello");
  void hers.messages.react("k1", "👍");
  void hers.messages.react("k1", "👍", false);
  void hers.messages.send("How are you?");
  await server.now.advance(1_000);
  // It is joined from where the client had come to: the server says again what the snapshot has.
  const mine = ana.room(id);
  const seen = history(mine.messages, ({ messages }) =>
    messages.map(({ body, reactions }) => body + Object.values(reactions).flat().join("")).join(", "),
  );
  back();
  await server.now.advance(30_000);
  expect(seen.filter(Boolean)).not.toHaveLength(0);
  expect(new Set(seen.filter(Boolean))).toEqual(new Set(["Hello, How are you?"]));
  expect(mine.get().missed).toBe(0);
  expect(mine.messages.get().missed).toBe(0);
  void hers.messages.send("Well?");
  await server.now.advance(0);
  expect(mine.messages.get().messages.at(-1)).toMatchObject({ body: "Well?" });
});

test("who is there follows comings and goings, also those that nobody told of", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const room = ana.room(id);
  const other = lee.room(id);
  await server.now.advance(0);
  const present = () =>
    room
      .get()
      .participants.map((one) => one.userId)
      .sort();
  expect(present()).toEqual(["ana", "dr-lee"]);
  other.close();
  await server.now.advance(1_000);
  expect(present()).toEqual(["ana"]);
  const back = unplug(ana);
  await server.now.advance(0);
  lee.room(id);
  await server.now.advance(0);
  back();
  await server.now.advance(30_000);
  expect(present()).toEqual(["ana", "dr-lee"]);
});

test("who is writing shows until they stop, send or are lost", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [ana.room(id), lee.room(id)];
  await server.now.advance(0);
  const writing = () => room.typing.get().typingUsers.map((one) => one.userId);
  for (let key = 0; key < 10; key++) other.typing.onKeystroke();
  await server.now.advance(0);
  expect(writing()).toEqual(["dr-lee"]);
  expect(count(server.now, "typing:start")).toBe(1);
  await server.now.advance(5_000);
  expect(writing()).toEqual([]);
  other.typing.onKeystroke();
  await server.now.advance(0);
  void other.messages.send("Hello");
  await server.now.advance(0);
  expect(writing()).toEqual([]);
  other.typing.onKeystroke();
  await server.now.advance(0);
  unplug(ana);
  await server.now.advance(0);
  expect(writing()).toEqual([]);
});

test("what the server joined by itself is not left", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room("notifications:ana");
  await server.now.advance(0);
  room.close();
  await server.now.advance(5_000);
  expect(count(server.now, "room:leave")).toBe(0);
});

test("the application's own events are published", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [ana.room(id), lee.room(id)];
  await server.now.advance(0);
  const next = other.once("room:event");
  await Promise.all([room.publish("hand:raised", { up: true }), server.now.advance(0)]);
  expect((await next).data).toEqual({ event: "hand:raised", payload: { up: true }, senderId: "ana" });
});

test("another user's client has nothing of the former's", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  await server.now.advance(0);
  void room.messages.send("private");
  await server.now.advance(0);
  await ana.close();
  expect(room.get()).toMatchObject({ status: "idle" });
  expect(room.messages.get()).toMatchObject({ status: "idle", messages: [] });
});

test("the whiteboard shows one's own strokes at once, and each once", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [ana.room(id).whiteboard, lee.room(id).whiteboard];
  await server.now.advance(0);
  const shown = history(mine, ({ ops }) => ops.filter((op) => op === "a").length);
  mine.draw("a", "b");
  expect(mine.get().ops).toEqual(["a", "b"]);
  hers.draw("c");
  await server.now.advance(300);
  expect(new Set(shown)).toEqual(new Set([1]));
  expect([...mine.get().ops].sort()).toEqual(["a", "b", "c"]);
  expect(mine.get().ops).toEqual(hers.get().ops);
  mine.clear();
  await server.now.advance(0);
  expect([mine.get().ops, hers.get().ops]).toEqual([[], []]);
});

test("strokes that are drawn offline are there when the network is", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [ana.room(id).whiteboard, lee.room(id).whiteboard];
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(0);
  mine.draw("offline");
  hers.draw("meanwhile");
  await server.now.advance(1_000);
  back();
  await server.now.advance(30_000);
  expect(mine.get().ops).toEqual(["meanwhile", "offline"]);
  expect(hers.get().ops).toEqual(["meanwhile", "offline"]);
});

test("cursors of the others show while they move", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [ana.room(id).whiteboard, lee.room(id).whiteboard];
  await server.now.advance(0);
  for (let x = 0; x < 10; x++) hers.moveCursor(x, 1);
  await server.now.advance(100);
  expect(mine.get().cursors).toEqual([{ userId: "dr-lee", x: 9, y: 1 }]);
  expect(count(server.now, "whiteboard:cursor")).toBe(1);
  await server.now.advance(5_000);
  expect(mine.get().cursors).toEqual([]);
});

test("a whiteboard that is opened in a joined room shows what was drawn before", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  lee.room(id).whiteboard.draw("before");
  const room = ana.room(id);
  await server.now.advance(1_000);
  expect(count(server.now, "whiteboard:snapshot", "ana")).toBe(0);
  const first = history(room.whiteboard, ({ status, ops }) => status === "ready" && ops[0]);
  expect(room.whiteboard.get()).toMatchObject({ status: "loading", ops: [] });
  lee.room(id).whiteboard.draw("meanwhile");
  await server.now.advance(1_000);
  expect(room.whiteboard.get()).toMatchObject({ status: "ready", live: true, ops: ["before", "meanwhile"] });
  expect(first).not.toContain(undefined);
  expect(count(server.now, "room:join", "ana")).toBe(1);
});

test("a room ends a second after its last whiteboard", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  room.whiteboard.draw("a");
  await server.now.advance(0);
  room.close();
  await server.now.advance(999);
  expect(count(server.now, "room:leave")).toBe(0);
  await server.now.advance(1);
  expect([count(server.now, "whiteboard:update"), count(server.now, "room:leave")]).toEqual([1, 1]);
});

test("a whiteboard that is opened offline shows what was drawn when the network is back", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const room = ana.room(id);
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(0);
  lee.room(id).whiteboard.draw("meanwhile");
  const board = room.whiteboard;
  await server.now.advance(1_000);
  expect(board.get().status).toBe("loading");
  back();
  await server.now.advance(30_000);
  expect(board.get()).toMatchObject({ status: "ready", live: true, ops: ["meanwhile"] });
});

test("a whiteboard of a closed room holds nothing", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = ana.room(id);
  await server.now.advance(0);
  room.close();
  void room.whiteboard;
  await server.now.advance(2_000);
  expect(count(server.now, "room:leave")).toBe(1);
  expect(server.now.memberships).toBe(3);
});
