import { useState } from "react";
import { VISIT_ROOM } from "../clinic/people";
import { CallStage } from "./CallStage";
import { Whiteboard } from "./Whiteboard";

/** The visit: seeing each other, and a board to draw on. */
export function Visit() {
  const [board, setBoard] = useState(false);
  return (
    <div className="visit">
      <div className="segments" role="group" aria-label="What to show">
        <button aria-pressed={!board} onClick={() => setBoard(false)}>
          Video
        </button>
        <button aria-pressed={board} onClick={() => setBoard(true)}>
          Whiteboard
        </button>
      </div>
      {board ? <Whiteboard room={VISIT_ROOM} /> : <CallStage />}
    </div>
  );
}
