// One hook for each view.

import { useEffect, useRef } from "react";
import { door, people } from "../doors.js";
import type { Engine } from "../engine.js";
import type { Store } from "../live.js";
import type { RoomId } from "../protocol.js";
import type { Wanted } from "../records/rows.js";
import { roomEntry, talkEntry, type TalkEntry } from "../rooms/entries.js";
import { roomName, type EventName, type EventOf, type List, type MessageRoom } from "../types.js";
import type {
  AppointmentQuery,
  Appointments,
  Calling,
  Chart,
  Inbox,
  LiveData,
  LiveOptions,
  Lock,
  Messages,
  Notifications,
  Presences,
  ReportView,
  RoomView,
  Row,
  Typing,
  Unread,
  Whiteboard,
} from "../views.js";
import { useEngine } from "./context.js";
import { useView, type Hook, type Maybe } from "./live.js";
import { useLayoutSafely } from "./provider.js";

/**
 * A hook: by its arguments a key, without which it is idle, and the view of that key. A function
 * as its last argument is a selection.
 */
function hook<A extends unknown[], V extends object>(
  key: (...args: A) => Maybe<string>,
  open: (engine: Engine, ...args: A) => Store<V>,
): Hook<A, V> {
  const use = (...args: unknown[]) => {
    const last = args.at(-1);
    const select = typeof last === "function" ? (last as (view: V) => unknown) : undefined;
    const given = (select ? args.slice(0, -1) : args) as A;
    return useView(key(...given) || null, (engine) => open(engine, ...given), select);
  };
  return use as Hook<A, V>;
}

/**
 * Calls back for every such event, always the newest function. With `room` only for those of that
 * room, which is joined meanwhile.
 */
export function useEvent<T extends EventName>(
  type: T,
  fn: (event: EventOf<T>) => void,
  options?: { room?: Maybe<RoomId> },
): void {
  const engine = useEngine();
  const newest = useRef(fn);
  useLayoutSafely(() => {
    newest.current = fn;
  });
  const isScoped = options !== undefined && "room" in options;
  const room = options?.room ? roomName(options.room) : null;
  useEffect(() => {
    if (engine.closed || (isScoped && room === null)) return;
    const emitter = room === null ? engine.events.emitter : engine.events.ofRoom(room);
    const hold = room === null ? undefined : roomEntry(engine, room).hold();
    const listening = emitter.on(type, (event) => newest.current(event));
    return () => {
      listening();
      hold?.();
    };
  }, [engine, type, isScoped, room]);
}

/** A room: who is there, and the application's own events. */
export const useRoom = /* @__PURE__ */ hook<[id: Maybe<RoomId>], RoomView>(
  (id) => id && roomName(id),
  (engine, id) => roomEntry(engine, id || NOWHERE).view,
);

const NOWHERE: MessageRoom = "chat::";

function talkHook<V extends object>(view: (entry: TalkEntry) => Store<V>): Hook<[id: Maybe<MessageRoom>], V> {
  return hook(
    (id) => id && roomName(id),
    (engine, id) => view(talkEntry(engine, id || NOWHERE)),
  );
}

/** The messages of a room, and sending them. */
export const useMessages = /* @__PURE__ */ talkHook<Messages>((room) => room.messages.view);

/** Who is writing in a room. */
export const useTyping = /* @__PURE__ */ talkHook<Typing>((room) => room.typing.view);

/** The whiteboard of a room. */
export const useWhiteboard = /* @__PURE__ */ hook<[id: Maybe<MessageRoom>], Whiteboard>(
  (id) => id && roomName(id),
  (engine, id) => door(engine, "whiteboard", roomName(id || NOWHERE)).view,
);

/** Who of these can be reached. */
export const usePresence = /* @__PURE__ */ hook<[ids: Maybe<string | List<string>>], Presences>(
  (ids) => ids && all(ids).join(" "),
  (engine, ids) => door(engine, "presence", ids ? all(ids) : []).view,
);

function all(ids: string | List<string>): List<string> {
  return people(typeof ids === "string" ? [ids] : ids);
}

/** One's notifications. */
export const useNotifications = /* @__PURE__ */ hook<[], Notifications>(
  () => ONE,
  (engine) => door(engine, "notifications", undefined).view,
);

/** The key of what there is one of. */
const ONE = "one";

/** One's conversations, over all platforms or on one. */
export const useInbox = /* @__PURE__ */ hook<[platform?: string], Inbox>(
  (platform) => platform || ONE,
  (engine, platform) => door(engine, "inbox", platform).view,
);

/** How many messages of others are unread. */
export const useUnread = /* @__PURE__ */ hook<[], Unread>(
  () => ONE,
  (engine) => door(engine, "unread", undefined).view,
);

const appointments = /* @__PURE__ */ hook<[query: Maybe<AppointmentQuery>], Appointments>(
  (query) => query && query.key,
  (engine, query) => door(engine, "appointments", query || NEVER).view,
);

const NEVER: AppointmentQuery = { key: "", load: async () => [] };

/** Appointments that the application loads, kept up to date. The newest `load` is called. */
export const useAppointments = ((query: Maybe<AppointmentQuery>, ...select: []) => {
  const engine = useEngine();
  useLayoutSafely(() => {
    if (query && !engine.closed) door(engine, "appointments", query).input = query;
  });
  return appointments(query, ...select);
}) as typeof appointments;

/** The chart of a patient: while this is shown, the others see that it is being viewed. */
export const useRecord = /* @__PURE__ */ hook<[patientId: Maybe<string>], Chart>(
  (id) => id,
  (engine, id) => door(engine, "chart", id || "").view,
);

/** The lease on a part of a chart; given back when it is no longer shown. */
export const useRecordLock = /* @__PURE__ */ hook<[patientId: Maybe<string>, recordId: Maybe<string>], Lock>(
  (patient, record) => patient && record && `${patient} ${record}`,
  (engine, patient, record) =>
    door(engine, "lock", { patientId: patient || "", recordId: record || "" }).view,
);

/** A report in the making. */
export const useReport = /* @__PURE__ */ hook<[id: Maybe<string>], ReportView>(
  (id) => id,
  (engine, id) => door(engine, "report", id || "").view,
);

/** The user's call, ringing or under way. */
export const useCall = /* @__PURE__ */ hook<[], Calling>(
  () => ONE,
  (engine) => door(engine, "calls", undefined).view,
);

/** The rows of a template. */
export function useLiveData<R extends Row>(id: Maybe<string>, options?: LiveOptions<R>): LiveData<R>;
export function useLiveData<R extends Row, T>(
  id: Maybe<string>,
  options: Maybe<LiveOptions<R>>,
  select: (view: LiveData<R>) => T,
): T;
export function useLiveData<R extends Row, T>(
  id: Maybe<string>,
  options?: Maybe<LiveOptions<R>>,
  select?: (view: LiveData<R>) => T,
): LiveData<R> | T {
  const wished = options || {};
  const key = id ? JSON.stringify([id, wished.intervalMs, wished.filter]) : null;
  const wanted = { id: id || "", ...wished } as Wanted;
  return useView(key, (engine) => door(engine, "rows", wanted).view as unknown as Store<LiveData<R>>, select);
}
