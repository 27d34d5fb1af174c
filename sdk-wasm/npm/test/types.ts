// What the types promise, checked by `tsc` alone.

import {
  Carewire,
  CarewireError,
  chatRoom,
  type CommandMap,
  type EventMap,
  type MessageRoom,
  type Room,
  type TalkRoom,
} from "carewire";
import { useCall, useInbox, useMessages, useRecordLock } from "carewire/react";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export async function promises(client: Carewire): Promise<void> {
  // A room in which people write has more than another one.
  same<ReturnType<typeof client.room<"chat:a:b">>, TalkRoom>(true);
  same<ReturnType<typeof client.room<"report:r1">>, Room>(true);

  // Data and reply by name; data may be left out where nothing is required.
  same<Awaited<ReturnType<typeof client.request<"message:send">>>, CommandMap["message:send"]["reply"]>(true);
  await client.request("unread:get");
  await client.request("notification:list", {}, { key: "k" });
  // @ts-expect-error The room is missing.
  await client.request("message:send", { body: "x" });
  // @ts-expect-error The data is missing.
  await client.request("message:send");
  // @ts-expect-error There is no such command.
  await client.request("message:sent", {});

  // Events by name, and as a union.
  client.on("message:new", (event) => same<typeof event.data, EventMap["message:new"]>(true));
  client.on("*", (event) => {
    if (event.type === "typing:start" && "userId" in event.data) same<typeof event.replayed, boolean>(true);
  });
  // @ts-expect-error There is no such event.
  client.on("message:newer", () => {});

  // The state is told apart by its status.
  const state = client.state.get();
  if (state.status === "connected") state.session.userId satisfies string;
  // @ts-expect-error Only a closed client has an error.
  else state.error;

  // Details by code.
  const error: unknown = undefined;
  if (CarewireError.is(error, "record_locked")) error.details.holderId satisfies string;

  // @ts-expect-error A token is needed.
  Carewire.create({ url: "/ws" });
  chatRoom("a", "b") satisfies MessageRoom;
}

export function useTypes(): void {
  same<ReturnType<typeof useMessages>["messages"][number]["key"], string>(true);
  same<number, ReturnType<typeof count>>(true);
  useInbox(undefined, (inbox) => inbox.hasOlder) satisfies boolean;
  useMessages(false);
  const lock = useRecordLock("ana", "note");
  if (lock.lock === "held") lock.fencingToken satisfies number;
  // @ts-expect-error Only a held lock has a token.
  else lock.fencingToken;
  const call = useCall();
  // @ts-expect-error Without a call there are no peers.
  if (call.phase === "none") call.peers;
}

function count() {
  return useMessages("chat:a:b", (view) => view.messages.length);
}
