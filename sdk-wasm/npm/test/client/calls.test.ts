import type { Call, Carewire } from "carewire";
import { unplug } from "carewire/testing";
import { afterEach, expect, test, vi } from "vitest";
import { connected, count, useServer } from "./help.js";

const server = useServer();

const member = (userId: string, state: string, clientId?: string) => ({
  userId,
  state,
  ...(clientId !== undefined && { clientId }),
  audio: false,
  video: false,
  screen: false,
});

/** A call of Dr. Lee that rings at Ana. */
const ringing = (): Call => ({
  callId: "c1",
  roomId: "call:c1",
  callType: "video",
  callerId: "dr-lee",
  state: "ringing",
  participants: [member("dr-lee", "joined", "lee"), member("ana", "ringing")],
});

/** The client id of a client, as the server knows it from what it did. */
async function clientId(client: Carewire): Promise<string> {
  const seen = client.once("message:new", { where: (event) => event.own });
  client.room("chat:ana:dr-lee");
  void client.request("message:send", { roomId: "chat:ana:dr-lee", body: "?" });
  await server.now.advance(0);
  return (await seen).origin!;
}

test("a call rings, is taken, and ends", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.answer("call:accept", () => ({}));
  server.now.answer("call:media", () => ({}));
  expect(ana.calls.get()).toMatchObject({ phase: "none" });
  server.now.emit("user:ana", "call:incoming", { ...ringing(), callerName: "Dr. Lee" });
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({ phase: "incoming", callerName: "Dr. Lee", call: { callId: "c1" } });
  void ana.calls.accept();
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({
    phase: "active",
    peers: [{ userId: "dr-lee", quality: "unknown" }],
  });
  server.now.emit("user:ana", "call:media", {
    callId: "c1",
    userId: "dr-lee",
    audio: true,
    video: true,
    screen: false,
  });
  server.now.emit("user:ana", "call:qualityIssue", {
    callId: "c1",
    userId: "dr-lee",
    metric: "packetLossPct",
    value: 12,
    threshold: 5,
  });
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({
    peers: [{ video: true, quality: "poor", issue: "packetLossPct" }],
  });
  await server.now.advance(15_000);
  expect(ana.calls.get()).toMatchObject({ peers: [{ quality: "unknown" }] });
  server.now.emit("user:ana", "call:ended", { callId: "c1", reason: "hangup", durationMs: 90_000 });
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({
    phase: "none",
    ended: { callId: "c1", reason: "hangup", durationMs: 90_000 },
  });
});

test("a call that is taken elsewhere can be taken over", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.emit("user:ana", "call:incoming", ringing());
  await server.now.advance(0);
  server.now.emit("user:ana", "call:accepted", { callId: "c1", userId: "ana", clientId: "phone" });
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({ phase: "elsewhere" });
  const here = await clientId(ana);
  server.now.answer("call:media", () => ({}));
  server.now.answer("call:join", () => ({
    call: {
      ...ringing(),
      state: "active",
      participants: [member("dr-lee", "joined", "lee"), member("ana", "joined", here)],
    },
  }));
  void ana.calls.takeOver();
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({ phase: "active" });
});

/** A device with a microphone and a camera; what was opened. */
function devices(): string[] {
  const opened: string[] = [];
  const getUserMedia = async (wanted: object) => {
    const [kind] = Object.keys(wanted);
    opened.push(kind!);
    const track = { kind, enabled: true, stop() {} };
    return { getTracks: () => [track] };
  };
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  vi.stubGlobal("MediaStream", class {});
  return opened;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each(["accept", "takeOver", "joinVisit"] as const)(
  "%s sends one's picture, also where the event of it overtakes the reply",
  async (how) => {
    const opened = devices();
    const [ana] = await connected(server.now, "ana");
    const here = await clientId(ana);
    const visit = { ...ringing(), visitId: "v1" };
    const tell = () =>
      server.now.emit("user:ana", "call:accepted", { callId: "c1", userId: "ana", clientId: here });
    server.now.answer("call:media", () => ({}));
    server.now.answer("call:accept", () => (tell(), {}));
    server.now.answer("call:join", () => {
      tell();
      const participants = [member("dr-lee", "joined", "lee"), member("ana", "joined", here)];
      return { call: { ...visit, state: "active", participants } };
    });
    server.now.emit("user:ana", "call:incoming", visit);
    await server.now.advance(0);
    void (how === "joinVisit" ? ana.calls.joinVisit("v1") : ana.calls[how]());
    await server.now.advance(0);
    expect(ana.calls.get()).toMatchObject({ phase: "active", self: { audio: true, video: true } });
    expect(opened).toEqual(["audio", "video"]);
  },
);

test("starting a call shows it as outgoing until somebody takes it", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  server.now.answer("call:initiate", () => ({ callId: "c1", roomId: "call:c1", state: "ringing" }));
  server.now.answer("call:media", () => ({}));
  server.now.answer("call:end", () => ({}));
  void lee.calls.start("ana", "video");
  await server.now.advance(0);
  expect(lee.calls.get()).toMatchObject({ phase: "outgoing", peers: [], call: { callType: "video" } });
  server.now.emit("user:dr-lee", "call:accepted", { callId: "c1", userId: "ana", clientId: "phone" });
  await server.now.advance(0);
  expect(lee.calls.get()).toMatchObject({ phase: "active", peers: [{ userId: "ana" }] });
  await server.now.advance(90_000);
  lee.calls.hangUp(true);
  expect(lee.calls.get()).toMatchObject({
    phase: "none",
    ended: { callId: "c1", reason: "hangup", durationMs: 90_000 },
  });
  await server.now.advance(0);
  expect(count(server.now, "call:end")).toBe(1);
});

test("a call that is missed or declined no longer rings", async () => {
  const [ana] = await connected(server.now, "ana");
  server.now.answer("call:reject", () => ({}));
  server.now.emit("user:ana", "call:incoming", ringing());
  await server.now.advance(0);
  server.now.emit("user:ana", "call:missed", { callId: "c1", callerId: "dr-lee", callType: "video" });
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({ phase: "none", ended: { reason: "timeout" } });
  server.now.emit("user:ana", "call:incoming", ringing());
  await server.now.advance(0);
  ana.calls.reject("later");
  await server.now.advance(0);
  expect(ana.calls.get()).toMatchObject({ phase: "none" });
  expect(server.now.received.find((one) => one.type === "call:reject")?.data).toEqual({
    callId: "c1",
    reason: "later",
  });
});

test("a call goes on over an outage", async () => {
  const [ana] = await connected(server.now, "ana");
  const here = await clientId(ana);
  server.now.answer("call:accept", () => ({}));
  server.now.answer("call:media", () => ({}));
  server.now.answer("call:join", () => ({
    call: {
      ...ringing(),
      state: "active",
      participants: [member("dr-lee", "joined", "lee"), member("ana", "joined", here)],
    },
  }));
  server.now.emit("user:ana", "call:incoming", ringing());
  await server.now.advance(0);
  void ana.calls.accept();
  await server.now.advance(0);
  const back = unplug(ana);
  await server.now.advance(1_000);
  expect(ana.calls.get()).toMatchObject({ phase: "active" });
  back();
  await server.now.advance(30_000);
  expect(ana.calls.get()).toMatchObject({ phase: "active" });
  expect(count(server.now, "call:join")).toBe(1);
});

test("another call does not disturb the one that is under way", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  server.now.answer("call:initiate", () => ({ callId: "c1", roomId: "call:c1", state: "ringing" }));
  server.now.answer("call:media", () => ({}));
  void lee.calls.start("ana", "audio");
  await server.now.advance(0);
  server.now.emit("user:dr-lee", "call:incoming", { ...ringing(), callId: "c2", callerId: "ben" });
  await server.now.advance(0);
  expect(lee.calls.get()).toMatchObject({ phase: "outgoing", call: { callId: "c1" } });
});

test("a call that cannot be started says why", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  unplug(lee);
  await server.now.advance(0);
  const starting = expect(lee.calls.start("ana", "audio")).rejects.toMatchObject({ code: "offline" });
  await server.now.advance(0);
  await starting;
  expect(lee.calls.get()).toMatchObject({ phase: "none" });
});

test("a call that everybody declines is over for the caller", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  server.now.answer("call:initiate", () => ({ callId: "c1", roomId: "call:c1", state: "ringing" }));
  server.now.answer("call:media", () => ({}));
  void lee.calls.start(["ana", "ben"], "audio");
  await server.now.advance(0);
  server.now.emit("user:dr-lee", "call:rejected", { callId: "c1", userId: "ana" });
  await server.now.advance(0);
  expect(lee.calls.get()).toMatchObject({ phase: "outgoing" });
  server.now.emit("user:dr-lee", "call:rejected", { callId: "c1", userId: "ben" });
  await server.now.advance(0);
  expect(lee.calls.get()).toMatchObject({ phase: "none", ended: { callId: "c1", reason: "rejected" } });
});
