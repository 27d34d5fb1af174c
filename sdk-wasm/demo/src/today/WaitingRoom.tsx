import { useLiveData } from "carewire/react";
import { useState } from "react";
import { time } from "../ui/format";

interface Waiting {
  id: string;
  name: string;
  room: string;
  minutes: number;
}

/** Rows that change while one looks, filtered on the server. */
export function WaitingRoom() {
  const [room, setRoom] = useState<string>();
  const { status, live, rows, updatedAt } = useLiveData<Waiting>("waiting-room", {
    intervalMs: 1000,
    ...(room && { filter: { room } }),
  });
  return (
    <section className="card" aria-label="Waiting room" data-live={live}>
      <h3>
        Waiting room
        {updatedAt && <small>as of {time(updatedAt)}</small>}
      </h3>
      <div className="segments" role="group" aria-label="Which room">
        {[undefined, "A", "B"].map((name) => (
          <button key={name ?? "all"} aria-pressed={room === name} onClick={() => setRoom(name)}>
            {name ? `Room ${name}` : "All"}
          </button>
        ))}
      </div>
      {status === "ready" && rows.length === 0 && <p className="empty">Nobody waits.</p>}
      <table>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              <td>Room {row.room}</td>
              <td className="number">{row.minutes} min</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
