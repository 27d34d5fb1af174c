import { chatRoom, type Carewire } from "carewire";
import {
  CarewireProvider,
  ConnectionStatus,
  useCarewire,
  useConnection,
  useMessages,
  useUnread,
} from "carewire/react";
import { StrictMode, useState } from "react";
import { expect, test, vi } from "vitest";
import { Strict, count, useWorld } from "./help.js";

const world = useWorld();
const room = chatRoom("dr-lee", "ana");

function Bodies() {
  const { messages, status } = useMessages(room);
  return <p>{`${status} ${messages.map((message) => message.body).join()}`}</p>;
}

test("StrictMode makes one socket and one join", async () => {
  await world.show(
    <StrictMode>
      <CarewireProvider {...world.server.options("ana")} userId="ana">
        <Bodies />
        <Bodies />
      </CarewireProvider>
    </StrictMode>,
  );
  await world.wait(5_000);
  expect(world.server.sockets).toBe(1);
  expect(count(world.server, "room:join")).toBe(1);
  expect(count(world.server, "room:leave")).toBe(0);
});

test("the connection ends with the provider", async () => {
  await world.show(
    <CarewireProvider {...world.server.options("ana")} userId="ana">
      <Bodies />
    </CarewireProvider>,
  );
  expect(world.server.sockets).toBe(1);
  await world.hide();
  expect(world.server.sockets).toBe(0);
});

test("a client of the application is not closed", async () => {
  const ana = world.server.client("ana");
  void ana.connect();
  await world.show(<Strict client={ana}>x</Strict>);
  await world.hide();
  await world.wait(5_000);
  expect(ana.state.get().status).toBe("connected");
});

test("another user is another client, and sees nothing of the former", async () => {
  const seen: string[] = [];
  let signIn: (userId: string | null) => void = () => {};
  function Who() {
    const { messages, status } = useMessages(room);
    const connection = useConnection();
    seen.push(`${connection.status} ${status} ${messages.length}`);
    return null;
  }
  function App() {
    const [userId, setUser] = useState<string | null>("ana");
    signIn = setUser;
    return (
      <CarewireProvider {...world.server.options(userId ?? "")} userId={userId}>
        <Who />
      </CarewireProvider>
    );
  }
  await world.show(<App />);
  world.server.emit(room, "message:new", {
    message: {
      id: "m1",
      roomId: room,
      senderId: "dr-lee",
      body: "for Ana",
      attachments: [],
      sentAt: "",
      reactions: {},
      status: "sent",
    },
  });
  await world.wait(0);
  expect(seen.at(-1)).toBe("connected ready 1");
  seen.length = 0;
  await world.act(() => signIn(null));
  expect(seen.every((line) => line.endsWith(" 0"))).toBe(true);
  expect(seen.at(-1)).toBe("idle idle 0");
  expect(world.server.sockets).toBe(0);
  seen.length = 0;
  await world.act(() => signIn("ben"));
  expect(seen.every((line) => line.endsWith(" 0"))).toBe(true);
  expect(world.server.sockets).toBe(1);
});

test("the newest token function is asked", async () => {
  const options = world.server.options("ana");
  const [first, second] = [vi.fn(options.getToken), vi.fn(options.getToken)];
  const tree = (getToken: () => Promise<string>) => (
    <CarewireProvider {...options} userId="ana" getToken={getToken}>
      x
    </CarewireProvider>
  );
  await world.show(tree(first));
  await world.show(tree(second));
  world.server.cut();
  await world.wait(1_000);
  world.server.heal();
  await world.wait(30_000);
  expect(first).toHaveBeenCalledTimes(1);
  expect(second).toHaveBeenCalled();
});

test("a hook without a provider says what is missing", async () => {
  const silent = vi.spyOn(console, "error").mockImplementation(() => {});
  await expect(world.show(<Bodies />)).rejects.toThrow(/CarewireProvider/);
  silent.mockRestore();
});

test("the client is there while somebody is signed in", async () => {
  const ana = world.server.client("ana");
  let found: Carewire | undefined;
  function Look() {
    found = useCarewire();
    return null;
  }
  await world.show(
    <Strict client={ana}>
      <Look />
    </Strict>,
  );
  expect(found).toBe(ana);
});

test("the connection shows in words, as a role, and as a level", async () => {
  const ana = world.server.client("ana");
  void ana.connect();
  await world.show(
    <Strict client={ana}>
      <ConnectionStatus />
    </Strict>,
  );
  const status = world.element.querySelector("[role=status]")!;
  expect(status.textContent).toBe("Connected");
  expect(status.getAttribute("data-carewire-level")).toBe("ok");
  world.server.cut();
  await world.wait(2_000);
  expect(status.textContent).toBe("Reconnecting…");
  expect(status.getAttribute("data-carewire-level")).toBe("waiting");
  world.server.heal();
  await world.wait(30_000);
  expect(status.textContent).toBe("Connected");
  world.server.cut(4409);
  await world.wait(0);
  expect(status.textContent).toMatch(/administrator/);
  expect(status.getAttribute("data-carewire-level")).toBe("down");
});

test("what is not confirmed is counted", async () => {
  const ana = world.server.client("ana");
  void ana.connect();
  function Pending() {
    return <>{useConnection((connection) => connection.pending)}</>;
  }
  await world.show(
    <Strict client={ana}>
      <Pending />
    </Strict>,
  );
  world.server.cut();
  await world.act(() => {
    void ana.request("message:send", { roomId: room, body: "1" }).catch(() => {});
  });
  expect(world.text).toBe("1");
  world.server.heal();
  await world.wait(30_000);
  expect(world.text).toBe("0");
});

test("a client that is closed under the hooks says why, and goes on being drawn", async () => {
  const ana = world.server.client("ana");
  void ana.connect();
  function Both() {
    const { status, error } = useMessages(room);
    const unread = useUnread();
    return <>{`${status} ${unread.status} ${error?.message}`}</>;
  }
  await world.show(
    <Strict client={ana}>
      <Both />
    </Strict>,
  );
  world.server.cut(4409);
  await world.wait(5_000);
  expect(world.text).toMatch(/^error error .*administrator/);
  await world.show(
    <Strict client={ana}>
      <Both />
      <Both />
    </Strict>,
  );
  await world.wait(5_000);
  expect(world.text).toMatch(/administrator.*administrator/);
});
