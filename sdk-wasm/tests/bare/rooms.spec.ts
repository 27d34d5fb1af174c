// What people do with each other.

import { expect, settle, test } from "../src/bare.ts";

test.beforeEach(({ bare }) => settle(bare.server, "dr-lee", "ana"));

test("a chat with receipts and typing", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const id = chatRoom("ana", "dr-lee");
    const [lees, anas] = [lee.room(id), ana.room(id)];
    await Promise.all([lees.ready, anas.ready]);
    const typing = ana.once("typing:start");
    lees.typing.onKeystroke();
    const typed = await typing;
    const [stopped, delivered, heard] = [
      ana.once("typing:stop"),
      lee.once("message:delivered"),
      ana.once("message:new"),
    ];
    const sent = await lees.messages.send("Hello");
    const read = lee.once("message:read");
    await Promise.all([stopped, delivered, heard]);
    anas.messages.markRead();
    await read;
    const row = lees.messages.get().messages.at(-1);
    return {
      typist: typed.data.userId,
      same: (await heard).data.message.id === sent.id,
      status: row?.status,
    };
  });
  expect(seen).toEqual({ typist: "dr-lee", same: true, status: "read" });
});

test("presence follows who comes and goes", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect } = window.carewire;
    const lee = await connect("dr-lee");
    const presence = lee.presence(["ana"]);
    const until = (status: string) =>
      new Promise<void>((resolve) => {
        const look = () => presence.of("ana").status === status && resolve();
        presence.subscribe(look);
        look();
      });
    const ana = await connect("ana", "patient");
    await until("online");
    await ana.presence([]).setStatus("busy", "on the tram");
    await until("busy");
    return presence.of("ana").customStatus;
  });
  expect(seen).toBe("on the tram");
});

test("signals of a call go from one to the other", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const rings = ana.once("call:incoming");
    const { callId } = await lee.request("call:initiate", { recipientIds: ["ana"], callType: "audio" });
    await rings;
    const accepted = lee.once("call:accepted");
    await ana.request("call:accept", { callId });
    await accepted;
    const signal = ana.once("call:signal", {
      where: (event) => (event.data.signal as { probe?: number }).probe === 7,
    });
    await lee.request("call:signal", { callId, signalType: "ice_candidate", signal: { probe: 7 } });
    const heard = (await signal).data.senderId;
    const ended = ana.once("call:ended");
    await lee.request("call:end", { callId });
    return { heard, reason: (await ended).data.reason };
  });
  expect(seen).toEqual({ heard: "dr-lee", reason: "hangup" });
});

test("a lock has one holder, and its token grows", async ({ bare }) => {
  await settle(bare.server, "dr-kim", "ana");
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect } = window.carewire;
    const [lee, kim] = await Promise.all([connect("dr-lee"), connect("dr-kim")]);
    const [lees, kims] = [lee.recordLock("ana", "note"), kim.recordLock("ana", "note")];
    const first = await lees.acquire();
    const token = () => {
      const [a, b] = [lees.get(), kims.get()];
      return a.lock === "held" ? a.fencingToken : b.lock === "held" ? b.fencingToken : 0;
    };
    const before = token();
    const second = await kims.acquire();
    const freed = kim.once("record:unlocked");
    lees.release();
    await freed;
    const third = await kims.acquire();
    return { first, second, third, grew: token() > before };
  });
  expect(seen).toEqual({ first: true, second: false, third: true, grew: true });
});

test("what is given up while offline never happens", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect, unplug, chatRoom } = window.carewire;
    const lee = await connect("dr-lee");
    const roomId = chatRoom("ana", "dr-lee");
    const plugIn = unplug(lee);
    const giving = new AbortController();
    const given = lee.request("message:send", { roomId, body: "given up" }, { signal: giving.signal });
    const kept = lee.request("message:send", { roomId, body: "kept" });
    giving.abort();
    const error = await given.catch((error: Error) => error.name);
    const waiting = lee.outbox.get().length;
    plugIn();
    await kept;
    const { messages } = await lee.request("message:history", { roomId });
    return { error, waiting, bodies: messages.map((message) => message.body) };
  });
  expect(seen).toEqual({ error: "AbortError", waiting: 1, bodies: ["kept"] });
});

test("a message keeps its order and happens once, over a server that is killed", async ({ bare }) => {
  const page = await bare.open();
  await page.evaluate(async () => {
    const { connect, chatRoom } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const id = chatRoom("ana", "dr-lee");
    const [lees, anas] = [lee.room(id), ana.room(id)];
    await Promise.all([lees.ready, anas.ready]);
    const heard: string[] = [];
    anas.on("message:new", (event) => heard.push(event.data.message.body));
    Object.assign(window.kept, { lees, lee, ana, heard, sent: [] });
  });
  const send = (bodies: string[]) =>
    page.evaluate(
      (bodies) => void bodies.forEach((body) => window.kept.sent.push(window.kept.lees.messages.send(body))),
      bodies,
    );
  await send(["1", "2"]);
  await bare.server.kill();
  await send(["3", "4"]);
  await bare.server.start();
  const heard = await page.evaluate(async () => {
    const { lee, ana, sent, heard } = window.kept;
    lee.reconnectNow();
    ana.reconnectNow();
    await Promise.all(sent);
    while (heard.length < 4) await new Promise((go) => setTimeout(go, 20));
    return heard;
  });
  expect(heard).toEqual(["1", "2", "3", "4"]);
});
