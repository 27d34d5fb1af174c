import type { Messages } from "carewire";
import { useConnection } from "carewire/react";
import { seconds } from "../ui/format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/useNow";

/** What has not reached the server yet, when it is tried next, and how to try now. */
export function Waiting({ messages }: { messages: Messages }) {
  const connection = useConnection();
  const reconnecting = connection.status === "reconnecting";
  const retryAt = reconnecting ? connection.retryAt : undefined;
  const now = useNow(retryAt !== undefined);
  if (connection.status === "connected") {
    return connection.recovering ? <p className="note">Catching up…</p> : null;
  }
  if (!reconnecting) return null;
  return (
    <p className="waiting-line" role="status">
      <Icon name="clock" />
      {messages.pending > 0 ? `${messages.pending} waiting` : "You can go on writing"}
      {" · "}
      {retryAt === undefined ? "trying now" : `retry in ${seconds(retryAt, now)}`}
      <button onClick={connection.reconnectNow}>Retry now</button>
    </p>
  );
}
