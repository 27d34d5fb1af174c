import { useState } from "react";

interface Props {
  body: string;
  onSave(body: string): void;
  onCancel(): void;
}

/** A message that is being changed. */
export function Edit({ body, onSave, onCancel }: Props) {
  const [text, setText] = useState(body);
  return (
    <form
      className="edit"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onSave(text);
      }}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <input
        aria-label="Change the message"
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoFocus
      />
      <button className="primary">Save</button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
