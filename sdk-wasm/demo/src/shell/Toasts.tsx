import { useEvent } from "carewire/react";
import { useCallback, useEffect, useState } from "react";
import { useMe } from "../clinic/me";
import { nameOf } from "../clinic/people";

interface Toast {
  id: number;
  text: string;
  urgent?: boolean;
}

const STAYS_MS = 6000;
let last = 0;

/** What has just happened. What happened while one was away is in the lists, not here. */
export function Toasts() {
  const me = useMe();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const add = (text: string, urgent = false) =>
    setToasts((shown) => [...shown.slice(-2), { id: ++last, text, urgent }]);
  const remove = useCallback(
    (id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)),
    [],
  );

  useEvent("notification:new", ({ data, replayed }) => {
    if (!replayed) add(`${data.notification.title}: ${data.notification.message}`);
  });
  useEvent("appointment:checkedIn", ({ data, replayed }) => {
    if (!replayed && me.role !== "patient") add(`${nameOf(data.appointment.patientId)} has checked in`);
  });
  useEvent("alert:critical", ({ data }) => add(`${data.title}: ${data.message}`, true));
  useEvent("resumed", ({ missed, gaps }) => {
    if (gaps.length > 0) add("List reloaded: too much happened while you were away");
    else if (missed > 0) add(`Back online. ${missed} events caught up.`);
  });

  return (
    <div className="toasts" role="log" aria-live="polite" aria-label="What has just happened">
      {toasts.map((toast) => (
        <Item key={toast.id} toast={toast} onDone={remove} />
      ))}
    </div>
  );
}

function Item({ toast, onDone }: { toast: Toast; onDone(id: number): void }) {
  useEffect(() => {
    const timer = setTimeout(() => onDone(toast.id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast.id, onDone]);
  return (
    <div className="toast" data-urgent={toast.urgent}>
      {toast.text}
    </div>
  );
}
