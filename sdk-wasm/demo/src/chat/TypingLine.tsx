import type { MessageRoom } from "carewire";
import { useTyping } from "carewire/react";
import { nameOf } from "../clinic/people";

/** Who is writing. The line keeps its height, so that nothing jumps. */
export function TypingLine({ room }: { room: MessageRoom }) {
  const typing = useTyping(room, (view) => view.typingUsers);
  const names = typing.map((user) => user.name ?? nameOf(user.userId));
  return (
    <p className="typing" aria-live="polite">
      {names.length > 0 && (
        <>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {names.join(" and ")} {names.length === 1 ? "is" : "are"} typing
        </>
      )}
    </p>
  );
}
