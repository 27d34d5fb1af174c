import type { MessageRoom } from "carewire";
import { useWhiteboard } from "carewire/react";
import { type PointerEvent, useState } from "react";
import { useMe } from "../clinic/me";
import { PEOPLE, nameOf } from "../clinic/people";
import type { Stroke } from "../clinic/types";

type Point = Stroke["points"][number];

/** A board to draw on together. Coordinates are fractions, so that it fits every screen. */
export function Whiteboard({ room }: { room: MessageRoom }) {
  const me = useMe();
  const { status, ops, cursors, draw, clear, moveCursor } = useWhiteboard(room);
  const [line, setLine] = useState<Point[]>();
  const color = PEOPLE.findIndex((person) => person.id === me.id);

  const move = (event: PointerEvent<SVGSVGElement>) => {
    const point = place(event);
    moveCursor(...point);
    if (line) setLine([...line, point]);
  };
  const end = () => {
    if (line && line.length > 1) draw({ color, points: line });
    setLine(undefined);
  };
  return (
    <div className="board">
      <svg
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Whiteboard with ${ops.length} lines`}
        aria-busy={status === "loading"}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setLine([place(event)]);
        }}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={() => setLine(undefined)}
      >
        {ops.map((stroke, at) => (
          <Line key={at} stroke={stroke} />
        ))}
        {line && <Line stroke={{ color, points: line }} />}
      </svg>
      {cursors.map(({ userId, x, y }) => (
        <span key={userId} className="cursor" style={{ left: `${x * 100}%`, top: `${y * 100}%` }}>
          {nameOf(userId)}
        </span>
      ))}
      <div className="board-tools">
        <small>Draw with a finger or the mouse</small>
        <button onClick={clear}>Clear</button>
      </div>
    </div>
  );
}

function Line({ stroke }: { stroke: Stroke }) {
  return (
    <polyline
      className="stroke"
      data-color={stroke.color}
      points={stroke.points.map((point) => point.join(",")).join(" ")}
    />
  );
}

function place(event: PointerEvent<SVGSVGElement>): Point {
  const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
  const part = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
  return [part((event.clientX - left) / width), part((event.clientY - top) / height)];
}
