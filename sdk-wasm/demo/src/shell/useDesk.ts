import { useRoom } from "carewire/react";
import { useEffect } from "react";
import { VISIT_ROOM } from "../clinic/people";
import { DESK, type Wish } from "./Desk";

/** Passes what is wanted on to the clinic's software, once, by whichever pane is connected. */
export function useDesk(connected: boolean): void {
  const { publish } = useRoom(VISIT_ROOM);
  useEffect(() => {
    if (!connected) return;
    const pass = (event: Event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      const what = (event as CustomEvent<Wish>).detail;
      publish("desk:wanted", { what }).catch(reportError);
    };
    DESK.addEventListener("wanted", pass);
    return () => DESK.removeEventListener("wanted", pass);
  }, [connected, publish]);
}
