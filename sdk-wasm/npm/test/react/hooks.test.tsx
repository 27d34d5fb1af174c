import { chatRoom, type MessageRoom } from "carewire";
import {
  useAppointments,
  useEvent,
  useInbox,
  useLive,
  useLiveData,
  useMessages,
  useNotifications,
  usePresence,
  useRecord,
  useRecordLock,
  useReport,
  useRoom,
  useTyping,
  useUnread,
  useWhiteboard,
} from "carewire/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { Strict, count, useWorld } from "./help.js";

const world = useWorld();
const room = chatRoom("dr-lee", "ana");

async function signedIn(userId: string, role = "provider") {
  const client = world.server.client(userId, role);
  void client.connect();
  await world.wait(0);
  return client;
}

test("all components share one membership, and the last one ends it", async () => {
  const ana = await signedIn("ana");
  function Three({ many }: { many: number }) {
    return (
      <>
        {Array.from({ length: many }, (_, at) => (
          <One key={at} />
        ))}
      </>
    );
  }
  function One() {
    useMessages(room);
    useTyping("chat:dr-lee:ana");
    useWhiteboard(room);
    useRoom(room);
    return null;
  }
  await world.show(
    <Strict client={ana}>
      <Three many={3} />
    </Strict>,
  );
  expect(count(world.server, "room:join")).toBe(1);
  await world.show(
    <Strict client={ana}>
      <Three many={1} />
    </Strict>,
  );
  await world.wait(5_000);
  expect(count(world.server, "room:leave")).toBe(0);
  await world.show(
    <Strict client={ana}>
      <Three many={0} />
    </Strict>,
  );
  await world.wait(1_000);
  expect(count(world.server, "room:leave")).toBe(1);
});

test("another id is loading in the same drawing, never the former's data", async () => {
  const ana = await signedIn("ana");
  const seen: string[] = [];
  function Chat({ id }: { id: MessageRoom | null }) {
    const { status, messages } = useMessages(id);
    seen.push(`${id} ${status} ${messages.length}`);
    return null;
  }
  const tree = (id: MessageRoom | null) => (
    <Strict client={ana}>
      <Chat id={id} />
    </Strict>
  );
  await world.show(tree(room));
  await world.act(() => ana.request("message:send", { roomId: room, body: "x" }));
  expect(seen.at(-1)).toBe(`${room} ready 1`);
  const other = chatRoom("ana", "dr-kim");
  seen.length = 0;
  await world.show(tree(other));
  expect(seen[0]).toBe(`${other} loading 0`);
  expect(seen.at(-1)).toBe(`${other} ready 0`);
  seen.length = 0;
  await world.show(tree(null));
  expect(new Set(seen)).toEqual(new Set(["null idle 0"]));
});

test("what is done without an id happens nowhere, and shows nowhere", async () => {
  const ana = await signedIn("ana");
  let chat!: ReturnType<typeof useMessages>;
  let board!: ReturnType<typeof useWhiteboard>;
  function Idle({ id }: { id: MessageRoom | null }) {
    chat = useMessages(id);
    board = useWhiteboard(id);
    return <>{`${chat.messages.length} ${board.ops.length}`}</>;
  }
  await world.show(
    <Strict client={ana}>
      <Idle id={null} />
    </Strict>,
  );
  await world.act(async () => {
    board.draw({});
    await expect(chat.send("to nobody")).rejects.toMatchObject({ code: "closed" });
  });
  await world.show(
    <Strict client={ana}>
      <Idle id={null} />
      <Idle id={null} />
    </Strict>,
  );
  expect(world.text).toBe("0 00 0");
  expect(count(world.server, "message:send")).toBe(0);
});

test("sending shows at once; a failure stays, and is sent again", async () => {
  const ana = await signedIn("ana");
  let chat!: ReturnType<typeof useMessages>;
  function Chat() {
    chat = useMessages(room);
    return (
      <ul>
        {chat.messages.map((one) => (
          <li key={one.key}>{`${one.body} ${one.status}`}</li>
        ))}
      </ul>
    );
  }
  await world.show(
    <Strict client={ana}>
      <Chat />
    </Strict>,
  );
  const { send } = chat;
  world.server.cut();
  await world.wait(100);
  await world.act(() => void send("Hello"));
  expect(world.text).toBe("Hello queued");
  const row = world.element.querySelector("li");
  world.server.heal();
  await world.wait(30_000);
  expect(world.text).toBe("Hello sent");
  // The same row: its key has not changed.
  expect(world.element.querySelector("li")).toBe(row);
  expect(chat.send).toBe(send);
});

test("200 times shown and hidden leave nothing", async () => {
  const ana = await signedIn("ana");
  const listening: number[] = [];
  let seen = 0;
  function Everything() {
    useMessages(room);
    useTyping(room);
    usePresence(["dr-lee", "dr-kim"]);
    useUnread();
    useNotifications();
    useInbox();
    useRecord("ben");
    useRecordLock("ben", "note");
    useReport("r1");
    useLiveData("beds", { filter: { id: "1" } });
    useAppointments({ key: "today", load: async () => [] });
    useEvent("system:alert", () => seen++);
    return null;
  }
  for (let cycle = 0; cycle < 200; cycle++) {
    await world.show(
      <Strict client={ana}>
        <Everything />
      </Strict>,
    );
    await world.show(<Strict client={ana}>{null}</Strict>);
    if (cycle % 50 === 49) {
      await world.wait(2_000);
      listening.push(world.server.memberships);
    }
  }
  expect(new Set(listening).size).toBe(1);
  expect(world.server.sockets).toBe(1);
  world.server.emit("tenant:clinic", "system:alert", { level: "info", message: "x" });
  await world.wait(0);
  expect(seen).toBe(0);
}, 60_000);

test("a selection draws only when what it selects changes", async () => {
  const ana = await signedIn("ana");
  let drawn = 0;
  function Pending() {
    drawn++;
    // In place, and another list every time: compared by content.
    const [hasOlder] = useMessages(room, (view) => [view.hasOlder, view.status]);
    return <>{String(hasOlder)}</>;
  }
  await world.show(
    <Strict client={ana}>
      <Pending />
    </Strict>,
  );
  drawn = 0;
  for (let at = 0; at < 50; at++)
    await world.act(() => ana.request("message:send", { roomId: room, body: `${at}` }));
  expect(drawn).toBe(0);
});

test("a selected object that is not plain is the same as itself alone", async () => {
  const ana = await signedIn("ana");
  class Stream {}
  let stream = new Stream();
  const seen = new Set<Stream>();
  function Show() {
    seen.add(useMessages(room, () => stream));
    return null;
  }
  await world.show(
    <Strict client={ana}>
      <Show />
    </Strict>,
  );
  stream = new Stream();
  await world.act(() => ana.request("message:send", { roomId: room, body: "x" }));
  expect(seen.size).toBe(2);
});

test("an event calls the newest function, without being told what it depends on", async () => {
  const ana = await signedIn("ana");
  const heard: number[] = [];
  let add: () => void = () => {};
  function Listen() {
    const [count, set] = useState(0);
    add = () => set((now) => now + 1);
    useEvent("system:alert", () => heard.push(count));
    return null;
  }
  await world.show(
    <Strict client={ana}>
      <Listen />
    </Strict>,
  );
  await world.act(() => add());
  world.server.emit("tenant:clinic", "system:alert", { level: "info", message: "x" });
  await world.wait(0);
  expect(heard).toEqual([1]);
});

test("an event of a room joins it; without one it waits", async () => {
  const ana = await signedIn("ana");
  const lee = await signedIn("dr-lee");
  const heard: string[] = [];
  function Listen({ id }: { id: MessageRoom | null }) {
    useEvent("message:new", (event) => heard.push(event.data.message.body), { room: id });
    return null;
  }
  await world.show(
    <Strict client={ana}>
      <Listen id={null} />
    </Strict>,
  );
  expect(count(world.server, "room:join")).toBe(0);
  await world.show(
    <Strict client={ana}>
      <Listen id={room} />
    </Strict>,
  );
  await world.act(() => lee.request("message:send", { roomId: room, body: "here" }));
  await world.act(() => lee.request("message:send", { roomId: chatRoom("dr-lee", "ben"), body: "there" }));
  expect(heard).toEqual(["here"]);
});

test("presence of many is one command, and an inline list no other one", async () => {
  const ana = await signedIn("ana");
  function Badge({ of }: { of: string }) {
    const presence = usePresence([of]);
    return <i>{`${of} ${presence.of(of).status},`}</i>;
  }
  await world.show(
    <Strict client={ana}>
      {["a", "b", "c", "dr-lee", "a"].map((of, at) => (
        <Badge key={at} of={of} />
      ))}
    </Strict>,
  );
  expect(count(world.server, "presence:subscribe")).toBe(1);
  await signedIn("dr-lee");
  expect(world.text).toContain("dr-lee online,");
  await world.show(
    <Strict client={ana}>
      <Badge of="dr-lee" />
    </Strict>,
  );
  await world.wait(2_000);
  const ended = world.server.received.filter((one) => one.type === "presence:unsubscribe");
  expect(ended.flatMap((one) => (one.data as { userIds: string[] }).userIds).sort()).toEqual(["a", "b", "c"]);
});

test("a live value of the client is drawn", async () => {
  const ana = await signedIn("ana");
  function Waiting() {
    return <>{useLive(ana.outbox, (outbox) => outbox.length)}</>;
  }
  await world.show(
    <Strict client={ana}>
      <Waiting />
    </Strict>,
  );
  world.server.cut();
  await world.wait(100);
  await world.act(() => void ana.request("message:send", { roomId: room, body: "x" }).catch(() => {}));
  expect(world.text).toBe("1");
});

test("a lock shows to others, and is given back when it is no longer shown", async () => {
  const [lee, kim] = [await signedIn("dr-lee"), await signedIn("dr-kim")];
  let lock!: ReturnType<typeof useRecordLock>;
  function Edit() {
    lock = useRecordLock("ana", "note");
    return <>{lock.lock}</>;
  }
  const other = kim.recordLock("ana", "note");
  await world.show(
    <Strict client={lee}>
      <Edit />
    </Strict>,
  );
  expect(world.text).toBe("free");
  let got: boolean | undefined;
  await world.act(async () => void lock.acquire().then((held) => (got = held)));
  expect([got, world.text]).toEqual([true, "held"]);
  expect(other.get()).toMatchObject({ lock: "taken", holderId: "dr-lee" });
  let taken: boolean | undefined;
  await world.act(async () => void other.acquire().then((held) => (taken = held)));
  expect(taken).toBe(false);
  await world.show(<Strict client={lee}>{null}</Strict>);
  await world.wait(1_000);
  expect(other.get()).toMatchObject({ lock: "free" });
});
