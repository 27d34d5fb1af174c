import type { Reading } from "carewire";
import { useEvent } from "carewire/react";
import { useEffect, useState } from "react";
import { loadReadings } from "../clinic/backend";
import { useMe } from "../clinic/me";
import { PATIENT } from "../clinic/people";

const KEPT = 40;

function merge(known: readonly Reading[], more: readonly Reading[]): readonly Reading[] {
  const all = new Map(
    [...known, ...more].map((reading) => [`${reading.kind} ${reading.measuredAt}`, reading]),
  );
  return [...all.values()].sort((a, b) => a.measuredAt.localeCompare(b.measuredAt));
}

/** The readings of the patient by kind, oldest first: what is recorded, and what comes. */
export function useVitals(): ReadonlyMap<string, readonly Reading[]> {
  const me = useMe();
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  useEffect(() => {
    const loading = new AbortController();
    loadReadings(loading.signal)
      .then((recorded) => setReadings((known) => merge(recorded, known)))
      .catch((error: unknown) => loading.signal.aborted || reportError(error));
    return () => loading.abort();
  }, []);
  // Patients hear of themselves in their own room, others in the room of the chart.
  useEvent("vitals:update", ({ data }) => setReadings((known) => merge(known, data.readings)), {
    room: me.role === "patient" ? `user:${me.id}` : `patient:${PATIENT}`,
  });
  const kinds = [...new Set(readings.map((reading) => reading.kind))];
  return new Map(
    kinds.map((kind) => [kind, readings.filter((reading) => reading.kind === kind).slice(-KEPT)]),
  );
}
