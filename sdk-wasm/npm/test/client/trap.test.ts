// The core ends by a fault of its own, at every point at which it runs.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** What an export of the core does instead of running, once it is to trap. */
let trapping = false;
const RealInstance = WebAssembly.Instance;

beforeEach(() => {
  trapping = false;
  // A page has one core, and after a trap it has none: each test has a page of its own.
  vi.resetModules();
  vi.spyOn(WebAssembly, "Instance").mockImplementation(function (module, imports) {
    const { exports } = new RealInstance(module, imports);
    const all = Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? mayTrap(value as (...args: unknown[]) => unknown) : value,
    ]);
    return { exports: Object.fromEntries(all) };
  } as (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function mayTrap(fn: (...args: unknown[]) => unknown) {
  return (...args: unknown[]) => {
    if (trapping) throw new WebAssembly.RuntimeError("unreachable");
    return fn(...args);
  };
}

/** A socket to nowhere. */
class Silent extends EventTarget {
  static open = new Set<Silent>();
  binaryType = "blob";
  readyState = 0;

  constructor() {
    super();
    Silent.open.add(this);
  }

  send(): void {}

  close(): void {
    Silent.open.delete(this);
  }
}

async function client(webSocket: new () => Silent = Silent) {
  const { Carewire } = await import("carewire");
  const options = { url: "ws://nowhere.test/ws", token: "x", webSocket: webSocket as never };
  return Carewire.create(options);
}

/** A client that dials. */
async function dialling(webSocket?: new () => Silent) {
  const made = await client(webSocket);
  made.connect().catch(() => {});
  const before = Silent.open.size;
  await vi.waitFor(() => expect(Silent.open.size).toBe(before + 1), 10_000);
  return made;
}

const failed = { code: "core_failed", message: expect.stringContaining("unreachable") };

test("a request that the core traps over fails with that, with a signal, too", async () => {
  const one = await dialling();
  trapping = true;
  const { signal } = new AbortController();
  const asking = [one.request("unread:get", {}, { signal }), one.request("unread:get", {}, { signal })];
  const ends = asking.map((ask) => expect(ask).rejects.toMatchObject(failed));
  await Promise.all(ends);
  expect(one.state.get()).toMatchObject({ status: "closed", reason: "core_failed", error: failed });
  await expect(one.request("unread:get")).rejects.toMatchObject(failed);
});

test("what the core is given first, and traps over, is answered, all of it", async () => {
  const one = await client();
  one.connect().catch(() => {});
  const asking = [one.request("unread:get"), one.request("unread:get")];
  const ends = asking.map((ask) => expect(ask).rejects.toMatchObject(failed));
  trapping = true;
  await Promise.all(ends);
  expect(one.outbox.get()).toEqual([]);
});

test("a client that comes after a trap which no client saw is told", async () => {
  const one = await dialling();
  await one.close();
  trapping = true;
  // What was closed is given back to the core, in a task of its own.
  await new Promise((resolve) => setTimeout(resolve, 0));
  trapping = false;
  const next = await client();
  await expect(next.connect()).rejects.toMatchObject(failed);
  expect(next.state.get()).toMatchObject({ status: "closed", reason: "core_failed" });
});

test("a core that traps where it starts is not started", async () => {
  const { init } = await import("carewire");
  trapping = true;
  await expect(init()).rejects.toMatchObject(failed);
  trapping = false;
  await expect((await client()).connect()).rejects.toMatchObject(failed);
});

test("a client for which the core was loaded just before it trapped is told", async () => {
  const one = await dialling();
  const next = await client();
  const connecting = expect(next.connect()).rejects.toMatchObject(failed);
  trapping = true;
  await expect(one.request("unread:get")).rejects.toMatchObject(failed);
  await connecting;
});

test("a socket of the application's own that cannot be closed keeps no client from being told", async () => {
  class Stuck extends Silent {
    override close(): void {
      throw new Error("stuck");
    }
  }
  const all = [await dialling(Stuck), await dialling()];
  trapping = true;
  await expect(all[0]!.request("unread:get")).rejects.toMatchObject(failed);
  for (const one of all) expect(one.state.get()).toMatchObject({ reason: "core_failed", error: failed });
  expect([...Silent.open].every((socket) => socket instanceof Stuck)).toBe(true);
});

test("nothing enters the core after a trap: from within it with an error, from outside to no effect", async () => {
  const { instantiate, onTrap, stop } = await import("../../src/core/runtime.js");
  const told: string[] = [];
  onTrap((message) => {
    told.push(message);
    stop(new Error("ended"));
  });
  const ran: string[] = [];
  const exports = {
    /** Calls an import that catches, and one that asks for memory. */
    outer: () => {
      try {
        core.trap!();
      } catch {
        ran.push("went on");
      }
      core.malloc!();
      ran.push("wrote");
    },
    trap: () => {
      throw new WebAssembly.RuntimeError("unreachable");
    },
    malloc: () => void ran.push("malloc"),
  };
  vi.spyOn(WebAssembly, "Instance").mockImplementation(function () {
    return { exports };
  } as () => WebAssembly.Instance);
  const core = instantiate({} as WebAssembly.Module, {}).exports as Record<string, () => unknown>;
  expect(core.outer!()).toEqual([]);
  expect(core.malloc!()).toEqual([]);
  expect(ran).toEqual(["went on"]);
  expect(told).toHaveLength(1);
});
