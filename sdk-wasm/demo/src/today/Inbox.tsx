import type { Conversation, MessageRoom } from "carewire";
import { useInbox, useUnread } from "carewire/react";
import { useMe } from "../clinic/me";
import { nameOf } from "../clinic/people";
import { time } from "../ui/format";

/** All conversations, whatever platform they come from. */
export function Inbox({ onOpen }: { onOpen(room: MessageRoom): void }) {
  const { status, conversations, hasOlder, loadOlder } = useInbox();
  const platforms = useUnread((counts) => counts.platforms);
  return (
    <section className="card" aria-label="Inbox">
      <h3>
        Inbox
        {Object.entries(platforms).map(
          ([platform, unread]) =>
            unread > 0 && (
              <span key={platform} className="chip" data-platform={platform}>
                {platform} {unread}
              </span>
            ),
        )}
      </h3>
      {status === "loading" && <p className="empty">Loading…</p>}
      {status === "ready" && conversations.length === 0 && <p className="empty">No messages yet.</p>}
      <ul>
        {conversations.map((conversation) => (
          <Row key={conversation.roomId} conversation={conversation} onOpen={onOpen} />
        ))}
      </ul>
      {hasOlder && <button onClick={() => void loadOlder()}>Older</button>}
    </section>
  );
}

function Row({ conversation, onOpen }: { conversation: Conversation; onOpen(room: MessageRoom): void }) {
  const me = useMe();
  const { roomId, title, platform, memberIds, lastMessage, unreadCount } = conversation;
  const others = memberIds.filter((id) => id !== me.id).map(nameOf);
  return (
    <li>
      <button className="row-button conversation" onClick={() => onOpen(roomId as MessageRoom)}>
        <span className="chip" data-platform={platform}>
          {platform}
        </span>
        <span className="text">
          <strong>{title ?? (others.join(", ") || lastMessage?.senderName)}</strong>
          <small>{lastMessage?.body}</small>
        </span>
        <small>{lastMessage && time(lastMessage.sentAt)}</small>
        {unreadCount > 0 && (
          <span className="badge">
            {unreadCount}
            <span className="sr"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}
