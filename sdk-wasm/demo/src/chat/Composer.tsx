import type { MessageRoom, Messages } from "carewire";
import { useTyping } from "carewire/react";
import { type KeyboardEvent, useState } from "react";
import { Icon } from "../ui/Icon";

/** Where one writes, with or without a connection. */
export function Composer({ room, send }: { room: MessageRoom; send: Messages["send"] }) {
  const [text, setText] = useState("");
  const onKeystroke = useTyping(room, (typing) => typing.onKeystroke);
  const submit = () => {
    if (!text.trim()) return;
    // A failure shows in the message's row.
    void send(text.trim());
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        rows={1}
        aria-label="Write a message"
        placeholder="Write a message"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onKeystroke();
        }}
        onKeyDown={onKeyDown}
      />
      <button className="primary" aria-label="Send" disabled={!text.trim()}>
        <Icon name="send" />
      </button>
    </form>
  );
}
