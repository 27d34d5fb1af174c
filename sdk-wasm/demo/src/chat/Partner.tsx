import { usePresence } from "carewire/react";
import { nameOf } from "../clinic/people";
import { Avatar, statusWord } from "../ui/Avatar";

/** With whom one talks, and whether they are there. */
export function Partner({ userId }: { userId: string }) {
  const presence = usePresence(userId, (presences) =>
    presences.status === "ready" ? presences.of(userId) : undefined,
  );
  return (
    <div className="partner">
      <Avatar userId={userId} {...(presence && { status: presence.status })} />
      <strong>{nameOf(userId)}</strong>
      <small data-testid="presence">
        {presence ? statusWord(presence.status) : "…"}
        {presence?.customStatus && ` · ${presence.customStatus}`}
      </small>
    </div>
  );
}
