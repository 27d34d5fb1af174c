// What goes on over a lost connection, and what does not.

import { expect, settle, test } from "../src/bare.ts";

test.beforeEach(({ bare }) => settle(bare.server, "dr-lee", "ana"));

test("a call goes on", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect, unplug } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const rings = ana.once("call:incoming");
    const { callId } = await lee.request("call:initiate", { recipientIds: ["ana"], callType: "audio" });
    await rings;
    const accepted = lee.once("call:accepted");
    await ana.request("call:accept", { callId });
    await accepted;
    const resumed = ana.once("resumed");
    unplug(ana)();
    await resumed;
    const again = ana.once("call:signal", {
      where: (event) => (event.data.signal as { probe?: number }).probe === 7,
    });
    await lee.request("call:signal", {
      callId,
      recipientId: "ana",
      signalType: "ice_candidate",
      signal: { probe: 7 },
    });
    await again;
    return ana.calls.get().phase;
  });
  expect(seen).toBe("active");
});

test("a whiteboard is the same for both", async ({ bare }) => {
  const page = await bare.open();
  const seen = await page.evaluate(async () => {
    const { connect, unplug, chatRoom } = window.carewire;
    const [lee, ana] = await Promise.all([connect("dr-lee"), connect("ana", "patient")]);
    const id = chatRoom("ana", "dr-lee");
    const [lees, anas] = [lee.room(id), ana.room(id)];
    await Promise.all([lees.ready, anas.ready]);
    const plugIn = unplug(ana);
    const drawn = lee.once("whiteboard:update", { where: (event) => event.data.userId === "ana" });
    anas.whiteboard.draw({ line: 1 });
    lees.whiteboard.draw({ line: 2 });
    plugIn();
    await drawn;
    const both = [lees, anas].map((room) => room.whiteboard);
    while (both.some((board) => board.get().revision < 2)) await new Promise((go) => setTimeout(go, 20));
    const [first, second] = both.map((board) => JSON.stringify(board.get().ops));
    return { same: first === second, count: both[0]?.get().ops.length };
  });
  expect(seen).toEqual({ same: true, count: 2 });
});

test("what is about this moment is refused, and what is too large", async ({ bare }) => {
  const page = await bare.open();
  const codes = await page.evaluate(async () => {
    const { connect, unplug, chatRoom, CarewireError } = window.carewire;
    const lee = await connect("dr-lee");
    const roomId = chatRoom("ana", "dr-lee");
    const code = (asked: Promise<unknown>) =>
      asked.then(
        () => "done",
        (error: unknown) => (error instanceof CarewireError ? error.code : String(error)),
      );
    const plugIn = unplug(lee);
    const asked = [
      code(lee.request("whiteboard:cursor", { roomId, x: 0, y: 0 })),
      code(lee.request("message:send", { roomId, body: "x".repeat(1_100_000) })),
      code(lee.request("message:send", { roomId, body: "goes on" })),
    ];
    plugIn();
    return Promise.all(asked);
  });
  expect(codes).toEqual(["offline", "payload_too_large", "done"]);
});
