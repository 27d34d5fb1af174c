import { useCall } from "carewire/react";
import { useEffect, useRef } from "react";
import { nameOf } from "../clinic/people";
import { Icon } from "../ui/Icon";
import { ensureCamera } from "./camera";

/** Somebody calls: over whatever one is doing, and the focus goes back there afterwards. */
export function Ringing({ onAccepted }: { onAccepted(): void }) {
  const call = useCall();
  const accept = useRef<HTMLButtonElement>(null);
  const rings = call.phase === "incoming";
  useEffect(() => {
    if (!rings) return;
    const before = document.activeElement;
    accept.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, [rings]);
  if (call.phase !== "incoming") return null;
  const caller = call.callerName ?? nameOf(call.call.callerId);
  const take = async () => {
    await ensureCamera();
    await call.accept();
    onAccepted();
  };
  return (
    <div className="ringing" role="alertdialog" aria-label={`${caller} is calling`}>
      <div className="ring" aria-hidden="true">
        <Icon name="phone" />
      </div>
      <p>
        <strong>{caller}</strong> is calling
      </p>
      <div className="choices">
        <button className="danger" onClick={() => call.reject()}>
          Decline
        </button>
        <button className="primary" ref={accept} onClick={() => take().catch(reportError)}>
          Accept
        </button>
      </div>
    </div>
  );
}
