// How the connection stands, for those who look at the page.

import { useMemo, type JSX, type ReactNode } from "react";
import type { Engine } from "../engine.js";
import type { ConnectionState } from "../types.js";
import { useEngine } from "./context.js";
import { useSelected, type Hook } from "./live.js";

/** The connection, and what can be done about it. */
export type Connection = ConnectionState & {
  /** `ok`: all is live. `waiting`: it will be by itself. `down`: it will not. */
  level: "ok" | "waiting" | "down";
  /** How much the server has not confirmed. */
  pending: number;
  reconnectNow(): void;
  /** The person is there: postpones the log-off for inactivity. */
  stayActive(): void;
};

/** State and outbox as one value. */
function connectionOf(engine: Engine) {
  const fns = { reconnectNow: () => engine.reconnect(), stayActive: () => engine.touch() };
  const { state } = engine;
  const { outbox } = engine.requests;
  let known: { state: ConnectionState; pending: number; value: Connection } | undefined;
  return {
    get(): Connection {
      const now = state.get();
      const pending = outbox.get().length;
      if (known?.state !== now || known.pending !== pending) {
        known = { state: now, pending, value: { ...now, level: levelOf(now), pending, ...fns } };
      }
      return known.value;
    },
    subscribe(changed: () => void) {
      const [a, b] = [state.subscribe(changed), outbox.subscribe(changed)];
      const end = () => (a(), b());
      return Object.assign(end, { [Symbol.dispose]: end });
    },
  };
}

function levelOf(state: ConnectionState): Connection["level"] {
  if (state.status === "closed") return "down";
  return state.status === "connected" && !state.recovering ? "ok" : "waiting";
}

/** How the connection stands. */
export const useConnection: Hook<[], Connection> = (select?: (connection: Connection) => unknown) => {
  const engine = useEngine();
  const [live, idle] = useMemo(() => {
    const live = connectionOf(engine);
    const { reconnectNow, stayActive } = live.get();
    const first: Connection = { status: "idle", level: "waiting", pending: 0, reconnectNow, stayActive };
    return [live, { get: () => first }] as const;
  }, [engine]);
  return useSelected(live, idle, select) as never;
};

/** A line that says how the connection stands; `children` draws another one. */
export function ConnectionStatus(props: { children?: (connection: Connection) => ReactNode }): JSX.Element {
  const connection = useConnection();
  return (
    <span role="status" data-carewire-status={connection.status} data-carewire-level={connection.level}>
      {props.children ? props.children(connection) : textOf(connection)}
    </span>
  );
}

function textOf(connection: Connection): string {
  switch (connection.status) {
    case "connected":
      return connection.recovering ? "Catching up…" : "Connected";
    case "reconnecting":
      return connection.online ? "Reconnecting…" : "Offline";
    case "closed":
      return connection.error.message;
    default:
      return "Connecting…";
  }
}
