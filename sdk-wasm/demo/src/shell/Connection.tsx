import { ConnectionStatus, type Connection as Standing } from "carewire/react";
import { seconds } from "../ui/format";
import { useNow } from "../ui/useNow";

/** Green, yellow or red, and the same in words. */
export function Connection() {
  return (
    <ConnectionStatus>
      {(connection) => (
        <span className="connection" data-level={connection.level}>
          <span className="light" aria-hidden="true" />
          <Words connection={connection} />
        </span>
      )}
    </ConnectionStatus>
  );
}

function Words({ connection }: { connection: Standing }) {
  switch (connection.status) {
    case "connected":
      return connection.recovering ? "Catching up…" : "Connected";
    case "reconnecting":
      return <Reconnecting connection={connection} />;
    case "closed":
      return "Disconnected";
    default:
      return "Connecting…";
  }
}

function Reconnecting({ connection }: { connection: Extract<Standing, { status: "reconnecting" }> }) {
  const { retryAt, online } = connection;
  const now = useNow(retryAt !== undefined);
  if (!online) return "Offline";
  return retryAt === undefined ? "Reconnecting…" : `Reconnecting in ${seconds(retryAt, now)}`;
}
