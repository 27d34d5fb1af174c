import { useEvent } from "carewire/react";
import { useState } from "react";
import { minutes, time } from "../ui/format";
import { Icon } from "../ui/Icon";

interface Announcement {
  message: string;
  startsAt: string;
  durationMs: number;
}

/** What the clinic announces to everybody. */
export function Maintenance() {
  const [announced, setAnnounced] = useState<Announcement>();
  useEvent("system:maintenance", ({ data }) => setAnnounced(data));
  if (!announced) return null;
  return (
    <div className="banner" role="status">
      <Icon name="warning" />
      <span>
        {announced.message} From {time(announced.startsAt)}, for {minutes(announced.durationMs)}.
      </span>
      <button className="quiet" onClick={() => setAnnounced(undefined)} aria-label="Dismiss the announcement">
        <Icon name="close" />
      </button>
    </div>
  );
}
