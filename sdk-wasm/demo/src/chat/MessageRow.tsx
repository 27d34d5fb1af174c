import type { ChatMessage, Messages } from "carewire";
import { memo, useState } from "react";
import { useMe } from "../clinic/me";
import { nameOf } from "../clinic/people";
import { time } from "../ui/format";
import { Edit } from "./Edit";
import { Mark } from "./Mark";

const REACTIONS = ["👍", "❤️", "🙂"] as const;

interface Props extends Pick<Messages, "react" | "edit" | "remove" | "retry" | "discard"> {
  message: ChatMessage;
  /** Who has read it, where that is to be shown. */
  reader: string | undefined;
}

/** One message. Rows that have not changed are not drawn again, however long the list is. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { message, reader, react, edit, remove, retry, discard } = props;
  const me = useMe();
  const [editing, setEditing] = useState(false);
  const { key, own, body, status, error, deletedAt, editedAt } = message;
  const stored = message.id !== undefined && !deletedAt;
  if (editing) {
    return (
      <Edit
        body={body}
        onSave={(text) => {
          edit(key, text).catch(reportError);
          setEditing(false);
        }}
        onCancel={() => setEditing(false)}
      />
    );
  }
  return (
    <article className="message" data-own={own} data-status={status}>
      <div className="bubble">
        {!own && <strong className="sender">{message.senderName ?? nameOf(message.senderId)}</strong>}
        <p>{deletedAt ? <em>Deleted</em> : body}</p>
        <small className="meta">
          {time(message.sentAt)}
          {editedAt && !deletedAt && " · edited"}
          {own && !deletedAt && <Mark status={status} />}
        </small>
      </div>
      {Object.entries(message.reactions).map(
        ([emoji, users]) =>
          users.length > 0 && (
            <button
              key={emoji}
              className="reaction"
              aria-pressed={users.includes(me.id)}
              aria-label={`${emoji} by ${users.map(nameOf).join(", ")}`}
              onClick={() => react(key, emoji, !users.includes(me.id)).catch(reportError)}
            >
              {emoji} {users.length}
            </button>
          ),
      )}
      {stored && (
        <div className="actions" role="group" aria-label="This message">
          {REACTIONS.map((emoji) => (
            <button
              key={emoji}
              aria-label={`React with ${emoji}`}
              onClick={() => react(key, emoji).catch(reportError)}
            >
              {emoji}
            </button>
          ))}
          {own && <button onClick={() => setEditing(true)}>Edit</button>}
          {own && <button onClick={() => remove(key).catch(reportError)}>Delete</button>}
        </div>
      )}
      {status === "failed" && (
        <p className="failed" role="alert">
          Not sent: {error?.message}
          <button onClick={() => retry(key)}>Retry</button>
          <button onClick={() => discard(key)}>Discard</button>
        </p>
      )}
      {reader && <small className="seen">Read by {nameOf(reader)}</small>}
    </article>
  );
});
