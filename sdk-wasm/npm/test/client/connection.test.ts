import { Carewire, CarewireError } from "carewire";
import { unplug } from "carewire/testing";
import { expect, test, vi } from "vitest";
import { connected, count, history, useServer } from "./help.js";

const server = useServer();

test("a client that is made does nothing until it connects", async () => {
  const client = server.now.client("ana");
  await server.now.advance(5_000);
  expect(client.state.get()).toEqual({ status: "idle" });
  expect(server.now.sockets).toBe(0);
});

test("connecting says who this is, and connecting again is no error", async () => {
  const client = server.now.client("ana", "patient");
  const [first, second] = [client.connect(), client.connect()];
  await server.now.advance(0);
  expect((await first).userId).toBe("ana");
  expect(await second).toBe(await first);
  expect(server.now.sockets).toBe(1);
});

test("it waits through an outage and comes back", async () => {
  const [client] = await connected(server.now, "ana");
  const states = history(client.state, (state) => state.status);
  server.now.cut();
  await server.now.advance(3_000);
  expect(client.state.get()).toMatchObject({ status: "reconnecting", online: true });
  server.now.heal();
  await server.now.advance(30_000);
  expect(states.at(-1)).toBe("connected");
  expect(client.state.get()).toMatchObject({ recovering: false });
  expect(server.now.sockets).toBe(1);
});

test("the moment of the next attempt is known, and need not be waited for", async () => {
  const [client] = await connected(server.now, "ana");
  server.now.cut();
  await server.now.advance(60_000);
  const state = client.state.get();
  expect(state).toHaveProperty("retryAt");
  server.now.heal();
  client.reconnectNow();
  await server.now.advance(0);
  expect(client.state.get().status).toBe("connected");
});

test("a final close code closes it, and says why", async () => {
  const [client] = await connected(server.now, "ana");
  server.now.cut(4409);
  await server.now.advance(0);
  expect(client.state.get()).toMatchObject({ status: "closed", reason: "disconnected" });
  await expect(client.connect()).rejects.toMatchObject({ code: "closed" });
  await expect(client.request("unread:get")).rejects.toMatchObject({ code: "closed" });
});

test("a token of somebody else closes it before anything is shown", async () => {
  const client = server.now.client("ana", "patient", { userId: "ben" });
  const seen = vi.fn();
  client.on("*", seen);
  const connecting = client.connect();
  const failed = expect(connecting).rejects.toThrow(/somebody else/);
  await server.now.advance(0);
  await failed;
  expect(client.state.get()).toMatchObject({ status: "closed", reason: "wrong_user" });
  expect(seen).not.toHaveBeenCalled();
});

test("the token function is asked once for each connection, and never twice at once", async () => {
  const asked: string[] = [];
  let answer: (token: string) => void = () => {};
  const getToken = vi.fn(({ why }: { why: string }) => {
    asked.push(why);
    return new Promise<string>((resolve) => (answer = resolve));
  });
  const client = server.now.client("ana", "patient", { getToken } as never);
  void client.connect();
  await server.now.advance(10_000);
  expect(asked).toEqual(["connect"]);
  answer(JSON.stringify({ userId: "ana", role: "patient" }));
  await server.now.advance(0);
  expect(client.state.get().status).toBe("connected");
});

test("a question for a token that is still open is not asked again by a new connection", async () => {
  const token = JSON.stringify({ userId: "ana", role: "patient" });
  let answer: ((token: string) => void) | undefined;
  const getToken = vi.fn(({ why }: { why: string }) =>
    why === "connect" ? Promise.resolve(token) : new Promise((resolve) => (answer = resolve)),
  );
  const client = server.now.client("ana", "patient", { getToken } as never);
  void client.connect();
  // A token that is younger is not renewed at once.
  await server.now.advance(60_000);
  server.now.emit("user:ana", "auth:expiring", { expiresAt: "2030-01-01T00:00:00.000Z" });
  await server.now.advance(0);
  expect(getToken.mock.calls).toMatchObject([[{ why: "connect" }], [{ why: "expiring" }]]);
  server.now.cut();
  await server.now.advance(1_000);
  server.now.heal();
  await server.now.advance(5_000);
  expect(client.state.get().status).toBe("reconnecting");
  expect(getToken).toHaveBeenCalledTimes(2);
  answer?.(token);
  await server.now.advance(0);
  expect(client.state.get().status).toBe("connected");
});

test("a token function that never answers is given up, told so, and asked again", async () => {
  const token = JSON.stringify({ userId: "ana", role: "patient" });
  const asked: AbortSignal[] = [];
  const getToken = ({ signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    return asked.length > 1 ? Promise.resolve(token) : new Promise(() => {});
  };
  const client = server.now.client("ana", "patient", { getToken } as never);
  void client.connect();
  await server.now.advance(60_000);
  expect(client.state.get().status).toBe("connected");
  expect(asked.map((signal) => signal.aborted)).toEqual([true, false]);
});

test("a question for a token that is answered is not given up any more", async () => {
  const token = JSON.stringify({ userId: "ana", role: "patient" });
  const asked: AbortSignal[] = [];
  const getToken = async ({ signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    return token;
  };
  const client = server.now.client("ana", "patient", { getToken } as never);
  void client.connect();
  await server.now.advance(0);
  server.now.cut();
  await server.now.advance(1_000);
  server.now.heal();
  await server.now.advance(30_000);
  await client.close();
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.filter((signal) => signal.aborted)).toEqual([]);
});

test("a token function that throws is asked again; null says that nobody is signed in", async () => {
  const getToken = vi.fn().mockRejectedValueOnce(new Error("500")).mockResolvedValue(null);
  const client = server.now.client("ana", "patient", { getToken } as never);
  const connecting = expect(client.connect()).rejects.toMatchObject({ code: "closed" });
  await server.now.advance(30_000);
  await connecting;
  expect(getToken).toHaveBeenCalledTimes(2);
  expect(client.state.get()).toMatchObject({ status: "closed", reason: "signed_out" });
});

test("a refused token is fetched anew once", async () => {
  const tokens = ["rubbish", JSON.stringify({ userId: "ana", role: "patient" })];
  const getToken = vi.fn(async () => tokens.shift() ?? null);
  const client = server.now.client("ana", "patient", { getToken } as never);
  void client.connect();
  await server.now.advance(30_000);
  expect(client.state.get().status).toBe("connected");
  expect(getToken.mock.calls).toMatchObject([[{ why: "connect" }], [{ why: "rejected" }]]);
});

test("connecting can be given up, and the client goes on", async () => {
  server.now.cut();
  const client = server.now.client("ana");
  const giveUp = new AbortController();
  const connecting = client.connect({ signal: giveUp.signal });
  await server.now.advance(2_000);
  giveUp.abort(new Error("enough"));
  await expect(connecting).rejects.toThrow("enough");
  server.now.heal();
  await server.now.advance(30_000);
  expect(client.state.get().status).toBe("connected");
});

test("Carewire.connect that is given up leaves nothing behind", async () => {
  const giveUp = new AbortController();
  giveUp.abort();
  const url = "ws://carewire.test/ws";
  await expect(Carewire.connect({ url, token: "x", signal: giveUp.signal })).rejects.toThrow();
  await server.now.advance(10_000);
  expect(server.now.sockets).toBe(0);
});

test("closing ends the socket, and what is asked afterwards fails at once", async () => {
  const [client] = await connected(server.now, "ana");
  await client.close();
  await server.now.advance(0);
  expect(server.now.sockets).toBe(0);
  expect(client.state.get()).toMatchObject({ status: "closed", reason: "closed" });
  await expect(client.request("unread:get")).rejects.toBeInstanceOf(CarewireError);
});

test("closing can wait for what is not confirmed yet", async () => {
  const [client] = await connected(server.now, "ana");
  const body = "the last word";
  void client.request("message:send", { roomId: "chat:ana:dr-lee", body });
  const closing = client.close({ flushMs: 5_000 });
  await server.now.advance(0);
  await closing;
  expect(count(server.now, "message:send")).toBe(1);
});

test("closing waits no longer than it was told", async () => {
  const [client] = await connected(server.now, "ana");
  unplug(client);
  await server.now.advance(0);
  const sending = client.request("message:send", { roomId: "chat:ana:dr-lee", body: "never" });
  const closing = client.close({ flushMs: 5_000 });
  const failed = expect(sending).rejects.toMatchObject({ code: "closed" });
  await server.now.advance(4_000);
  expect(client.state.get().status).toBe("reconnecting");
  await server.now.advance(1_000);
  await closing;
  await failed;
});

test("a warning of the log-off shows until the person is there", async () => {
  const [client] = await connected(server.now, "ana");
  server.now.emit("user:ana", "auth:idle", { logoffAt: "2030-01-01T00:00:00.000Z" });
  await server.now.advance(0);
  expect(client.state.get()).toMatchObject({ logoffAt: Date.parse("2030-01-01T00:00:00.000Z") });
});

test("an address that is none is refused for good", async () => {
  const client = Carewire.create({ url: "not an address", token: "x" });
  await expect(client.connect()).rejects.toMatchObject({ code: "core_failed" });
});
