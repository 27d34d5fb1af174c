// Much of everything, and nothing left behind.

import { expect, settle, test } from "../src/bare.ts";

test("10,000 events come in order, once, with the connection lost in between", async ({ bare }) => {
  await bare.server.backend("PUT", "/v1/visits/v-1", { participantIds: ["dr-lee"] });
  const page = await bare.open();
  await page.evaluate(async () => {
    const client = await window.carewire.connect("dr-lee");
    const room = client.room("visit:v-1");
    await room.ready;
    const heard: number[] = [];
    room.on("room:event", (event) => heard.push((event.data.payload as { n: number }).n));
    Object.assign(window.kept, { client, room, heard });
  });
  const publish = async (from: number) => {
    const events = Array.from({ length: 500 }, (_, at) => ({
      target: { room: "visit:v-1" },
      retain: true,
      event: { type: "room:event", data: { event: "tick", payload: { n: from + at } } },
    }));
    await bare.server.backend("POST", "/v1/publish", events);
  };
  for (let from = 0; from < 10_000; from += 500) {
    if (from === 3000)
      await page.evaluate(() => void (window.kept.plugIn = window.carewire.unplug(window.kept.client)));
    if (from === 6000) await page.evaluate(() => window.kept.plugIn());
    await publish(from);
  }
  await expect.poll(() => page.evaluate(() => window.kept.heard.length), { timeout: 60_000 }).toBe(10_000);
  const ordered = await page.evaluate(() => window.kept.heard.every((n: number, at: number) => n === at));
  expect(ordered).toBe(true);
});

test("200 mounts leave no listener, no socket and no memory", async ({ bare, context }) => {
  await settle(bare.server, "dr-lee", "ana");
  await context.addInitScript(() => {
    const counts = { listeners: 0, memory: undefined as WebAssembly.Memory | undefined };
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    const watched = (target: EventTarget) => target === window || target === document;
    const known = new Map<unknown, Set<string>>();
    EventTarget.prototype.addEventListener = function (type: string, fn: never, options?: never) {
      if (watched(this) && fn) {
        const types = known.get(fn) ?? new Set();
        if (!types.has(type)) counts.listeners++;
        known.set(fn, types.add(type));
      }
      return addEventListener.call(this, type, fn, options);
    };
    EventTarget.prototype.removeEventListener = function (type: string, fn: never, options?: never) {
      if (watched(this) && known.get(fn)?.delete(type)) counts.listeners--;
      return removeEventListener.call(this, type, fn, options);
    };
    const look = (instance: WebAssembly.Instance) => {
      counts.memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
    };
    const { Instance, instantiate } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
        super(module, imports);
        look(this);
      }
    };
    WebAssembly.instantiate = (async (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
      const instance = await instantiate(module, imports);
      look(instance);
      return instance;
    }) as typeof WebAssembly.instantiate;
    (window as unknown as { counts: typeof counts }).counts = counts;
  });
  const page = await bare.open();
  const cycles = (count: number) =>
    page.evaluate(async (count) => {
      const { mount, chatRoom, tokenOf } = window.carewire;
      const room = chatRoom("ana", "dr-lee");
      // One token for all: what is measured is the client.
      window.kept.token ??= await tokenOf("dr-lee");
      const shown = () => document.querySelector('[data-view="ready"]');
      for (let at = 0; at < count; at++) {
        const unmount = mount("dr-lee", room, async () => window.kept.token);
        // Every fourth is away before it is connected.
        while (at % 4 !== 0 && !shown()) await new Promise((go) => setTimeout(go, 5));
        unmount();
      }
      const { counts } = window as unknown as { counts: { listeners: number; memory?: WebAssembly.Memory } };
      return { listeners: counts.listeners, bytes: counts.memory?.buffer.byteLength };
    }, count);
  const idle = await page.evaluate(
    () => (window as unknown as { counts: { listeners: number } }).counts.listeners,
  );
  await cycles(40);
  await expect.poll(() => bare.sockets.open).toBe(0);
  const early = await cycles(10);
  const late = await cycles(150);
  await expect.poll(() => bare.sockets.open).toBe(0);
  expect(late.bytes).toBeGreaterThan(0);
  expect(late.bytes).toBe(early.bytes);
  await expect
    .poll(() =>
      page.evaluate(() => (window as unknown as { counts: { listeners: number } }).counts.listeners),
    )
    // React's own listeners at the root stay with the document.
    .toBeLessThanOrEqual(idle + 2);
});

test("StrictMode and two components: one socket, one join", async ({ bare }) => {
  await settle(bare.server, "dr-lee", "ana");
  const page = await bare.open();
  const joins: string[] = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      const frame = JSON.parse(String(payload)) as { type: string; data: { roomId: string } };
      if (frame.type === "room:join") joins.push(frame.data.roomId);
    }),
  );
  await page.evaluate(() => {
    const { mount, chatRoom, tokenOf } = window.carewire;
    mount("dr-lee", chatRoom("ana", "dr-lee"), () => tokenOf("dr-lee"));
  });
  await expect(page.locator('[data-view="ready"]')).toHaveCount(2);
  expect(bare.sockets).toEqual({ open: 1, all: 1 });
  expect(joins).toEqual(["chat:ana:dr-lee"]);
});
