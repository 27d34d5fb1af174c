import { CarewireError, chatRoom } from "carewire";
import { unplug } from "carewire/testing";
import { expect, test } from "vitest";
import { connected, count, useServer } from "./help.js";

const server = useServer();
const roomId = chatRoom("dr-lee", "ana");

test("a request is answered with its reply", async () => {
  const [ana] = await connected(server.now, "ana");
  const sending = ana.request("message:send", { roomId, body: "Hello" });
  await server.now.advance(0);
  expect((await sending).message).toMatchObject({ body: "Hello", senderId: "ana" });
});

test("an error has its code, its field and its details", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.answer("record:lock", () => {
    throw new CarewireError("record_locked", { details: { holderId: "dr-kim", expiresAt: "x" } });
  });
  const empty = ana.request("message:send", { roomId, body: "" }).catch((error: unknown) => error);
  const locked = ana
    .request("record:lock", { patientId: "ana", recordId: "note" })
    .catch((error: unknown) => error);
  await server.now.advance(0);
  const [a, b] = [await empty, await locked];
  expect(a).toMatchObject({ code: "invalid_input", field: "body", message: "Message content is required" });
  if (!CarewireError.is(b, "record_locked")) throw b;
  expect(b.details.holderId).toBe("dr-kim");
  expect(b).toBeInstanceOf(Error);
});

test("a key that is none is named, and fields of another type are left out", async () => {
  const [ana] = await connected(server.now, "ana");
  const failing = ana
    .request("message:send", { roomId, body: "Hello" }, { key: "two words" })
    .catch((error: unknown) => error);
  await server.now.advance(0);
  expect(await failing).toMatchObject({ code: "invalid_input", field: "key" });
  const odd = { field: 5, retryAfterMs: "soon", details: null } as never;
  expect({ ...new CarewireError("rate_limited", odd) }).toEqual({
    name: "CarewireError",
    code: "rate_limited",
  });
});

test("what a server that closes for good leaves unanswered says why", async () => {
  const [ana] = await connected(server.now, "ana");
  const failing = ana.request("message:send", { roomId, body: "late" }).catch((error: unknown) => error);
  server.now.cut(4409);
  await server.now.advance(0);
  expect(await failing).toMatchObject({ code: "closed", details: { reason: "disconnected" } });
});

test("an error is recognised across copies of the package", () => {
  const other = Object.assign(new Error("x"), { name: "CarewireError", code: "offline" });
  expect(CarewireError.is(other, "offline")).toBe(true);
  expect(CarewireError.is(other, "expired")).toBe(false);
  expect(CarewireError.is(new Error("offline"), "offline")).toBe(false);
});

test("what is about this moment fails without a connection", async () => {
  const [ana] = await connected(server.now, "ana");
  unplug(ana);
  await server.now.advance(0);
  const live = ana.request("call:join", { visitId: "v1" });
  const failed = expect(live).rejects.toMatchObject({ code: "offline" });
  await server.now.advance(0);
  await failed;
});

test("what the user does offline waits in the outbox, and happens once", async () => {
  const [ana] = await connected(server.now, "ana");
  const back = unplug(ana);
  await server.now.advance(0);
  const sending = ana.request("message:send", { roomId, body: "later" }, { key: "k1" });
  await server.now.advance(0);
  expect(ana.outbox.get()).toMatchObject([{ key: "k1", type: "message:send", roomId, attempts: 0 }]);
  expect(count(server.now, "message:send")).toBe(0);
  back();
  await server.now.advance(30_000);
  await sending;
  expect(count(server.now, "message:send")).toBe(1);
  expect(ana.outbox.get()).toEqual([]);
});

test("the same key again gets the first reply", async () => {
  const [ana] = await connected(server.now, "ana");
  const first = ana.request("message:send", { roomId, body: "once" }, { key: "k1" });
  await server.now.advance(0);
  const again = ana.request("message:send", { roomId, body: "twice" }, { key: "k1" });
  await server.now.advance(0);
  expect((await again).message).toEqual((await first).message);
});

test("what was never sent can be taken back", async () => {
  const [ana] = await connected(server.now, "ana");
  const back = unplug(ana);
  await server.now.advance(0);
  const sending = ana.request("message:send", { roomId, body: "oops" }, { key: "k1" });
  const withdrawn = expect(sending).rejects.toMatchObject({ code: "withdrawn" });
  await server.now.advance(0);
  expect(ana.discard("k1")).toBe(true);
  await server.now.advance(0);
  await withdrawn;
  expect(ana.discard("k1")).toBe(false);
  back();
  await server.now.advance(30_000);
  expect(count(server.now, "message:send")).toBe(0);
});

test("a signal gives up: what waits is withdrawn", async () => {
  const [ana] = await connected(server.now, "ana");
  const back = unplug(ana);
  await server.now.advance(0);
  const giveUp = new AbortController();
  const sending = ana.request("message:send", { roomId, body: "no" }, { signal: giveUp.signal });
  await server.now.advance(0);
  giveUp.abort();
  await expect(sending).rejects.toMatchObject({ name: "AbortError" });
  await server.now.advance(0);
  expect(ana.outbox.get()).toEqual([]);
  back();
  await server.now.advance(30_000);
  expect(count(server.now, "message:send")).toBe(0);
});

test("a signal that has given up before sends nothing", async () => {
  const [ana] = await connected(server.now, "ana");
  const asking = ana.request("unread:get", {}, { signal: AbortSignal.abort() });
  await expect(asking).rejects.toMatchObject({ name: "AbortError" });
  await server.now.advance(0);
  expect(count(server.now, "unread:get")).toBe(0);
});

test("what is asked before the core is loaded is sent once it is", async () => {
  const client = server.now.client("ana");
  void client.connect();
  const asking = client.request("unread:get");
  await server.now.advance(0);
  expect((await asking).totalUnread).toBe(0);
});

test("what grew too old is said to be expired", async () => {
  const ana = server.now.client("ana", "patient", { queue: { maxAgeMs: 10_000 } });
  void ana.connect();
  await server.now.advance(0);
  unplug(ana);
  await server.now.advance(0);
  const sending = ana.request("message:send", { roomId, body: "late" });
  const expired = expect(sending).rejects.toMatchObject({ code: "expired" });
  await server.now.advance(11_000);
  await expired;
  expect(ana.outbox.get()).toEqual([]);
});

test("a full queue says so", async () => {
  const ana = server.now.client("ana", "patient", { queue: { maxCommands: 1 } });
  void ana.connect();
  await server.now.advance(0);
  unplug(ana);
  await server.now.advance(0);
  void ana.request("message:send", { roomId, body: "1" }).catch(() => {});
  const second = expect(ana.request("message:send", { roomId, body: "2" })).rejects.toMatchObject({
    code: "queue_full",
  });
  await server.now.advance(0);
  await second;
});

test.each([NaN, Infinity])("a queue of %s is no queue of nothing", async (given) => {
  const queue = { maxCommands: given, maxAgeMs: given };
  const ana = server.now.client("ana", "patient", { queue });
  void ana.connect();
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(0);
  const sending = ana.request("message:send", { roomId, body: "later" });
  await server.now.advance(0);
  const [kept] = ana.outbox.get();
  expect(kept!.expiresAt - kept!.queuedAt).toBe(Number.isNaN(given) ? 3_600_000 : 0xffff_ffff);
  back();
  await server.now.advance(30_000);
  expect((await sending).message.body).toBe("later");
});
