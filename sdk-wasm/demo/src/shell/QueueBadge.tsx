import { useCarewire, useLive } from "carewire/react";
import { count } from "../ui/format";
import { Icon } from "../ui/Icon";

/** How much of what one did the server does not know yet. */
export function QueueBadge() {
  const waiting = useLive(useCarewire().outbox, (outbox) => outbox.length);
  if (waiting === 0) return null;
  return (
    <span className="chip waiting" data-testid="queue">
      <Icon name="queue" />
      {count(waiting, "waiting", "waiting")}
    </span>
  );
}
