import { useCallback, useState } from "react";
import { useEscape } from "../ui/useEscape";

const WISHES = [
  ["maintenance", "Announce maintenance"],
  ["sms", "A patient sends a text"],
  ["colleague", "Kim edits the note"],
] as const;

export type Wish = (typeof WISHES)[number][0];

/** Asked for by the bar above both panes, done by whichever pane hears it first. */
export const DESK = new EventTarget();

/** What happens in a clinic without anybody in this room doing it: here it is for the asking. */
export function Desk() {
  const [open, setOpen] = useState(false);
  useEscape(
    open,
    useCallback(() => setOpen(false), []),
  );
  const ask = (wish: Wish) => {
    setOpen(false);
    DESK.dispatchEvent(new CustomEvent("wanted", { detail: wish, cancelable: true }));
  };
  return (
    <div className="desk">
      <button className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        Make something happen
      </button>
      {open && (
        <div className="popover" role="group" aria-label="Make something happen">
          {WISHES.map(([wish, label]) => (
            <button key={wish} className="row-button" onClick={() => ask(wish)}>
              {label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
