import type { MessageRoom } from "carewire";
import { useMe } from "../clinic/me";
import { Inbox } from "./Inbox";
import { People } from "./People";
import { Schedule } from "./Schedule";
import { WaitingRoom } from "./WaitingRoom";

/** The day: who comes, who wrote, who can be reached. */
export function Today({ onOpen }: { onOpen(room: MessageRoom): void }) {
  const me = useMe();
  return (
    <div className="cards">
      <Schedule />
      <Inbox onOpen={onOpen} />
      <People />
      {me.role !== "patient" && <WaitingRoom />}
    </div>
  );
}
