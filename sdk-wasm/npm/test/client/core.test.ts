// Loading the core, and what it writes down.

import { readFileSync } from "node:fs";
import { chatRoom, init } from "carewire";
import { expect, test, vi } from "vitest";
import { connected, useServer } from "./help.js";

const server = useServer();

test("a core that may not be compiled says what it needs, and is tried again by the next client", async () => {
  const compile = vi.spyOn(WebAssembly, "compile");
  compile.mockRejectedValueOnce(new WebAssembly.CompileError("Wasm code generation disallowed by embedder"));
  const client = server.now.client("ana");
  await expect(client.connect()).rejects.toMatchObject({
    code: "core_failed",
    message: expect.stringMatching(/disallowed by embedder.*'wasm-unsafe-eval'/),
  });
  expect(client.state.get()).toMatchObject({ status: "closed", reason: "core_failed" });
  const [next] = await connected(server.now, "ana");
  expect(next.state.get().status).toBe("connected");
  expect(compile).toHaveBeenCalledTimes(2);
  compile.mockRestore();
});

test("the core can be given, and is started once", async () => {
  await init(readFileSync(new URL("../../dist/carewire.wasm", import.meta.url)));
  const compile = vi.spyOn(WebAssembly, "compile");
  await connected(server.now, "ana", "dr-lee");
  expect(compile).not.toHaveBeenCalled();
  compile.mockRestore();
});

test("what is written down has neither bodies nor tokens nor names", async () => {
  const lines: string[] = [];
  const log = (line: object) => lines.push(JSON.stringify(line));
  const token = JSON.stringify({ userId: "ana", role: "patient", secret: "canary-token" });
  const ana = server.now.client("ana", "patient", { log, getToken: async () => token });
  void ana.connect();
  await server.now.advance(0);
  const room = ana.room(chatRoom("dr-lee", "ana"));
  void room.messages.send("canary-body");
  void room.messages.send("");
  server.now.cut();
  await server.now.advance(2_000);
  server.now.heal();
  await server.now.advance(30_000);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join()).not.toMatch(/canary/);
});

test("a client that is not told to writes nothing", async () => {
  const out = (["debug", "info", "log", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
  await connected(server.now, "ana");
  server.now.cut();
  await server.now.advance(2_000);
  for (const spy of out) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});
