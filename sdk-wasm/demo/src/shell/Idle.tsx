import { useConnection } from "carewire/react";
import { seconds } from "../ui/format";
import { Icon } from "../ui/Icon";
import { useNow } from "../ui/useNow";

/** Nobody has done anything for long: one is about to be signed out, unless one says that one is there. */
export function Idle() {
  const connection = useConnection();
  const logoffAt = connection.status === "connected" ? connection.logoffAt : undefined;
  const now = useNow(logoffAt !== undefined);
  if (logoffAt === undefined) return null;
  return (
    <div className="banner">
      <Icon name="clock" />
      {/* Only this is read out: the seconds would be every second. */}
      <strong role="alert">Are you still there?</strong>
      <span>You will be signed out in {seconds(logoffAt, now)}.</span>
      <button onClick={connection.stayActive}>Stay signed in</button>
    </div>
  );
}
