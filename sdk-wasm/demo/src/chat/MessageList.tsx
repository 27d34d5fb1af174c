import type { Messages } from "carewire";
import { Fragment, useEffect } from "react";
import { count } from "../ui/format";
import { MessageRow } from "./MessageRow";
import { useScroll } from "./useScroll";

/** The messages, oldest first. What came while one was away has a line above it. */
export function MessageList({ view }: { view: Messages }) {
  const { messages, missed, firstMissed, markRead, hasOlder, loadingOlder, loadOlder } = view;
  const newest = messages.at(-1)?.key;
  const { list, atEnd, onScroll } = useScroll(messages[0]?.key, newest, () => {
    if (hasOlder && !loadingOlder) void loadOlder();
  });
  // What was missed counts as read when somebody touches the list, everything else when it is seen.
  const seen = atEnd && missed === 0;
  useEffect(() => {
    if (seen && newest) markRead();
  }, [seen, newest, markRead]);
  const touched = () => {
    if (missed > 0) markRead();
  };
  return (
    <div
      className="messages"
      role="log"
      aria-label="Messages"
      aria-busy={view.status === "loading"}
      tabIndex={0}
      ref={list}
      onScroll={onScroll}
      onPointerDown={touched}
      onKeyDown={touched}
    >
      {loadingOlder && <p className="note">Loading older messages…</p>}
      {view.status === "ready" && messages.length === 0 && <p className="empty">Say hello.</p>}
      {messages.map((message) => (
        <Fragment key={message.key}>
          {message.key === firstMissed && (
            <p className="divider">
              <span>{count(missed, "new", "new")} while you were away</span>
            </p>
          )}
          <MessageRow
            message={message}
            reader={message.own && message.key === newest ? view.readBy(message.key)[0] : undefined}
            react={view.react}
            edit={view.edit}
            remove={view.remove}
            retry={view.retry}
            discard={view.discard}
          />
        </Fragment>
      ))}
    </div>
  );
}
