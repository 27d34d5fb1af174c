// Real sockets in Node, where the package brings the socket that Node 20 lacks.

import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Carewire } from "carewire";
import { WebSocketServer, type WebSocket } from "ws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { history } from "./help.js";

let server: WebSocketServer;
let open: Set<WebSocket>;
let refuse = false;

beforeEach(async () => {
  refuse = false;
  open = new Set();
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", verifyClient: () => !refuse });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("message", (text) => answer(socket, JSON.parse(String(text))));
  });
  await new Promise((resolve) => server.once("listening", resolve));
});

afterEach(async () => {
  for (const socket of open) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function answer(socket: WebSocket, { type, id }: { type: string; id: number }): void {
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const timestamp = new Date().toISOString();
  if (type === "session:resume") {
    const unread = { unreadCounts: {}, totalUnread: 0, rooms: {} };
    return send({ type: "reply", id, data: { rooms: [], unread, presences: [] } });
  }
  send({ type: "reply", id, data: {} });
  if (type !== "auth:authenticate") return;
  send({
    type: "connected",
    timestamp,
    data: {
      connectionId: "c",
      userId: "ana",
      tenantId: "clinic",
      role: "patient",
      protocol: "1",
      serverTime: timestamp,
      tokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      heartbeatIntervalMs: 15_000,
      limits: {
        maxPayloadBytes: 1_048_576,
        messagesPerSecond: 20,
        commandsPerSecond: 200,
        roomsPerConnection: 200,
      },
      calls: [],
      rooms: [],
    },
  });
}

const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;

test("it connects, comes back after a loss, and closes", async () => {
  const client = await Carewire.connect({ url: url(), token: "x" });
  expect(open.size).toBe(1);
  const states = history(client.state, ({ status }) => status);
  for (const socket of open) socket.terminate();
  await vi.waitFor(() => expect(states).toContain("reconnecting"), 10_000);
  await vi.waitFor(
    () => expect(client.state.get()).toMatchObject({ status: "connected", recovering: false }),
    10_000,
  );
  await client.close();
  await vi.waitFor(() => expect(open.size).toBe(0), 5_000);
}, 20_000);

test("a server that refuses the handshake is tried again", async () => {
  refuse = true;
  const client = Carewire.create({ url: url(), token: "x" });
  const connecting = client.connect();
  await vi.waitFor(() => expect(client.state.get().status).toBe("reconnecting"), 10_000);
  refuse = false;
  client.reconnectNow();
  await connecting;
  await client.close();
}, 20_000);

test("a path is no address where there is no page", async () => {
  const client = Carewire.create({ url: "/ws", token: "x" });
  await expect(client.connect()).rejects.toMatchObject({ code: "core_failed" });
});

test("the package can be required", () => {
  const required = createRequire(import.meta.url)("carewire");
  expect(required.Carewire.create({ url: url(), token: "x" }).state.get().status).toBe("idle");
});
