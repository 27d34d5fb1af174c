import { useConnection } from "carewire/react";

const REASONS: Record<string, string> = {
  signed_out: "You are signed out.",
  unauthorized: "Your sign-in has expired.",
  inactive: "You were signed out because nobody used this device for a while.",
  disconnected: "An administrator has ended this connection.",
  forbidden: "You may not use this clinic.",
  replaced: "This session went on elsewhere.",
};

/** The end of a session: why, and the one thing to do about it. */
export function Closed({ onSignOut }: { onSignOut(): void }) {
  const connection = useConnection();
  if (connection.status !== "closed") return null;
  return (
    <div className="closed" role="alert">
      <h2>Disconnected</h2>
      <p>{REASONS[connection.reason] ?? connection.error.message}</p>
      <button className="primary" onClick={onSignOut} autoFocus>
        Sign in again
      </button>
    </div>
  );
}
