import type { MessageRoom } from "carewire";
import { useMessages, useRoom } from "carewire/react";
import { useMe } from "../clinic/me";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { Partner } from "./Partner";
import { TypingLine } from "./TypingLine";
import { Waiting } from "./Waiting";

/** One conversation. */
export function Chat({ room }: { room: MessageRoom }) {
  const me = useMe();
  const view = useMessages(room);
  const gap = useRoom(room, ({ gap }) => gap);
  const partner = room.startsWith("chat:")
    ? room.split(":").find((id) => id !== "chat" && id !== me.id)
    : undefined;
  if (view.status === "error") {
    return <p className="empty">{view.error.message}</p>;
  }
  return (
    <div className="chat">
      {partner ? <Partner userId={partner} /> : <Elsewhere room={room} />}
      {gap && (
        <p className="note" role="status">
          List reloaded
        </p>
      )}
      <MessageList view={view} />
      <TypingLine room={room} />
      <Waiting messages={view} />
      <Composer room={room} send={view.send} />
    </div>
  );
}

function Elsewhere({ room }: { room: MessageRoom }) {
  return (
    <div className="partner">
      <strong>{room.startsWith("visit:") ? "The visit" : "Text messages"}</strong>
    </div>
  );
}
