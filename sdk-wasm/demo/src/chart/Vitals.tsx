import { useState } from "react";
import { time } from "../ui/format";
import { Curve } from "./Curve";
import { useVitals } from "./useVitals";

const KINDS = [
  ["heart_rate", "Heart rate"],
  ["spo2", "Oxygen"],
  ["temperature", "Temperature"],
] as const;

/** Vital signs as they are measured: as curves, and as a table for whoever reads numbers. */
export function Vitals() {
  const vitals = useVitals();
  const [table, setTable] = useState(false);
  const shown = KINDS.flatMap(([kind, label]) => {
    const readings = vitals.get(kind);
    return readings ? [{ kind, label, readings }] : [];
  });
  return (
    <section className="card" aria-label="Vital signs">
      <h3>
        Vital signs
        <button aria-pressed={table} onClick={() => setTable(!table)}>
          {table ? "As curves" : "As a table"}
        </button>
      </h3>
      {shown.length === 0 && <p className="empty">Nothing measured yet.</p>}
      {!table &&
        shown.map(({ kind, label, readings }) => <Curve key={kind} label={label} readings={readings} />)}
      {table && shown.length > 0 && (
        <table>
          <caption className="sr">The last readings</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {shown.map(({ kind, label }) => (
                <th key={kind} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(shown[0]?.readings ?? [])
              .slice(-8)
              .reverse()
              .map(({ measuredAt }) => (
                <tr key={measuredAt}>
                  <th scope="row">{time(measuredAt)}</th>
                  {shown.map(({ kind, readings }) => {
                    const reading = readings.find((other) => other.measuredAt === measuredAt);
                    return (
                      <td key={kind} className="number">
                        {reading && `${reading.value} ${reading.unit}`}
                      </td>
                    );
                  })}
                </tr>
              ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
