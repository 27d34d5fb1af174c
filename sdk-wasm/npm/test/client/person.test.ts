import type { Appointment, Conversation, Notification } from "carewire";
import { unplug } from "carewire/testing";
import { expect, test, vi } from "vitest";
import { connected, count, useServer } from "./help.js";

const server = useServer();

const conversation = (
  roomId: Conversation["roomId"],
  updatedAt: string,
  platform = "internal",
): Conversation => ({
  roomId,
  platform,
  memberIds: [],
  unreadCount: 0,
  updatedAt,
});

const notification = (id: string, createdAt: string): Notification => ({
  id,
  kind: "task_assigned",
  title: id,
  message: "",
  priority: "normal",
  createdAt,
});

const appointment = (id: string, startsAt: string, providerId = "dr-lee"): Appointment => ({
  id,
  patientId: "ana",
  providerId,
  startsAt,
  endsAt: startsAt,
  status: "scheduled",
});

test("presence shows who is there, and follows them over outages", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const people = lee.presence(["ana", "ben"]);
  await server.now.advance(0);
  expect(people.get()).toMatchObject({ status: "ready", live: true });
  expect(people.of("ana").status).toBe("offline");
  await connected(server.now, "ana");
  expect(people.of("ana").status).toBe("online");
  const back = unplug(lee);
  await server.now.advance(0);
  await connected(server.now, "ben");
  expect(people.of("ben").status).toBe("offline");
  expect(people.get().live).toBe(false);
  back();
  await server.now.advance(30_000);
  expect(people.of("ben").status).toBe("online");
  people.close();
  await server.now.advance(1_000);
  expect(count(server.now, "presence:unsubscribe")).toBe(1);
});

test("what a view says of somebody does not change with the next view", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const people = lee.presence(["ana"]);
  await server.now.advance(0);
  const before = people.get();
  await connected(server.now, "ana");
  expect(before.of("ana").status).toBe("offline");
  expect(people.get().of("ana").status).toBe("online");
});

test("unread counts follow what is told, and start anew after an outage", async () => {
  server.now.answer("unread:get", () => ({
    unreadCounts: { internal: 2 },
    totalUnread: 2,
    rooms: { "chat:ana:dr-lee": 2 },
  }));
  const [ana] = await connected(server.now, "ana");
  const unread = ana.unread();
  await server.now.advance(0);
  expect(unread.room("chat:dr-lee:ana")).toBe(2);
  server.now.emit("user:ana", "unread:update", {
    unreadCounts: { internal: 2, sms: 1 },
    totalUnread: 3,
    rooms: { "thread:t1": 1 },
  });
  await server.now.advance(0);
  expect(unread.get()).toMatchObject({ total: 3, platforms: { internal: 2, sms: 1 } });
  expect([unread.room("chat:ana:dr-lee"), unread.room("thread:t1")]).toEqual([2, 1]);
  const back = unplug(ana);
  await server.now.advance(0);
  back();
  await server.now.advance(30_000);
  expect(unread.get().total).toBe(0);
  expect(unread.room("chat:ana:dr-lee")).toBe(0);
});

test("conversations are in the order of their activity, and one platform is one list", async () => {
  server.now.answer("conversation:list", ({ platform, cursor }) =>
    platform === "sms"
      ? { conversations: [conversation("thread:s", "2026-01-01", "sms")] }
      : cursor
        ? { conversations: [conversation("thread:c", "2026-01-01")] }
        : {
            conversations: [conversation("thread:a", "2026-01-03"), conversation("thread:b", "2026-01-02")],
            cursor: "1",
          },
  );
  const [ana] = await connected(server.now, "ana");
  const [all, sms] = [ana.inbox(), ana.inbox("sms")];
  await server.now.advance(0);
  const rooms = () => all.get().conversations.map((one) => one.roomId);
  expect(rooms()).toEqual(["thread:a", "thread:b"]);
  void all.loadOlder();
  await server.now.advance(0);
  expect(rooms()).toEqual(["thread:a", "thread:b", "thread:c"]);
  expect(all.get().hasOlder).toBe(false);
  server.now.emit("user:ana", "conversation:update", {
    conversation: conversation("thread:b", "2026-01-04"),
  });
  server.now.emit("user:ana", "unread:update", {
    unreadCounts: {},
    totalUnread: 5,
    rooms: { "thread:b": 5 },
  });
  await server.now.advance(0);
  expect(rooms()).toEqual(["thread:b", "thread:a", "thread:c"]);
  expect(all.get().conversations[0]!.unreadCount).toBe(5);
  expect(sms.get().conversations.map((one) => one.roomId)).toEqual(["thread:s"]);
});

test("notifications come first where they are newest, and are read at once", async () => {
  server.now.answer("notification:list", ({ cursor }) =>
    cursor
      ? { notifications: [notification("n0", "2026-01-01")] }
      : { notifications: [notification("n1", "2026-01-02")], cursor: "1" },
  );
  server.now.answer("notification:getUnreadCount", () => ({ unreadCount: 2 }));
  const [ana] = await connected(server.now, "ana");
  const list = ana.notifications();
  await server.now.advance(0);
  const ids = () => list.get().notifications.map((one) => one.id);
  server.now.emit("notifications:ana", "notification:new", {
    notification: notification("n2", "2026-01-03"),
  });
  await server.now.advance(0);
  expect(ids()).toEqual(["n2", "n1"]);
  expect(list.get().unreadCount).toBe(3);
  void list.loadOlder();
  await server.now.advance(0);
  expect(ids()).toEqual(["n2", "n1", "n0"]);
  list.markRead("n1");
  expect(list.get().unreadCount).toBe(2);
  expect(list.get().notifications[1]).toHaveProperty("readAt");
  list.markRead("n1");
  list.markAllRead();
  await server.now.advance(0);
  expect(list.get().unreadCount).toBe(0);
  expect(count(server.now, "notification:read")).toBe(1);
  const all = server.now.received.find((one) => one.type === "notification:readAll");
  expect(all?.data).toEqual({ upTo: "n2" });
  server.now.emit("user:ana", "notification:read", { notificationIds: ["n2"], unreadCount: 7 });
  await server.now.advance(0);
  expect(list.get().unreadCount).toBe(7);
});

test("appointments are loaded once the events follow, and changes meanwhile count more", async () => {
  const lee = server.now.client("dr-lee");
  let answer: (list: Appointment[]) => void = () => {};
  const load = vi.fn(() => new Promise<Appointment[]>((resolve) => (answer = resolve)));
  const today = lee.appointments({ key: "today", load, includes: (one) => one.providerId === "dr-lee" });
  await server.now.advance(1_000);
  expect(load).not.toHaveBeenCalled();
  void lee.connect();
  await server.now.advance(0);
  expect(load).toHaveBeenCalledOnce();
  const later = { ...appointment("a1", "2026-01-01T12:00:00Z"), status: "checked_in" as const };
  server.now.emit("staff:clinic", "appointment:checkedIn", { appointment: later });
  await server.now.advance(0);
  answer([appointment("a1", "2026-01-01T12:00:00Z"), appointment("a2", "2026-01-01T09:00:00Z")]);
  await server.now.advance(0);
  expect(today.get()).toMatchObject({
    status: "ready",
    appointments: [{ id: "a2" }, { id: "a1", status: "checked_in" }],
  });
  const moved = appointment("a2", "2026-01-01T09:00:00Z", "dr-kim");
  server.now.emit("staff:clinic", "appointment:updated", { appointment: moved });
  server.now.emit("staff:clinic", "appointment:created", {
    appointment: appointment("a3", "2026-01-01T08:00:00Z"),
  });
  await server.now.advance(0);
  expect(today.get().appointments.map((one) => one.id)).toEqual(["a3", "a1"]);
});

test("appointments that cannot be loaded say so, and can be loaded again", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const load = vi
    .fn()
    .mockRejectedValueOnce(new Error("503"))
    .mockResolvedValue([appointment("a1", "2026-01-01")]);
  const today = lee.appointments({ key: "today", load });
  await server.now.advance(0);
  expect(today.get()).toMatchObject({ status: "error", error: { message: "Error: 503" } });
  today.reload();
  await server.now.advance(0);
  expect(today.get()).toMatchObject({ status: "ready", appointments: [{ id: "a1" }] });
});

test("appointments that could not be loaded offline are loaded when the network is back", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const back = unplug(lee);
  await server.now.advance(0);
  const load = vi.fn().mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValue([]);
  const today = lee.appointments({ key: "today", load });
  await server.now.advance(0);
  expect(today.get().status).toBe("error");
  back();
  await server.now.advance(30_000);
  expect(today.get()).toMatchObject({ status: "ready", live: true });
});

test("appointments are loaded again after a gap", async () => {
  const [lee] = await connected(server.now, "dr-lee");
  const load = vi.fn(async () => []);
  lee.appointments({ key: "today", load });
  await server.now.advance(0);
  const back = unplug(lee);
  await server.now.advance(0);
  server.now.forget("staff:clinic");
  back();
  await server.now.advance(30_000);
  expect(load).toHaveBeenCalledTimes(2);
});
