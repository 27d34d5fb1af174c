// Views whose code comes with their first use: one table of all, and how each is found.

import type { Presence } from "./protocol.js";
import type { Engine } from "./engine.js";
import type { List, MessageRoom } from "./types.js";
import type {
  AppointmentQuery,
  Appointments,
  Calling,
  Chart,
  Inbox,
  LiveData,
  Lock,
  Notifications,
  Presences,
  ReportView,
  Row,
  Unread,
  Whiteboard,
} from "./views.js";
import type { Locked } from "./records/lock.js";
import type { Wanted } from "./records/rows.js";
import { Door, from, late, type Kind } from "./late.js";
import { NONE } from "./live.js";

/** Each with its view and what it is about. */
interface Inputs {
  appointments: [Appointments, AppointmentQuery];
  calls: [Calling, undefined];
  chart: [Chart, string];
  inbox: [Inbox, string | undefined];
  lock: [Lock, Locked];
  notifications: [Notifications, undefined];
  presence: [Presences, List<string>];
  report: [ReportView, string];
  rows: [LiveData<Row>, Wanted];
  unread: [Unread, undefined];
  whiteboard: [Whiteboard, MessageRoom];
}

const chart = late(() => import("./records/chart.js"));

export const KINDS: { [N in keyof Inputs]: Kind<Inputs[N][0], Inputs[N][1]> } = {
  appointments: {
    code: from(
      late(() => import("./person/appointments.js")),
      (module) => module.AppointmentsPart,
    ),
    first: { appointments: NONE },
    fns: { reload: false },
  },
  calls: {
    code: from(
      late(() => import("./calls/calls.js")),
      (module) => module.Calls,
    ),
    first: { self: { audio: false, video: false, screen: false }, phase: "none" },
    fns: {
      start: true,
      joinVisit: true,
      accept: true,
      reject: false,
      hangUp: false,
      takeOver: true,
      setMedia: true,
    },
    wakes: (what, isAwake) =>
      what.type === "connected" ? isAwake || what.data.calls.length > 0 : what.type.startsWith("call"),
  },
  chart: { code: from(chart, (module) => module.ChartPart), first: { viewers: NONE } },
  inbox: {
    code: from(
      late(() => import("./person/inbox.js")),
      (module) => module.InboxPart,
    ),
    first: { conversations: NONE, hasOlder: false },
    fns: { loadOlder: true },
  },
  lock: {
    code: from(chart, (module) => module.LockPart),
    first: { lock: "free" },
    fns: { acquire: true, release: false },
  },
  notifications: {
    code: from(
      late(() => import("./person/notifications.js")),
      (module) => module.NotificationsPart,
    ),
    first: { notifications: NONE, unreadCount: 0, hasOlder: false },
    fns: { loadOlder: true, markRead: false, markAllRead: false },
  },
  presence: {
    code: from(
      late(() => import("./person/presence.js")),
      (module) => module.PresencePart,
    ),
    first: { of: nobody },
    sends: (engine) => ({
      setStatus: async (status, text) => {
        const customStatus = text === undefined ? {} : { customStatus: text };
        await engine.request("presence:setStatus", { status, ...customStatus });
      },
    }),
  },
  report: {
    code: from(
      late(() => import("./records/report.js")),
      (module) => module.ReportPart,
    ),
    first: {},
    sends: (engine, reportId) => ({
      cancel: async () => {
        await engine.request("report:cancel", { reportId });
      },
      refresh: async () => {
        await engine.request("report:refresh", { reportId });
      },
    }),
  },
  rows: {
    code: from(
      late(() => import("./records/rows.js")),
      (module) => module.RowsPart,
    ),
    first: { rows: NONE },
  },
  unread: {
    code: from(
      late(() => import("./person/unread.js")),
      (module) => module.UnreadPart,
    ),
    first: { total: 0, platforms: {}, room: () => 0 },
  },
  whiteboard: {
    code: from(
      late(() => import("./rooms/whiteboard.js")),
      (module) => module.WhiteboardPart,
    ),
    first: { ops: NONE, revision: 0, cursors: NONE },
    fns: { draw: false, clear: false, moveCursor: false },
  },
};

/** What is shown of somebody of whom nothing is known. */
export function nobody(userId: string): Presence {
  return { userId, status: "offline", devices: 0 };
}

/** The one of this kind that is about this. */
export function door<N extends keyof Inputs>(
  engine: Engine,
  name: N,
  input: Inputs[N][1],
): Door<Inputs[N][0], Inputs[N][1]> {
  return engine.shared(keyOf(name, input), (engine, key) => new Door(engine, key, KINDS[name], input));
}

function keyOf(name: string, input?: unknown): string {
  // A query has a name of its own.
  const { key = input } = Object(input) as { key?: unknown };
  return `${name}:${JSON.stringify(key)}`;
}

/** The calls of a client are made with it, and kept up to date whether or not anybody looks. */
export function callsOf(engine: Engine): Door<Calling> {
  const calls = new Door<Calling>(engine, keyOf("calls"), KINDS.calls, undefined);
  engine.keep(calls);
  return calls;
}

/** The same people in another order are the same people. */
export function people(ids: List<string>): List<string> {
  return [...new Set(ids)].sort();
}
