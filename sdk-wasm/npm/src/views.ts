// One view for each domain, shared by handles and hooks. Functions keep their identity, except for
// those that read the view (`of`, `room`, `readBy`): they change with it.

import type {
  Appointment,
  Call,
  Conversation,
  Message,
  Notification,
  Participant,
  Presence,
  ReportStatus,
  RoomId,
  Viewer,
} from "./protocol.js";
import type { CarewireError } from "./errors.js";
import type { Emitter, Fns, Handle, List, Live, Loaded, MessageRoom, Op, RoomEvents } from "./types.js";

/** A room. */
export type RoomView = Loaded & {
  /** Who is there, where members are announced. */
  participants: List<Participant>;
  /** How many events were missed in the last outage, and have been replayed. */
  missed: number;
  /** Something was missed that cannot be replayed; the state was loaded anew. */
  gap: boolean;
  /** Publishes an event of the application's own; `retain`: it is kept and replayed. */
  publish<E extends keyof RoomEvents>(
    event: E,
    payload: RoomEvents[E],
    options?: { retain?: boolean },
  ): Promise<void>;
};

/** A message as its list shows it, from the moment of sending. */
export type ChatMessage = Omit<Message, "id" | "key" | "status"> & {
  /** Constant from `queued` to `read`: the key of its row. */
  key: string;
  /** Absent until the server has stored it. */
  id?: string;
  /** Whether it is the user's. */
  own: boolean;
  status: "queued" | "sending" | Message["status"];
  /** Why it failed. */
  error?: CarewireError;
};

/** What is to be sent. */
export type Draft =
  | string
  | {
      key?: string;
      body?: string;
      attachments?: Message["attachments"];
      replyTo?: string;
      metadata?: unknown;
    };

/** The messages of a room. Everywhere a `key` is that of a row. */
export type Messages = Loaded & {
  /** Oldest first; those being sent last. */
  messages: List<ChatMessage>;
  /** How many are not confirmed yet. */
  pending: number;
  /** How many failed. */
  failed: number;
  /** How many of others came while away, until `markRead`. */
  missed: number;
  /** The first of them. */
  firstMissed?: string;
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Sends, durable when it resolves. It need not be awaited: a failure shows in the row. */
  send(message: Draft): Promise<Message>;
  /** Sends a failed message again. */
  retry(key: string): void;
  /** Takes back what has failed or was not sent yet. */
  discard(key: string): void;
  edit(key: string, body: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds a reaction, or takes it back: `on` is false. */
  react(key: string, emoji: string, on?: boolean): Promise<void>;
  loadOlder(): Promise<void>;
  /** Everything up to this one, or to the newest, was read; told when the tab is visible. */
  markRead(key?: string): void;
  /** Who has read it, as far as is known. */
  readBy(key: string): List<string>;
};

/** Who is writing in a room. */
export type Typing = Loaded & {
  /** The others. */
  typingUsers: List<{ userId: string; name?: string }>;
  /** To be called on every key: throttled, and stops by itself. */
  onKeystroke(): void;
  stop(): void;
};

/** The whiteboard of a room. */
export type Whiteboard = Loaded & {
  /** Everything drawn since the last wipe; one's own at once. */
  ops: List<Op>;
  revision: number;
  cursors: List<{ userId: string; x: number; y: number }>;
  draw(...ops: Op[]): void;
  clear(): void;
  moveCursor(x: number, y: number): void;
};

/** Who can be reached. */
export type Presences = Loaded & {
  of(userId: string): Presence;
  setStatus(status: "online" | "away" | "busy", text?: string): Promise<void>;
};

/** One's notifications. */
export type Notifications = Loaded & {
  /** Newest first. */
  notifications: List<Notification>;
  unreadCount: number;
  hasOlder: boolean;
  loadOlder(): Promise<void>;
  markRead(id: string): void;
  markAllRead(): void;
};

/** One's conversations over all platforms, or of one. */
export type Inbox = Loaded & {
  /** The most recently active first. */
  conversations: List<Conversation>;
  hasOlder: boolean;
  loadOlder(): Promise<void>;
};

/** How many messages of others are unread. */
export type Unread = Loaded & {
  total: number;
  platforms: Record<string, number>;
  room(id: RoomId): number;
};

/** Which appointments, and how the application loads them. */
export interface AppointmentQuery {
  /** Names the query: another key is another list. */
  key: string;
  /** Called after subscribing and again after a gap, so that nothing falls in between. */
  load(signal: AbortSignal): Promise<List<Appointment>>;
  /** Whether one that was created or changed belongs to the list. All do unless set. */
  includes?(appointment: Appointment): boolean;
}
/** Appointments, by their beginning. */
export type Appointments = Loaded & {
  appointments: List<Appointment>;
  reload(): void;
};

/** The chart of a patient, seen by the others as being viewed. */
export type Chart = Loaded & { viewers: List<Viewer> };

/** The lease on a part of a chart. */
export type Lock = Loaded & {
  /** `false`: somebody else has it. */
  acquire(): Promise<boolean>;
  release(): void;
} & (
    | { lock: "free" | "acquiring" | "lost" }
    /** Renewed by itself. The token goes with what is saved under the lease. */
    | { lock: "held"; fencingToken: number; expiresAt: number }
    | { lock: "taken"; holderId: string; expiresAt: number }
  );

/** Where a report stands. */
export interface Report {
  reportId: string;
  status: ReportStatus;
  /** In percent. */
  progress: number;
  /** More, for people. */
  message?: string;
  downloadUrl?: string;
  format?: string;
  sizeBytes?: number;
}
/** A report in the making. */
export type ReportView = Loaded & {
  /** Absent until something is told of it. */
  report?: Report;
  cancel(): Promise<void>;
  refresh(): Promise<void>;
};

/** A row of live data. */
export interface Row {
  id: string;
}
/** Which rows, and how often. */
export interface LiveOptions<R> {
  /** At most so often: 250 or more. */
  intervalMs?: number;
  /** Only rows whose fields have these values. */
  filter?: Partial<R>;
}
/** The rows of a template. */
export type LiveData<R> = Loaded & { rows: List<R>; updatedAt?: number };

/** What somebody sends in a call. */
export interface Media {
  stream?: MediaStream;
  audio: boolean;
  video: boolean;
  screen: boolean;
}
/** Another one in the call. */
export interface Peer extends Media {
  userId: string;
  quality: "unknown" | "good" | "poor" | "lost";
  /** What is worse than it should be: a field of `call:quality`. */
  issue?: string;
}
/** The user's call, of which there is at most one. */
export type Calling = {
  /** `problem`: why there is no camera or microphone. */
  self: Media & { problem?: "denied" | "missing" | "in_use" };
  /** Rings at people, or at participants of a visit. */
  start(to: string | List<string>, type: "audio" | "video", visitId?: string): Promise<void>;
  /** Enters the call of a visit; nobody rings. */
  joinVisit(visitId: string): Promise<void>;
  accept(): Promise<void>;
  reject(reason?: string): void;
  /** Leaves; `forAll`: ends it for everyone, for those who may. */
  hangUp(forAll?: boolean): void;
  /** Moves the call onto this device. */
  takeOver(): Promise<void>;
  setMedia(media: { audio?: boolean; video?: boolean; screen?: boolean; deviceId?: string }): Promise<void>;
} & (
  | { phase: "none"; ended?: { callId: string; reason: string; durationMs: number } }
  | {
      phase: "incoming" | "outgoing" | "active" | "elsewhere";
      call: Call;
      callerName?: string;
      peers: List<Peer>;
    }
);

/** A joined room; emits the events of this room alone. */
export type Room = Handle<RoomView> &
  Emitter & {
    id: RoomId;
    /** When it is joined for the first time; rejects when it is refused. */
    ready: Promise<void>;
  };
/** A room in which people write to each other. */
export type TalkRoom = Room & {
  id: MessageRoom;
  messages: Live<Messages> & Fns<Messages>;
  typing: Live<Typing> & Fns<Typing>;
  /** Kept up to date from the first time it is read, for as long as the room is. */
  whiteboard: Live<Whiteboard> & Fns<Whiteboard>;
};
