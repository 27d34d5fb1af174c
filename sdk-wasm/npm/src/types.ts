// What the whole package speaks of: lists, live values, handles, events.

import type { CommandMap, ConnectedEvent, EventMap, RoomId } from "./protocol.js";
import type { CarewireError } from "./errors.js";

/** A list that nobody changes in place. */
export type List<T> = readonly T[];

/** Ends what it was given for. Calling it twice is no error. */
export type Off = (() => void) & Disposable;

/** A value that changes: the contract of React's `useSyncExternalStore`. */
export interface Live<V> {
  /** The value now. The same object until it changes. */
  get(): V;
  /** Calls back after every change. */
  subscribe(changed: () => void): Off;
}

/** The functions of a view. */
export type Fns<V> = {
  [K in keyof V as V[K] extends (...a: never[]) => unknown ? K : never]: V[K];
};

/**
 * One share in something the client keeps up to date. What it stands for (a joined room, a
 * subscription) ends one second after its last share is closed.
 */
export type Handle<V> = Live<V> & Fns<V> & Disposable & { close(): void };

/** What every view says of its data. */
export type Loaded =
  /** `idle`: there is nothing to load: no id, signed out, or on a server. */
  | { status: "idle" | "loading"; live: false; error?: undefined }
  /** `live: false`: offline or catching up, the data is old. */
  | { status: "ready"; live: boolean; error?: undefined }
  /** Denied or removed: the data is dropped. */
  | { status: "error"; live: false; error: CarewireError };

/** A room in which people write to each other. */
export type MessageRoom = `${"chat" | "thread" | "visit" | "call"}:${string}`;

/**
 * What an application adds to the types, by declaration merging.
 *
 * ```ts
 * declare module "carewire" {
 *   interface AppTypes {
 *     roomEvents: { "hand:raised": { up: boolean } };
 *     whiteboardOp: { x: number; y: number };
 *   }
 * }
 * ```
 */
export interface AppTypes {}
/** The application's own room events, by name. */
export type RoomEvents = AppTypes extends { roomEvents: infer E } ? E : Record<string, unknown>;
/** One thing drawn on a whiteboard. */
export type Op = AppTypes extends { whiteboardOp: infer O } ? O : unknown;

/** What every event says besides its data. */
export interface Meta {
  /** The room it belongs to. */
  room?: RoomId;
  /** Its place in the log of the room, where it is kept. */
  offset?: number;
  /** When it happened, by the server's clock. */
  timestamp: string;
  /** The client that caused it. */
  origin?: string;
  /** Whether this client caused it. */
  own: boolean;
  /** Whether it happened while this client was away. */
  replayed: boolean;
}
/** An event of a later version of the contract. */
export interface UnknownEvent extends Meta {
  type: string;
  data: object;
}
/** An event of the contract: `data` is typed by `type`. */
export type WireEvent = {
  [T in keyof EventMap]: Meta & { type: T; data: EventMap[T] };
}[keyof EventMap];

/** What can be listened to besides the events of the contract. */
export interface LocalEvents {
  /** Every event. */
  "*": WireEvent | UnknownEvent;
  /** Events of a later version. */
  unknown: UnknownEvent;
  /** The connection was lost and is back. What was missed in `gaps` cannot be replayed: refetch. */
  resumed: { awayMs: number; missed: number; gaps: RoomId[] };
}
export type EventName = keyof EventMap | keyof LocalEvents;
export type EventOf<T extends EventName> = T extends keyof LocalEvents
  ? LocalEvents[T]
  : Extract<WireEvent, { type: T }>;

/** Moments, for whoever listens. */
export interface Emitter {
  /** Calls back for every such event. What it throws goes to `reportError`. */
  on<T extends EventName>(type: T, fn: (event: EventOf<T>) => void, options?: { signal?: AbortSignal }): Off;
  /** The next such event. */
  once<T extends EventName>(
    type: T,
    options?: { signal?: AbortSignal; where?(event: EventOf<T>): boolean },
  ): Promise<EventOf<T>>;
  /** Every such event from this call on. With 1,024 unread ones it fails with `queue_full`. */
  events<T extends EventName>(type: T, options?: { signal?: AbortSignal }): AsyncIterableIterator<EventOf<T>>;
}

/** The data of a command. */
export type Data<T extends keyof CommandMap> = CommandMap[T]["data"];
/** The reply to a command. */
export type Reply<T extends keyof CommandMap> = CommandMap[T]["reply"];

/** How a request may be told apart and given up. */
export interface Ask {
  /** Gives up. What is not sent yet is withdrawn; what is sent may still happen. */
  signal?: AbortSignal;
  /** A key of the application's own: the same one again has no second effect within 24 hours. */
  key?: string;
}

/** Where tokens come from. */
export type Auth =
  | { token: string }
  | {
      /**
       * Asked once per connection and before a token expires. A question that stays open for long is
       * given up, which `signal` says, and asked again: a function that ignores `signal` may then run
       * twice at once. What it throws is tried again with backoff; `null` says that nobody is signed in.
       */
      getToken(ask: {
        why: "connect" | "expiring" | "rejected";
        signal: AbortSignal;
      }): Promise<string | null>;
    };

/** How much a client writes down, and where to. */
export type Log =
  "error" | "info" | "debug" | ((line: { level: string; text: string; facts: object }) => void);

/** How a client behaves. */
export interface Settings {
  /** The server: `wss:`, `https:` or a path such as `/ws`. */
  url: string;
  /** The queue for what is done offline: one hour and 1,000 commands unless set. */
  queue?: { maxAgeMs?: number; maxCommands?: number };
  /** Whether closing a tab with unsent work asks. On unless set. */
  guardUnload?: boolean;
  /** `auto`: input of the person counts against the inactivity log-off, once a minute. */
  activity?: "auto" | "manual";
  /** Another WebSocket, for an environment without one. */
  webSocket?: new (url: string, protocols: string[]) => WebSocket;
  /** The ICE servers of calls. */
  rtc?: RTCConfiguration | (() => Promise<RTCConfiguration>);
  /** Types, sizes, codes; no bodies, names or tokens. `localStorage["carewire:debug"]` turns it on too. */
  log?: Log;
}
/** What a client is made of. With `userId`, a token of anybody else closes it: `wrong_user`. */
export type Options = Settings & Auth & { userId?: string };

/** Why a client is closed for good. */
export type CloseReason =
  | "closed"
  | "signed_out"
  | "unauthorized"
  | "wrong_user"
  | "forbidden"
  | "disconnected"
  | "inactive"
  | "replaced"
  | "protocol"
  | "core_failed"
  | (string & {});

/** How the connection stands. */
export type ConnectionState =
  | { status: "idle" | "connecting" }
  /** `recovering`: what was missed is still coming. `logoffAt`: about to be logged off for inactivity. */
  | { status: "connected"; session: ConnectedEvent; recovering: boolean; logoffAt?: number }
  /** Without `retryAt` it is trying now. */
  | { status: "reconnecting"; attempt: number; retryAt?: number; online: boolean }
  | { status: "closed"; reason: CloseReason; error: CarewireError };

/** A command that is kept until the server confirms it. */
export interface Queued {
  key: string;
  type: keyof CommandMap;
  roomId?: RoomId;
  queuedAt: number;
  expiresAt: number;
  /** How often it was sent. */
  attempts: number;
}

/** The chat of two people, in either order. */
export function chatRoom(a: string, b: string): MessageRoom {
  return a < b ? `chat:${a}:${b}` : `chat:${b}:${a}`;
}

/** The name by which a room is known: the ids of a chat are sorted. */
export function roomName<R extends RoomId>(id: R): R {
  const [kind, a, b, more] = id.split(":");
  return kind === "chat" && a && b && more === undefined ? (chatRoom(a, b) as R) : id;
}

/** Whether people write to each other there. */
export function isMessageRoom(id: string): id is MessageRoom {
  return /^(chat|thread|visit|call):/.test(id);
}
