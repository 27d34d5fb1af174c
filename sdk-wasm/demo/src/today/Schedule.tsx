import type { Appointment } from "carewire";
import { useAppointments, useRoom } from "carewire/react";
import { loadAppointments } from "../clinic/backend";
import { useMe } from "../clinic/me";
import { VISIT_ROOM, nameOf } from "../clinic/people";
import { time } from "../ui/format";

const WORDS: Record<string, string> = {
  scheduled: "Scheduled",
  confirmed: "Confirmed",
  checked_in: "Checked in",
  in_progress: "In progress",
  completed: "Completed",
  cancelled: "Cancelled",
  no_show: "Did not come",
};

/** Today's appointments. They change by themselves. */
export function Schedule() {
  const me = useMe();
  const mine = (appointment: Appointment) =>
    me.role === "staff" || appointment.patientId === me.id || appointment.providerId === me.id;
  const { status, appointments } = useAppointments({
    key: `today-${me.id}`,
    load: async (signal) => (await loadAppointments(signal)).filter(mine),
    includes: mine,
  });
  return (
    <section className="card" aria-label="Today's schedule">
      <h3>Today’s schedule</h3>
      {status === "loading" && <p className="empty">Loading…</p>}
      {status === "error" && <p className="empty">The schedule could not be loaded.</p>}
      {status === "ready" && appointments.length === 0 && <p className="empty">Nothing today. Enjoy it.</p>}
      <ul>
        {appointments.map((appointment) => (
          <Row key={appointment.id} appointment={appointment} />
        ))}
      </ul>
    </section>
  );
}

function Row({ appointment }: { appointment: Appointment }) {
  const me = useMe();
  const { publish } = useRoom(me.role === "patient" && VISIT_ROOM);
  const { id, patientId, providerId, startsAt, title, status } = appointment;
  const due = status === "scheduled" || status === "confirmed";
  const checkIn = () => {
    publish("visit:checkIn", { appointmentId: id }).catch(reportError);
  };
  return (
    <li className="appointment" data-status={status}>
      <time dateTime={startsAt}>{time(startsAt)}</time>
      <div>
        <strong>{nameOf(me.role === "patient" ? providerId : patientId)}</strong>
        <small>{title}</small>
      </div>
      {me.role === "patient" && due ? (
        <button className="primary" onClick={checkIn}>
          Check in
        </button>
      ) : (
        <span className="chip" data-status={status}>
          {WORDS[status] ?? status}
        </span>
      )}
    </li>
  );
}
