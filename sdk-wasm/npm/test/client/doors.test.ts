// Code that comes with its first use: in which order things happen, and what becomes of failures.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Engine } from "../../src/engine.js";
import { Door, from, late, type Kind, type Part } from "../../src/late.js";
import type { Loaded, WireEvent } from "../../src/types.js";

type View = Loaded & { count: number; add(by: number): void; total(): Promise<number> };
type Code = new (door: Door<View>) => Part;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A door to a part that writes down what it is told, and its code, which comes when a test says so. */
function setUp(more: Partial<Kind<View, undefined>> = {}) {
  const told: string[] = [];
  class Counter implements Part {
    #count = 0;

    constructor(readonly door: Door<View>) {
      told.push("made");
    }

    readonly fns = {
      add: (by: number) => {
        told.push(`add ${by}`);
        this.#count += by;
        this.door.changed();
      },
      total: async () => {
        told.push("total");
        return this.#count;
      },
    };

    view = () => ({ count: this.#count });
    start() {
      told.push("start");
      this.door.ready();
    }
    stop = () => told.push("stop");
    drop = () => told.push("drop");
    event = ({ type }: WireEvent) => told.push(type);
  }
  const asked: { come(): Promise<void>; fail(error?: Error): Promise<void> }[] = [];
  const settled = async () => {
    await vi.advanceTimersByTimeAsync(0);
  };
  const fetch = () =>
    new Promise<{ Counter: Code }>((resolve, reject) => {
      asked.push({
        come: () => (resolve({ Counter }), settled()),
        fail: (error = new TypeError("Load failed")) => (reject(error), settled()),
      });
    });
  const engine = new Engine({ url: "", token: "" });
  const kind: Kind<View, undefined> = {
    code: from(late(fetch), (module) => module.Counter),
    first: { count: 0 },
    fns: { add: false, total: true },
    ...more,
  };
  const open = () => engine.shared("counter", (engine, key) => new Door<View>(engine, key, kind, undefined));
  return { asked, engine, open, told };
}

const event = (type: string) => ({ type }) as WireEvent;

test("a view is there before its code, and what is done meanwhile is done in order", async () => {
  const { asked, open, told } = setUp();
  const view = open().view.handle();
  const before = view.get();
  expect(before).toMatchObject({ status: "loading", live: false, count: 0 });
  view.add(1);
  const total = view.total();
  view.add(2);
  expect([asked.length, told]).toEqual([1, []]);
  await asked[0]!.come();
  expect(told).toEqual(["made", "start", "add 1", "total", "add 2"]);
  expect(await total).toBe(1);
  expect(view.get()).toMatchObject({ status: "ready", count: 3 });
  expect(view.get().add).toBe(before.add);
});

test("who looks later has the code at once", async () => {
  const { asked, open, told } = setUp();
  const first = open().view.handle();
  await asked[0]!.come();
  first.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(["made", "start", "stop", "drop"]);
  const second = open().view.handle();
  second.add(1);
  expect(second.get()).toMatchObject({ status: "ready", count: 1 });
  expect(asked).toHaveLength(1);
});

test("code that cannot be loaded is an error of its view, and is tried again while somebody looks", async () => {
  const { asked, open, told } = setUp();
  const view = open().view.handle();
  view.add(1);
  const total = view.total();
  const failed = expect(total).rejects.toMatchObject({ code: "unavailable", cause: expect.any(TypeError) });
  await asked[0]!.fail();
  await failed;
  expect(view.get()).toMatchObject({ status: "error", live: false, error: { code: "unavailable" } });
  // Whoever looks meanwhile changes nothing: it is fetched again after a while.
  open().view.handle();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  await asked[1]!.fail();
  await vi.advanceTimersByTimeAsync(999);
  expect(asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  await asked[2]!.come();
  // What was refused is not done after all.
  expect(told).toEqual(["made", "start", "add 1"]);
  expect(view.get()).toMatchObject({ status: "ready", count: 1 });
  expect(view.get().error).toBeUndefined();
});

test("code that could not be loaded offline is loaded when the network is back", async () => {
  const { asked, open, told } = setUp();
  const door = open();
  door.view.handle();
  await asked[0]!.fail();
  door.local({ type: "caughtUp" });
  await asked[1]!.fail();
  door.local({ type: "caughtUp" });
  await asked[2]!.come();
  expect(told).toEqual(["made", "start"]);
});

test("code that is coming, or has come, is not fetched again", async () => {
  const come: ((module: object) => void)[] = [];
  let fetched = 0;
  const file = late(async () => {
    if (fetched++ === 0) throw new TypeError("Load failed");
    return new Promise<object>((resolve) => come.push(resolve));
  });
  await expect(file.load()).rejects.toMatchObject({ code: "unavailable" });
  const coming = file.load(true);
  // Another view of the same file, whose network has come back, too.
  void file.load(true);
  expect(fetched).toBe(2);
  const module = {};
  come[0]!(module);
  expect(await coming).toBe(module);
  expect(await file.load(true)).toBe(module);
  expect(fetched).toBe(2);
});

test("who has gone before the code came leaves nothing", async () => {
  const { asked, engine, open, told } = setUp();
  open().view.handle().close();
  await vi.advanceTimersByTimeAsync(1_000);
  await asked[0]!.come();
  expect(told).toEqual([]);
  expect(engine.find("counter")).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test("code that never comes is fetched with pauses, and holds nobody", async () => {
  const { asked, engine, open } = setUp();
  const view = open().view.handle();
  for (let i = 0; i < 200; i++) view.add(1);
  await asked[0]!.fail();
  for (let i = 0; i < 200; i++) view.add(1);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  await asked[1]!.fail();
  view.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([engine.find("counter"), vi.getTimerCount()]).toEqual([undefined, 0]);
  expect(asked.length).toBeLessThanOrEqual(3);
});

test("what is too much to wait for its code is refused, and holds nobody", async () => {
  const { asked, engine, open, told } = setUp();
  const view = open().view.handle();
  for (let i = 0; i < 1_001; i++) view.add(1);
  await expect(view.total()).rejects.toMatchObject({ code: "queue_full" });
  await asked[0]!.come();
  expect(told.filter((one) => one === "add 1")).toHaveLength(1_000);
  view.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(engine.find("counter")).toBeUndefined();
});

test("what was done is done, even where whoever did it has gone", async () => {
  const { asked, engine, open, told } = setUp();
  const view = open().view.handle();
  view.add(1);
  view.close();
  await vi.advanceTimersByTimeAsync(60_000);
  await asked[0]!.come();
  expect(told).toEqual(["made", "start", "add 1"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.slice(3)).toEqual(["stop", "drop"]);
  expect(engine.find("counter")).toBeUndefined();
});

test("nothing begins in a client that was closed meanwhile, and who waits is told", async () => {
  const { asked, engine, open, told } = setUp();
  const view = open().view.handle();
  const total = expect(view.total()).rejects.toMatchObject({ code: "closed" });
  view.add(1);
  await engine.close();
  await asked[0]!.come();
  await total;
  expect(told).toEqual([]);
  await expect(view.total()).rejects.toMatchObject({ code: "closed" });
  open().view.handle();
  expect(asked).toHaveLength(1);
});

test("what wakes it reaches it, with all that follows, in order and once", async () => {
  const wakes = (what: { type: string }, isAwake: boolean) => isAwake || what.type === "call:incoming";
  const { asked, open, told } = setUp({ wakes });
  const door = open();
  door.hold();
  door.event(event("call:ended"));
  expect(asked).toHaveLength(0);
  door.event(event("call:incoming"));
  door.event(event("call:media"));
  await asked[0]!.fail();
  expect(door.view.get()).not.toHaveProperty("status");
  door.event(event("call:ended"));
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  await asked[1]!.come();
  door.event(event("call:missed"));
  expect(told).toEqual(["made", "start", "call:incoming", "call:media", "call:ended", "call:missed"]);
});

test("what a browser could not fetch is asked for by another name", async () => {
  const { asked, open, told } = setUp();
  const view = open().view.handle();
  // As Chromium says it, which fetches nothing twice by the same name.
  const address = "data:text/javascript,export class Counter { drop() {} view() { return { count: 7 } } }//";
  await asked[0]!.fail(
    new TypeError(`Failed to fetch dynamically imported module: ${address.replaceAll(" ", "%20")}`),
  );
  await vi.advanceTimersByTimeAsync(500);
  vi.useRealTimers();
  await vi.waitFor(() => expect(view.get()).toMatchObject({ count: 7 }));
  expect([asked.length, told]).toEqual([1, []]);
});
