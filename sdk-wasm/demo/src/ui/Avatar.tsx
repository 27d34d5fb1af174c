import type { PresenceStatus } from "carewire";
import { nameOf } from "../clinic/people";

const WORDS: Record<string, string> = {
  online: "online",
  away: "away",
  busy: "busy",
  in_call: "in a call",
  offline: "offline",
};

export function statusWord(status: PresenceStatus): string {
  return WORDS[status] ?? status;
}

/** Initials, and whether the person can be reached: by colour, and by shape. */
export function Avatar({ userId, status }: { userId: string; status?: PresenceStatus }) {
  const initials = nameOf(userId)
    .split(/[\s-]+/)
    .map((word) => word[0])
    .join("")
    .slice(0, 2)
    .toUpperCase();
  return (
    <span className="avatar" data-person={userId}>
      <span aria-hidden="true">{initials}</span>
      {status && (
        <span className="presence" data-status={status} role="img" aria-label={statusWord(status)} />
      )}
    </span>
  );
}
