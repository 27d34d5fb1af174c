import { useRecord } from "carewire/react";
import { useMe } from "../clinic/me";
import { PATIENT, nameOf } from "../clinic/people";
import { time } from "../ui/format";
import { Icon } from "../ui/Icon";

/** Who looks at the chart. Being here is looking. */
export function Viewers() {
  const me = useMe();
  const { viewers } = useRecord(PATIENT);
  const others = viewers.filter((viewer) => viewer.userId !== me.id);
  return (
    <section className="card viewers" aria-label="Who is viewing">
      <Icon name="eye" />
      {others.length === 0
        ? "Only you are viewing this chart"
        : others.map((viewer) => (
            <span key={viewer.userId} className="chip" title={`since ${time(viewer.since)}`}>
              {viewer.name ?? nameOf(viewer.userId)} is viewing
            </span>
          ))}
    </section>
  );
}
