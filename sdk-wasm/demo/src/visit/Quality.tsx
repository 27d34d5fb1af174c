import type { Peer } from "carewire";
import { useCall } from "carewire/react";
import { nameOf } from "../clinic/people";
import { Icon } from "../ui/Icon";

/** A warning when somebody is hard to see or hear, and what helps. */
export function Quality({ peer }: { peer: Peer }) {
  const setMedia = useCall((call) => call.setMedia);
  const sending = useCall((call) => call.self.video);
  if (peer.quality !== "poor" && peer.quality !== "lost") return null;
  const what = peer.quality === "lost" ? "is gone for the moment" : "is weak";
  return (
    <p className="quality" role="status">
      <Icon name="warning" />
      {nameOf(peer.userId)}’s connection {what}
      {sending && (
        <button onClick={() => setMedia({ video: false }).catch(reportError)}>Turn video off</button>
      )}
    </p>
  );
}
