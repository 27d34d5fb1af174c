// A server in memory that speaks the contract, for tests of an application.

import type { CommandMap, ConnectedEvent, EventMap, RoomId } from "../protocol.js";
import { Carewire, engineOf } from "../client.js";
import { load } from "../core/load.js";
import { KINDS } from "../doors.js";
import { useClock } from "../core/runtime.js";
import { CarewireError } from "../errors.js";
import { off } from "../live.js";
import {
  roomName,
  type Data,
  type List,
  type Off,
  type Options,
  type Reply,
  type Settings,
} from "../types.js";
import { VirtualClock } from "./clock.js";
import { COMMANDS, type World } from "./commands.js";
import type { FakeConnection } from "./connection.js";
import { FakeRoom } from "./room.js";
import { FakeSocket, type Listener } from "./socket.js";

const HEARTBEAT = 15_000;

/** A server in memory: the real core of the client, a socket in memory, time that a test moves. */
export interface FakeServer extends Disposable {
  /** A client of this user. It connects when it is told to, as every other. */
  client(userId: string, role?: string, options?: Partial<Options>): Carewire;
  /** What a `CarewireProvider` needs to reach it as this user. */
  options(userId: string, role?: string): Settings & { getToken(): Promise<string> };
  /** Answers a command instead of what the server does by itself; a thrown error refuses it. */
  answer<T extends keyof CommandMap>(
    type: T,
    fn: (data: Data<T>, userId: string) => Reply<T> | CarewireError,
  ): Off;
  /** Tells something to a room. */
  emit<T extends keyof EventMap>(room: RoomId, type: T, data: EventMap[T]): void;
  /** Every command that was received. */
  readonly received: List<{ type: string; userId: string; data: unknown }>;
  /** How many sockets are open. */
  readonly sockets: number;
  /** How many memberships of rooms there are, over all connections. */
  readonly memberships: number;
  /** Ends every connection, with this code or as a network does, and lets nobody in. */
  cut(code?: number): void;
  /** Lets them in again. */
  heal(): void;
  /** What was retained in a room is gone, so that nothing can be replayed. */
  forget(room: RoomId): void;
  /** Lets time pass. With 0, everything happens that needs no time. */
  advance(ms: number): Promise<void>;
}

/** A server in memory. Dispose it, or time stands still for ever. */
export function fakeServer(): FakeServer {
  return new Server();
}

/** Takes the network away from a client, until the result is called. */
export function unplug(client: Carewire): Off {
  const engine = engineOf(client);
  engine.cut(true);
  return off(() => engine.cut(false));
}

class Server implements FakeServer, Listener, World {
  readonly received: { type: string; userId: string; data: unknown }[] = [];
  #clock = new VirtualClock();
  #rooms = new Map<RoomId, FakeRoom>();
  #open = new Set<FakeSocket>();
  #connections = new Map<FakeSocket, FakeConnection>();
  #follows = new Map<FakeConnection, Set<string>>();
  #answers = new Map<string, (data: never, userId: string) => unknown>();
  #replies = new Map<string, unknown>();
  #clients: Carewire[] = [];
  #down = false;
  #count = 0;
  #after: (() => void)[] = [];

  constructor() {
    useClock(this.#clock);
    this.#beat();
  }

  /** Without it a client would take a connection that nothing happens on for a dead one. */
  #beat(): void {
    this.#clock.setTimeout(() => {
      for (const { socket } of this.#connections.values()) socket.deliver({ type: "ping" });
      this.#beat();
    }, HEARTBEAT);
  }

  get sockets(): number {
    return this.#open.size;
  }

  get memberships(): number {
    return [...this.#rooms.values()].reduce((sum, room) => sum + room.members.size, 0);
  }

  options(userId: string, role = "provider"): Settings & { getToken(): Promise<string> } {
    const server = this;
    const webSocket = class extends FakeSocket {
      constructor(url: string) {
        super(server, url);
      }
    };
    return {
      url: "ws://carewire.test/ws",
      getToken: async () => JSON.stringify({ userId, role }),
      webSocket: webSocket as unknown as NonNullable<Settings["webSocket"]>,
    };
  }

  client(userId: string, role?: string, options: Partial<Options> = {}): Carewire {
    const client = Carewire.create({ ...this.options(userId, role), userId, ...options } as Options);
    this.#clients.push(client);
    return client;
  }

  answer<T extends keyof CommandMap>(
    type: T,
    fn: (data: Data<T>, userId: string) => Reply<T> | CarewireError,
  ): Off {
    this.#answers.set(type, fn as (data: never, userId: string) => unknown);
    return off(() => this.#answers.delete(type));
  }

  emit<T extends keyof EventMap>(room: RoomId, type: T, data: EventMap[T]): void {
    this.room(room).tell(type, data, this.now());
  }

  cut(code = 1006): void {
    this.#down = true;
    for (const socket of this.#open) socket.end(code);
  }

  heal(): void {
    this.#down = false;
  }

  forget(room: RoomId): void {
    this.room(room).forget();
  }

  async advance(ms: number): Promise<void> {
    // What is loaded when it is needed is there, so that nothing takes real time.
    await Promise.all([load(), Promise.allSettled(Object.values(KINDS).map(({ code }) => code.load()))]);
    await this.#clock.advance(ms);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) void client.close();
    useClock();
  }

  // What the sockets tell.

  open(socket: FakeSocket): boolean {
    if (!this.#down) this.#open.add(socket);
    return !this.#down;
  }

  closed(socket: FakeSocket): void {
    this.#open.delete(socket);
    const connection = this.#connections.get(socket);
    if (!connection) return;
    this.#connections.delete(socket);
    this.#follows.delete(connection);
    for (const room of this.#rooms.values()) room.members.delete(connection);
    this.#tellPresence(connection.userId);
  }

  message(socket: FakeSocket, text: string): void {
    const { type, id, key, data = {} } = JSON.parse(text);
    if (type === "ping") return socket.deliver({ type: "pong", ...(id && { id }) });
    if (type === "pong") return;
    const connection = this.#connections.get(socket);
    if (type === "auth:authenticate" || !connection) return this.#authenticate(socket, id, data);
    this.received.push({ type, userId: connection.userId, data });
    try {
      const reply = this.#do(type, data, connection, key);
      if (id !== undefined) socket.deliver({ type: "reply", id, data: reply });
    } catch (error) {
      if (!(error instanceof CarewireError)) throw error;
      const { code, message, field, retryAfterMs, details } = error;
      socket.deliver({ type: "error", id, error: { code, message, field, retryAfterMs, details } });
    }
    for (const after of this.#after.splice(0)) after();
  }

  #do(type: string, data: object, connection: FakeConnection, key?: string): unknown {
    const { userId } = connection;
    const once = key && `${userId} ${key}`;
    if (once && this.#replies.has(once)) return this.#replies.get(once);
    const answer = this.#answers.get(type);
    const command = COMMANDS[type as keyof CommandMap] as
      ((world: World, data: object, by: FakeConnection, key?: string) => unknown) | undefined;
    if (!answer && !command) {
      throw new CarewireError("unknown_type", {
        message: `The fake server has no answer to ${type}: use answer()`,
      });
    }
    const reply = answer ? answer(data as never, userId) : command!(this, data, connection, key);
    if (reply instanceof CarewireError) throw reply;
    if (once) this.#replies.set(once, reply);
    return reply;
  }

  #authenticate(
    socket: FakeSocket,
    id: number,
    { token, clientId }: { token?: string; clientId?: string },
  ): void {
    let who: { userId: string; role: string };
    try {
      who = JSON.parse(token ?? "");
    } catch {
      socket.deliver({
        type: "error",
        id,
        error: { code: "invalid_token", message: "Authentication error: Invalid token" },
      });
      return socket.end(4401);
    }
    const { userId, role } = who;
    const connection = {
      socket,
      userId,
      role,
      clientId: clientId ?? `c${this.next()}`,
      joinedAt: this.now(),
    };
    this.#connections.set(socket, connection);
    socket.deliver({ type: "reply", id, data: {} });
    const automatic: RoomId[] = [`user:${userId}`, `notifications:${userId}`, "tenant:clinic"];
    if (role !== "patient") automatic.push("staff:clinic");
    const rooms = automatic.map((roomId) => this.join(connection, roomId));
    const data: ConnectedEvent = {
      connectionId: `c${this.next()}`,
      userId,
      tenantId: "clinic",
      role,
      protocol: "1",
      serverTime: this.now(),
      tokenExpiresAt: this.at(24 * 3_600_000),
      heartbeatIntervalMs: HEARTBEAT,
      limits: {
        maxPayloadBytes: 1_048_576,
        messagesPerSecond: 20,
        commandsPerSecond: 200,
        roomsPerConnection: 200,
      },
      calls: [],
      rooms: rooms.map(({ id, epoch, offset }) => ({ roomId: id, epoch, offset })),
    };
    socket.deliver({ type: "connected", timestamp: this.now(), data });
    this.#tellPresence(userId);
  }

  #tellPresence(userId: string): void {
    const presence = this.presence(userId);
    for (const [connection, people] of this.#follows) {
      if (people.has(userId)) {
        connection.socket.deliver({ type: "presence:changed", timestamp: this.now(), data: presence });
      }
    }
  }

  // What the commands work on.

  now(): string {
    return this.at(0);
  }

  at(ms: number): string {
    return new Date(this.#clock.date() + ms).toISOString();
  }

  room(given: RoomId): FakeRoom {
    const id = roomName(given);
    let room = this.#rooms.get(id);
    if (!room) this.#rooms.set(id, (room = new FakeRoom(id)));
    return room;
  }

  rooms(): Iterable<FakeRoom> {
    return this.#rooms.values();
  }

  join(connection: FakeConnection, id: RoomId): FakeRoom {
    const room = this.room(id);
    const { userId } = connection;
    const isFirst = !room.participants().some((one) => one.userId === userId);
    if (isFirst && !room.members.has(connection)) {
      room.members.add(connection);
      const user = room.participants().find((one) => one.userId === userId);
      if (user) room.tell("room:userJoined", { roomId: id, user }, this.now(), { except: connection });
    }
    room.members.add(connection);
    return room;
  }

  leave(connection: FakeConnection, id: RoomId): void {
    const room = this.room(id);
    room.members.delete(connection);
    const { userId } = connection;
    if (!room.participants().some((one) => one.userId === userId)) {
      room.tell("room:userLeft", { roomId: id, userId }, this.now());
    }
  }

  presence(userId: string): Reply<"presence:get">["presences"][number] {
    const devices = [...this.#connections.values()].filter((one) => one.userId === userId).length;
    return { userId, status: devices ? "online" : "offline", devices };
  }

  follow(connection: FakeConnection, userIds: string[], on: boolean): void {
    const people = this.#follows.get(connection) ?? new Set();
    this.#follows.set(connection, people);
    for (const id of userIds) on ? people.add(id) : people.delete(id);
  }

  next(): number {
    return ++this.#count;
  }

  after(fn: () => void): void {
    this.#after.push(fn);
  }
}
