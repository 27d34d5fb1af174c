// What the fake server does with each command, unless a test answers it.

import type { CommandMap, Message, RoomId } from "../protocol.js";
import type { Data, Op, Reply } from "../types.js";
import { CarewireError } from "../errors.js";
import type { FakeConnection } from "./connection.js";
import type { FakeRoom } from "./room.js";

/** What the commands work on. */
export interface World {
  now(): string;
  /** A time so many milliseconds from now. */
  at(ms: number): string;
  room(id: RoomId): FakeRoom;
  rooms(): Iterable<FakeRoom>;
  join(connection: FakeConnection, id: RoomId): FakeRoom;
  leave(connection: FakeConnection, id: RoomId): void;
  presence(userId: string): Reply<"presence:get">["presences"][number];
  follow(connection: FakeConnection, userIds: string[], on: boolean): void;
  next(): number;
  /** Runs after the reply is on its way. */
  after(fn: () => void): void;
}

type Handlers = {
  [T in keyof CommandMap]?: (world: World, data: Data<T>, by: FakeConnection, key?: string) => Reply<T>;
};

const nothing = () => ({});

export const COMMANDS: Handlers = {
  "session:touch": nothing,
  "session:resume": (world, { rooms = [], presence = [] }, by) => {
    world.follow(by, presence, true);
    const resumed = rooms.map(({ roomId, epoch, offset }) => {
      const room = world.join(by, roomId);
      const how = room.missed(epoch, offset);
      if (how.recovered) world.after(() => room.replay(by, offset));
      return { roomId, epoch: room.epoch, offset: room.offset, ...how, receipts: room.receipts };
    });
    return {
      rooms: resumed,
      unread: { unreadCounts: {}, totalUnread: 0, rooms: {} },
      presences: presence.map((userId) => world.presence(userId)),
    };
  },
  "room:join": (world, { roomId, epoch, offset, snapshot }, by) => {
    const room = world.join(by, roomId);
    const reply = room.joined(snapshot === true, epoch, offset);
    if (offset !== undefined && reply.recovered) world.after(() => room.replay(by, offset));
    return reply;
  },
  "room:leave": (world, { roomId }, by) => {
    world.leave(by, roomId);
    return {};
  },
  "room:participants": (world, { roomId }) => ({ participants: world.room(roomId).participants() }),
  "room:publish": (world, { roomId, event, payload, retain }, by) => {
    const data = { event, payload, senderId: by.userId };
    const options = { origin: by.clientId, retain: retain === true };
    const offset = world.room(roomId).tell("room:event", data, world.now(), options);
    return offset === undefined ? {} : { offset };
  },

  "message:send": (world, data, by, key) => {
    const { roomId, body = "", attachments = [], replyTo, metadata } = data;
    if (!body.trim() && !attachments.length) {
      throw new CarewireError("invalid_input", { message: "Message content is required", field: "body" });
    }
    const room = world.room(roomId);
    const message: Message = {
      id: `m${String(world.next()).padStart(8, "0")}`,
      roomId,
      senderId: by.userId,
      body,
      attachments,
      ...(replyTo !== undefined && { replyTo }),
      ...(metadata !== undefined && { metadata }),
      sentAt: world.now(),
      reactions: {},
      status: "sent",
      ...(key !== undefined && { key }),
    };
    room.messages.push(message);
    room.tell("message:new", { message }, world.now(), { origin: by.clientId });
    return { message };
  },
  "message:history": (world, { roomId, before, after, limit = 50 }) => {
    const room = world.room(roomId);
    const found = room.messages.filter(({ id }) => (!before || id < before) && (!after || id > after));
    const page = after ? found.slice(0, limit) : found.slice(-limit);
    return { messages: page.map((message) => room.told(message)), hasMore: found.length > page.length };
  },
  "message:edit": (world, { messageId, body }, by) => {
    const [room, message] = find(world, messageId);
    Object.assign(message, { body, editedAt: world.now() });
    room.tell("message:edited", { message: { ...message } }, world.now(), { origin: by.clientId });
    return {};
  },
  "message:delete": (world, { messageId }, by) => {
    const [room, message] = find(world, messageId);
    Object.assign(message, { body: "", attachments: [], deletedAt: world.now() });
    room.tell("message:deleted", { roomId: room.id, messageId }, world.now(), { origin: by.clientId });
    return {};
  },
  "message:react": (world, { messageId, emoji }, by) => react(world, messageId, emoji, by, true),
  "message:unreact": (world, { messageId, emoji }, by) => react(world, messageId, emoji, by, false),
  "message:received": (world, { roomId, messageId }, by) =>
    receipt(world, "delivered", roomId, messageId, by),
  "message:read": (world, { roomId, messageId }, by) => receipt(world, "read", roomId, messageId, by),

  "typing:start": (world, { roomId }, by) => {
    const room = world.room(roomId);
    room.typing.add(by.userId);
    room.tell("typing:start", { roomId, userId: by.userId }, world.now(), { except: by });
    return {};
  },
  "typing:stop": (world, { roomId }, by) => {
    const room = world.room(roomId);
    room.typing.delete(by.userId);
    room.tell("typing:stop", { roomId, userId: by.userId }, world.now(), { except: by });
    return {};
  },

  "whiteboard:update": (world, { roomId, ops }, by) => {
    const room = world.room(roomId);
    const revision = ++room.board.revision;
    room.board.ops = [...room.board.ops, ...(ops as Op[])];
    const data = { roomId, userId: by.userId, revision, ops };
    room.tell("whiteboard:update", data, world.now(), { origin: by.clientId });
    return { revision };
  },
  "whiteboard:clear": (world, { roomId }, by) => {
    const room = world.room(roomId);
    const revision = ++room.board.revision;
    room.board.ops = [];
    room.tell("whiteboard:cleared", { roomId, userId: by.userId, revision }, world.now(), {
      origin: by.clientId,
    });
    return {};
  },
  "whiteboard:cursor": (world, { roomId, x, y }, by) => {
    world
      .room(roomId)
      .tell("whiteboard:cursor", { roomId, userId: by.userId, x, y }, world.now(), { except: by });
    return {};
  },
  "whiteboard:snapshot": (world, { roomId }) => ({ ...world.room(roomId).board }),

  "presence:get": (world, { userIds }) => ({ presences: userIds.map((id) => world.presence(id)) }),
  "presence:subscribe": (world, { userIds }, by) => {
    world.follow(by, userIds, true);
    return { presences: userIds.map((id) => world.presence(id)) };
  },
  "presence:unsubscribe": (world, { userIds }, by) => {
    world.follow(by, userIds, false);
    return {};
  },
  "presence:setStatus": nothing,

  "conversation:list": () => ({ conversations: [] }),
  "unread:get": () => ({ unreadCounts: {}, totalUnread: 0, rooms: {} }),
  "notification:list": () => ({ notifications: [] }),
  "notification:getUnreadCount": () => ({ unreadCount: 0 }),
  "notification:read": nothing,
  "notification:readAll": () => ({ markedCount: 0 }),

  "record:view": (world, { patientId }, by) => {
    const room = world.join(by, `patient:${patientId}`);
    room.viewers.set(by.userId, { userId: by.userId, since: world.now() });
    viewersChanged(world, room, patientId);
    return {};
  },
  "record:unview": (world, { patientId }, by) => {
    const room = world.room(`patient:${patientId}`);
    room.viewers.delete(by.userId);
    viewersChanged(world, room, patientId);
    return {};
  },
  "record:viewers": (world, { patientId }) => ({
    viewers: [...world.room(`patient:${patientId}`).viewers.values()],
  }),
  "record:lock": (world, { patientId, recordId, ttlMs = 30_000 }, by) => {
    const room = world.room(`patient:${patientId}`);
    const held = room.locks.get(recordId);
    if (held && held.clientId !== by.clientId) {
      const { holderId, expiresAt } = held;
      throw new CarewireError("record_locked", { message: "Locked", details: { holderId, expiresAt } });
    }
    const token = world.next();
    const expiresAt = world.at(ttlMs);
    room.locks.set(recordId, { recordId, holderId: by.userId, expiresAt, token, clientId: by.clientId });
    room.tell("record:locked", { recordId, holderId: by.userId, expiresAt }, world.now(), {
      origin: by.clientId,
    });
    return { fencingToken: token, expiresAt };
  },
  "record:renew": (world, { patientId, recordId, fencingToken }) => {
    const held = world.room(`patient:${patientId}`).locks.get(recordId);
    if (held?.token !== fencingToken) throw new CarewireError("record_locked", { message: "Not yours" });
    held.expiresAt = world.at(30_000);
    return { fencingToken, expiresAt: held.expiresAt };
  },
  "record:unlock": (world, { patientId, recordId, fencingToken }, by) => {
    const room = world.room(`patient:${patientId}`);
    if (room.locks.get(recordId)?.token === fencingToken) {
      room.locks.delete(recordId);
      room.tell("record:unlocked", { recordId, reason: "released" }, world.now(), { origin: by.clientId });
    }
    return {};
  },

  "report:cancel": nothing,
  "report:refresh": nothing,
  "report:subscribeTemplate": (world, { templateId }, by) => {
    world.join(by, `template:${templateId}`);
    return {};
  },
  "stream:setInterval": nothing,
  "stream:applyFilter": nothing,

  "channel:subscribe": (world, { channel, epoch, offset }, by) => {
    const room = world.join(by, channel);
    const reply = room.joined(false, epoch, offset);
    if (offset !== undefined && reply.recovered) world.after(() => room.replay(by, offset));
    return reply;
  },
  "channel:unsubscribe": (world, { channel }, by) => {
    world.leave(by, channel);
    return {};
  },
  "channel:publish": (world, { channel, event, payload }, by) => {
    world
      .room(channel)
      .tell("channel:event", { channel, event, payload }, world.now(), { origin: by.clientId });
    return {};
  },
};

function find(world: World, id: string): [FakeRoom, Message] {
  for (const room of world.rooms()) {
    const message = room.messages.find((one) => one.id === id);
    if (message) return [room, message];
  }
  throw new CarewireError("message_not_found", { message: "Message not found" });
}

function react(
  world: World,
  messageId: string,
  emoji: string,
  by: FakeConnection,
  added: boolean,
): Reply<"message:react"> {
  const [room, message] = find(world, messageId);
  const others = (message.reactions[emoji] ?? []).filter((user) => user !== by.userId);
  message.reactions = { ...message.reactions, [emoji]: added ? [...others, by.userId] : others };
  room.tell("message:reaction", { messageId, emoji, userId: by.userId, added }, world.now(), {
    origin: by.clientId,
  });
  return {};
}

function receipt(
  world: World,
  mark: "delivered" | "read",
  roomId: RoomId,
  messageId: string,
  by: FakeConnection,
): Reply<"message:read"> {
  const room = world.room(roomId);
  room.receipts[by.userId] = { ...room.receipts[by.userId], [mark]: messageId };
  const data = { roomId, messageId, userId: by.userId, at: world.now() };
  if (mark === "read") room.tell("message:read", data, world.now());
  else {
    // Told to those who wrote what arrived.
    const senders = new Set(room.messages.map((message) => message.senderId));
    senders.delete(by.userId);
    for (const sender of senders) world.room(`user:${sender}`).tell("message:delivered", data, world.now());
  }
  return {};
}

function viewersChanged(world: World, room: FakeRoom, patientId: string): void {
  const viewers = [...room.viewers.values()];
  room.tell("record:viewersChanged", { patientId, viewers }, world.now());
}
