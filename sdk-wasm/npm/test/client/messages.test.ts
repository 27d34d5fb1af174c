import { CarewireError, chatRoom, type Carewire, type MessageStatus, type TalkRoom } from "carewire";
import { unplug } from "carewire/testing";
import { expect, test } from "vitest";
import { connected, count, history, useServer } from "./help.js";

const server = useServer();
const id = chatRoom("dr-lee", "ana");

const bodies = (room: TalkRoom) => room.messages.get().messages.map((message) => message.body);
const statuses = (room: TalkRoom) => room.messages.get().messages.map((message) => message.status);

async function joined(client: Carewire): Promise<TalkRoom> {
  const room = client.room(id);
  await server.now.advance(0);
  await room.ready;
  return room;
}

test("a message shows at once and keeps its key until it is read", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [await joined(ana), await joined(lee)];
  const seen = history(mine.messages, ({ messages }) => messages.map(({ key, status }) => [key, status]));
  const sending = mine.messages.send("Hello");
  await server.now.advance(0);
  expect((await sending).body).toBe("Hello");
  await server.now.advance(1_000);
  hers.messages.markRead();
  await server.now.advance(0);
  const flat = seen.flat();
  expect(new Set(flat.map(([key]) => key)).size).toBe(1);
  const order = flat.map(([, status]) => status).filter((status, at, all) => status !== all[at - 1]);
  expect(order).toEqual(["queued", "sending", "sent", "delivered", "read"]);
  expect(bodies(hers)).toEqual(["Hello"]);
  const [message] = mine.messages.get().messages;
  expect(mine.messages.get().readBy(message!.key)).toEqual(["dr-lee"]);
});

test("a failed message stays as a row, is sent again, and happens once", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = await joined(ana);
  const refusing = server.now.answer(
    "message:send",
    () => new CarewireError("access_denied", { message: "No" }),
  );
  // Nobody awaits it: the row says what happened.
  void room.messages.send({ body: "Hello", key: "k1" });
  await server.now.advance(0);
  expect(room.messages.get()).toMatchObject({
    pending: 0,
    failed: 1,
    messages: [{ key: "k1", status: "failed", error: { code: "access_denied" } }],
  });
  refusing();
  room.messages.retry("k1");
  expect(statuses(room)).toEqual(["queued"]);
  await server.now.advance(0);
  expect(room.messages.get()).toMatchObject({
    pending: 0,
    failed: 0,
    messages: [{ key: "k1", status: "sent" }],
  });
});

test("a failed message can be discarded, and one that was not sent yet", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = await joined(ana);
  server.now.answer("message:send", () => new CarewireError("access_denied"));
  void room.messages.send({ body: "1", key: "k1" });
  await server.now.advance(0);
  room.messages.discard("k1");
  expect(bodies(room)).toEqual([]);
  unplug(ana);
  await server.now.advance(0);
  void room.messages.send({ body: "2", key: "k2" });
  await server.now.advance(0);
  expect(statuses(room)).toEqual(["queued"]);
  room.messages.discard("k2");
  await server.now.advance(0);
  expect(bodies(room)).toEqual([]);
  expect(ana.outbox.get()).toEqual([]);
});

test("what is written offline keeps its time and its order", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [await joined(ana), await joined(lee)];
  const back = unplug(ana);
  await server.now.advance(0);
  for (const body of ["1", "2", "3"]) void room.messages.send(body);
  await server.now.advance(60_000);
  expect(room.messages.get()).toMatchObject({ pending: 3, live: false });
  back();
  await server.now.advance(30_000);
  expect(bodies(other)).toEqual(["1", "2", "3"]);
  expect(room.messages.get()).toMatchObject({ pending: 0, live: true });
  const sent = server.now.received.filter((one) => one.type === "message:send");
  expect(sent.every((one) => (one.data as { composedAt?: string }).composedAt !== undefined)).toBe(true);
});

test("a message on its way outlives the page that sent it", async () => {
  const [ana] = await connected(server.now, "ana");
  const first = await joined(ana);
  const back = unplug(ana);
  await server.now.advance(0);
  void first.messages.send({ body: "still here", key: "k1" });
  first.close();
  await server.now.advance(5_000);
  const second = ana.room(id);
  expect(second.messages.get().messages).toMatchObject([{ key: "k1", status: "queued" }]);
  back();
  await server.now.advance(30_000);
  expect(second.messages.get().messages).toMatchObject([{ key: "k1", body: "still here", status: "sent" }]);
});

test("what others wrote meanwhile is counted until it is read", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [await joined(ana), await joined(lee)];
  const back = unplug(ana);
  await server.now.advance(0);
  for (const body of ["1", "2"]) void other.messages.send(body);
  await server.now.advance(1_000);
  back();
  await server.now.advance(30_000);
  const first = room.messages.get().messages[0]!.key;
  expect(room.messages.get()).toMatchObject({ missed: 2, firstMissed: first });
  expect(room.get()).toMatchObject({ missed: 2, gap: false });
  room.messages.markRead();
  await server.now.advance(0);
  expect(room.messages.get().missed).toBe(0);
  expect(room.messages.get()).not.toHaveProperty("firstMissed");
  expect(count(server.now, "message:read", "ana")).toBe(1);
  room.messages.markRead();
  await server.now.advance(0);
  expect(count(server.now, "message:read", "ana")).toBe(1);
});

test("what was read meanwhile shows after an outage", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [await joined(ana), await joined(lee)];
  void room.messages.send("Hello");
  await server.now.advance(1_000);
  const back = unplug(ana);
  await server.now.advance(0);
  other.messages.markRead();
  await server.now.advance(0);
  expect(statuses(room)).toEqual(["delivered"]);
  back();
  await server.now.advance(30_000);
  expect(statuses(room)).toEqual(["read"]);
});

test("after a gap the list is loaded anew", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [await joined(ana), await joined(lee)];
  void other.messages.send("before");
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(0);
  void other.messages.send("meanwhile");
  await server.now.advance(0);
  server.now.forget(id);
  back();
  await server.now.advance(30_000);
  expect(bodies(room)).toEqual(["before", "meanwhile"]);
  expect(room.get().gap).toBe(true);
  expect(room.messages.get().missed).toBe(1);
});

test("older messages are loaded page by page, once each", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const other = await joined(lee);
  for (let at = 0; at < 120; at++) {
    void other.messages.send(`${at}`);
    if (at % 20 === 0) await server.now.advance(1_000);
  }
  await server.now.advance(1_000);
  const room = await joined(ana);
  expect(bodies(room)).toHaveLength(50);
  expect(room.messages.get().hasOlder).toBe(true);
  void room.messages.loadOlder();
  void room.messages.loadOlder();
  await server.now.advance(0);
  expect(bodies(room)).toHaveLength(100);
  void room.messages.loadOlder();
  await server.now.advance(0);
  expect(bodies(room)).toEqual(Array.from({ length: 120 }, (_, at) => `${at}`));
  expect(room.messages.get()).toMatchObject({ hasOlder: false, loadingOlder: false });
  expect(count(server.now, "message:history")).toBe(2);
});

test("older messages that come after one was removed are not shown", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const other = await joined(lee);
  for (let at = 0; at < 60; at++) {
    void other.messages.send(`${at}`);
    if (at % 20 === 0) await server.now.advance(1_000);
  }
  await server.now.advance(1_000);
  const room = await joined(ana);
  void room.messages.loadOlder();
  server.now.emit("user:ana", "room:left", { roomId: id, reason: "revoked" });
  await server.now.advance(1_000);
  expect(count(server.now, "message:history", "ana")).toBe(1);
  expect(room.messages.get()).toMatchObject({ status: "error", messages: [], loadingOlder: false });
});

test("in a thread a message is read when all of its members have read it, the absent ones too", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [ana.room("thread:t1"), lee.room("thread:t1")];
  await server.now.advance(0);
  // The server knows of a third member, who was never there.
  let status: MessageStatus = "sent";
  server.now.answer("message:history", ({ roomId }) => ({
    messages: mine.messages.get().messages.map((row) => ({ ...row, id: row.id!, roomId, status })),
    hasMore: false,
  }));
  void mine.messages.send("Hello");
  await server.now.advance(1_000);
  hers.messages.markRead();
  await server.now.advance(0);
  expect(statuses(mine)).toEqual(["sent"]);
  expect(mine.messages.get().readBy(mine.messages.get().messages[0]!.key)).toEqual(["dr-lee"]);
  status = "read";
  server.now.emit("thread:t1", "message:read", {
    roomId: "thread:t1",
    messageId: mine.messages.get().messages[0]!.id!,
    userId: "dr-kim",
    at: "2030-01-01T00:00:00.000Z",
  });
  await server.now.advance(1_000);
  expect(statuses(mine)).toEqual(["read"]);
  const asked = count(server.now, "message:history");
  hers.messages.markRead();
  await server.now.advance(1_000);
  expect(count(server.now, "message:history")).toBe(asked);
});

/** A thread of many, in which one's own first message is older than a page, and read by nobody. */
async function busyThread() {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [mine, hers] = [ana.room("thread:t1"), lee.room("thread:t1")];
  await server.now.advance(0);
  void mine.messages.send("Mine");
  await server.now.advance(0);
  for (let at = 0; at < 60; at++) {
    void hers.messages.send(`${at}`);
    if (at % 15 === 0) await server.now.advance(1_000);
  }
  await server.now.advance(3_000);
  const [first, ...others] = mine.messages.get().messages.map((message) => message.id!);
  const mark = (type: "message:read" | "message:delivered", userId: string, messageId: string) =>
    server.now.emit("thread:t1", type, {
      roomId: "thread:t1",
      messageId,
      userId,
      at: "2030-01-01T00:00:00.000Z",
    });
  return { mine, first: first!, others, mark, asked: () => count(server.now, "message:history", "ana") };
}

test("a receipt that is no news about one's own messages asks nothing", async () => {
  const { first, others, mark, asked } = await busyThread();
  mark("message:delivered", "dr-kim", first);
  await server.now.advance(5_000);
  const before = asked();
  for (const id of others) {
    mark("message:delivered", "dr-kim", id);
    mark("message:delivered", "dr-kim", id);
    await server.now.advance(1_000);
  }
  expect(asked()).toBe(before);
});

test("many receipts at once ask for one page now and one a second later", async () => {
  const { first, mark, asked } = await busyThread();
  const before = asked();
  for (let at = 0; at < 30; at++) mark("message:read", `member-${at}`, first);
  await server.now.advance(900);
  expect(asked()).toBe(before + 1);
  await server.now.advance(10_000);
  expect(asked()).toBe(before + 2);
});

test("a message that is older than a page is shown as read, too", async () => {
  const { mine, first, others, mark } = await busyThread();
  const { messages } = mine.messages.get();
  expect(messages).toHaveLength(61);
  server.now.answer("message:history", ({ before, limit = 50 }) => {
    const older = messages.filter((one) => before === undefined || one.id! < before);
    const page = older.slice(-limit).map((row) => ({ ...row, id: row.id!, status: "read" as const }));
    return { messages: page as never, hasMore: older.length > page.length };
  });
  mark("message:read", "dr-kim", first);
  await server.now.advance(0);
  expect(mine.messages.get().messages[0]).toMatchObject({ id: first, status: "read" });
  expect(others).toHaveLength(60);
});

test("a page that the server cut to fit is asked for again from where it was cut", async () => {
  const [ana] = await connected(server.now, "ana");
  const mine = ana.room("thread:t1");
  await server.now.advance(0);
  for (const body of ["1", "2", "3"]) void mine.messages.send(body);
  await server.now.advance(1_000);
  const { messages } = mine.messages.get();
  server.now.answer("message:history", ({ before }) => {
    const older = messages.filter((one) => before === undefined || one.id! < before);
    const page = older.slice(-1).map((row) => ({ ...row, id: row.id!, status: "read" as const }));
    return { messages: page as never, hasMore: older.length > 1 };
  });
  server.now.emit("thread:t1", "message:read", {
    roomId: "thread:t1",
    messageId: messages.at(-1)!.id!,
    userId: "dr-kim",
    at: "2030-01-01T00:00:00.000Z",
  });
  await server.now.advance(500);
  expect(statuses(mine)).toEqual(["sent", "sent", "read"]);
  await server.now.advance(3_000);
  expect(statuses(mine)).toEqual(["read", "read", "read"]);
});

test("how far messages have come is asked again when the server could not say", async () => {
  const { mine, first, mark, asked } = await busyThread();
  const before = asked();
  const busy = server.now.answer(
    "message:history",
    () => new CarewireError("unavailable", { retryAfterMs: 3_000 }),
  );
  mark("message:read", "dr-kim", first);
  mark("message:read", "dr-may", first);
  await server.now.advance(2_900);
  expect(asked()).toBe(before + 1);
  busy();
  await server.now.advance(200);
  expect(asked()).toBe(before + 2);
  expect(mine.messages.get().messages[0]!.id).toBe(first);
});

test("edits, reactions and removals show for everyone", async () => {
  const [ana, lee] = await connected(server.now, "ana", "dr-lee");
  const [room, other] = [await joined(ana), await joined(lee)];
  void room.messages.send({ body: "Helo", key: "k1" });
  // Not stored yet: it waits until it is.
  void room.messages.edit("k1", "Hello");
  await server.now.advance(0);
  expect(bodies(other)).toEqual(["Hello"]);
  const { key } = other.messages.get().messages[0]!;
  void other.messages.react(key, "👍");
  await server.now.advance(0);
  expect(room.messages.get().messages[0]).toMatchObject({ key: "k1", reactions: { "👍": ["dr-lee"] } });
  void other.messages.react(key, "👍", false);
  void room.messages.remove("k1");
  await server.now.advance(0);
  expect(other.messages.get().messages[0]).toMatchObject({ body: "", reactions: {} });
  expect(other.messages.get().messages[0]).toHaveProperty("deletedAt");
});

test("an unknown message is not edited", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = await joined(ana);
  await expect(room.messages.edit("nothing", "x")).rejects.toMatchObject({ code: "message_not_found" });
});

test("rows that do not change stay the same objects", async () => {
  const [ana] = await connected(server.now, "ana");
  const room = await joined(ana);
  void room.messages.send("1");
  await server.now.advance(0);
  const [first] = room.messages.get().messages;
  void room.messages.send("2");
  await server.now.advance(0);
  expect(room.messages.get().messages[0]).toBe(first);
  expect(room.messages.get()).toBe(room.messages.get());
});
