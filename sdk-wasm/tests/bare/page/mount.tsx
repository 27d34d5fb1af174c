import type { MessageRoom } from "carewire";
import {
  CarewireProvider,
  useConnection,
  useMessages,
  usePresence,
  useTyping,
  useUnread,
} from "carewire/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** A small application of one user, mounted and, by what it returns, unmounted. */
export function mount(userId: string, room: MessageRoom, getToken: () => Promise<string>): () => void {
  const root = createRoot(document.getElementById("root")!);
  root.render(
    <StrictMode>
      <CarewireProvider url="/ws" userId={userId} getToken={getToken}>
        <Line room={room} />
        <Line room={room} />
      </CarewireProvider>
    </StrictMode>,
  );
  return () => root.unmount();
}

function Line({ room }: { room: MessageRoom }) {
  const { status } = useConnection();
  const view = useMessages(room);
  const { typingUsers } = useTyping(room);
  const unread = useUnread((counts) => counts.total);
  const presence = usePresence("nobody");
  return (
    <p data-status={status} data-view={view.status} data-presence={presence.status}>
      {view.messages.length} messages, {unread} unread, {typingUsers.length} typing
    </p>
  );
}
