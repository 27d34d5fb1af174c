// Generated from the Rust types of `carewire-protocol` by `cargo xtask docs`. Do not edit.

/** A point in time, in RFC 3339. */
export type Timestamp = string;
/** A word of a later version. */
export type Later = string & {};
/** The name of a room; that of a channel begins with a word of its own. */
export type RoomId =
  | `chat:${string}`
  | `thread:${string}`
  | `visit:${string}`
  | `call:${string}`
  | `user:${string}`
  | `notifications:${string}`
  | `tenant:${string}`
  | `staff:${string}`
  | `backend:${string}`
  | `topic:${string}`
  | `patient:${string}`
  | `report:${string}`
  | `template:${string}`
  | (`${string}:${string}` & {});
/** An appointment in the calendar of a backend. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type AppointmentId = string;
/** A call. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type CallId = string;
/** One client object (a device, a tab), named by itself and kept over its reconnects. 1-64 visible ASCII characters */
export type ClientId = string;
/** One live connection, named by the server. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type ConnectionId = string;
/** The life of a log; another one means that positions of the former are void. 1-64 visible ASCII characters */
export type Epoch = string;
/** What makes a repeated command one command. 1-64 visible ASCII characters */
export type Key = string;
/** A message. Ids of messages sort in their room as their offsets do. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type MessageId = string;
/** A notification. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type NotificationId = string;
/** What a notification is about: `appointment_reminder`, `task_assigned`, `lab_result`, `prior_authorization`, `message`, `system`, or a word of the application. a lower-case word of 1-64 letters, digits and _ */
export type NotificationKind = string;
/** Where a conversation takes place: `internal`, `sms`, `email`, …. a lower-case word of 1-64 letters, digits and _ */
export type Platform = string;
/** A part of a chart that can be locked. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type RecordId = string;
/** A report that is being made. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type ReportId = string;
/** A report template with live data. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type TemplateId = string;
/** An organisation. Nothing crosses from one to another. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type TenantId = string;
/** A topic that people subscribe to. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type TopicName = string;
/** A person, or a backend acting as one. Patients are named by their user id. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type UserId = string;
/** An appointment or encounter with its participants. 1-128 characters of A-Z a-z 0-9 _ . @ - */
export type VisitId = string;
/** How loud a system alert is. Backends may use words of their own. */
export type AlertLevel = "info" | "warning" | "error" | "critical" | Later;
/** Where an appointment stands. The backend may use words of its own. */
export type AppointmentStatus = "scheduled" | "confirmed" | "checked_in" | "in_progress" | "completed" | "cancelled" | "no_show" | Later;
/** Why a call ended. */
export type CallEndReason = "hangup" | "lastLeft" | "timeout" | "restart" | Later;
/** Where a call stands: `ringing → active → ended | rejected | missed`. */
export type CallState = "ringing" | "active" | "ended" | "rejected" | "missed" | Later;
/** What a call carries when it starts. */
export type CallType = "audio" | "video" | Later;
/** The codes of the contract, section 4. Programs decide by the code, people read the message. */
export type ErrorCode = "no_token" | "invalid_token" | "token_expired" | "malformed" | "unknown_type" | "invalid_input" | "access_denied" | "room_not_found" | "not_joined" | "message_not_found" | "call_not_found" | "call_conflict" | "record_locked" | "rate_limited" | "payload_too_large" | "too_many_rooms" | "unavailable" | "internal" | Later;
/** Why the server ended a membership. */
export type LeftReason = "revoked" | "removed" | "role" | "expired" | "server" | Later;
/** How far a message has come, by the least advanced of the other members. */
export type MessageStatus = "sent" | "delivered" | "read" | "failed" | Later;
/** Where one participant of a call stands. */
export type ParticipantState = "ringing" | "joined" | "left" | "rejected" | "missed" | Later;
/** Whether a person can be reached. */
export type PresenceStatus = "online" | "away" | "busy" | "in_call" | "offline" | Later;
/** How much it matters. */
export type Priority = "low" | "normal" | "high" | "urgent" | Later;
/** What a push notification would be about. */
export type PushKind = "message" | "notification" | "call" | Later;
/** A measure of quality, by its field in [`Quality`](super::Quality). */
export type QualityMetric = "packetLossPct" | "jitterMs" | "roundTripMs" | "bitrateKbps" | Later;
/** Where a report stands. */
export type ReportStatus = "pending" | "running" | "completed" | "error" | "cancelled" | Later;
/** What a person or backend is in its tenant. */
export type Role = "patient" | "provider" | "staff" | "admin" | "service" | Later;
/** How bad it is. Backends may use words of their own. */
export type Severity = "low" | "medium" | "high" | "critical" | Later;
/** What a WebRTC signal is. */
export type SignalType = "offer" | "answer" | "ice_candidate" | Later;
/** Why a lease ended. */
export type UnlockReason = "released" | "expired" | "revoked" | Later;
/** The last event of a report, in the snapshot of its room. */
export type ReportSnapshot =
  | { type: "report:status"; data: ReportStatusEvent }
  | { type: "report:completed"; data: ReportCompletedEvent }
  | { type: "report:failed"; data: ReportFailedEvent };
/** Whom an event is for. */
export type Target =
  | { user: UserId }
  | { room: RoomId }
  | { tenant: TenantId }
  | { staff: TenantId }
  | { role: Role }
  | { connection: ConnectionId };
/** Takes access for four hours: providers and staff, where it is enabled. It is written to the audit log and announced to admins. */
export interface AccessBreakGlassCommand {
  /** To whom. */
  patientId: UserId;
  /** Why; required, at most 1,024 bytes. */
  reason: string;
}
/** Granted. */
export interface AccessBreakGlassReply {
  /** When the access ends. */
  expiresAt: Timestamp;
}
/** To admins: somebody took emergency access to a patient. */
export interface AlertBreakGlassEvent {
  /** To whom. */
  patientId: UserId;
  /** Who. */
  userId: UserId;
  /** The reason they gave. */
  reason: string;
  /** When the access ends. */
  expiresAt: Timestamp;
}
/** Somebody has to act. */
export interface AlertCriticalEvent {
  /** About whom; about nobody in particular when left out. */
  patientId?: UserId;
  /** How bad it is. */
  severity: Severity;
  /** What it is, in a line. */
  title: string;
  /** What it is. */
  message: string;
}
/** An appointment. */
export interface Appointment {
  /** The appointment. */
  id: AppointmentId;
  /** Whose. */
  patientId: UserId;
  /** With whom. */
  providerId: UserId;
  /** When it begins. */
  startsAt: Timestamp;
  /** When it ends. */
  endsAt: Timestamp;
  /** Where it stands. */
  status: AppointmentStatus;
  /** What it is about. */
  title?: string;
  /** Any JSON of the application. */
  metadata?: unknown;
}
/** An appointment was cancelled. */
export interface AppointmentCancelledEvent {
  /** The appointment as it is now. */
  appointment: Appointment;
}
/** The patient has arrived. */
export interface AppointmentCheckedInEvent {
  /** The appointment as it is now. */
  appointment: Appointment;
}
/** An appointment was made. */
export interface AppointmentCreatedEvent {
  /** The appointment. */
  appointment: Appointment;
}
/** An appointment was changed. */
export interface AppointmentUpdatedEvent {
  /** The appointment as it is now. */
  appointment: Appointment;
}
/** A file that belongs to a message. Carewire moves the reference, never the file. */
export interface Attachment {
  /** The file's name. */
  name: string;
  /** Its media type. */
  mimeType: string;
  /** Its size. */
  sizeBytes: number;
  /** Where it is: http, https or relative. */
  url: string;
  /** How long it plays. In milliseconds. */
  durationMs?: number;
}
/** The first command of a connection that sent no header: who this is. */
export interface AuthAuthenticateCommand {
  /** The JWT. Text of any length; the server judges it. */
  token?: string;
  /** The device; the connection's id when left out. */
  clientId?: ClientId;
}
/** The token expires soon: send `auth:refresh`. */
export interface AuthExpiringEvent {
  /** When. */
  expiresAt: Timestamp;
}
/** Nobody has done anything for a while. */
export interface AuthIdleEvent {
  /** When the connection will be closed. */
  logoffAt: Timestamp;
}
/** A newer token for the same user and tenant. */
export interface AuthRefreshCommand {
  /** The JWT. */
  token?: string;
}
/** The refreshed session. */
export interface AuthRefreshReply {
  /** The role of the new token. Another one re-checks every joined room. */
  role: Role;
  /** When the new token expires. */
  expiresAt: Timestamp;
}
/** A call. */
export interface Call {
  /** The call. */
  callId: CallId;
  /** Its room: `call:{visitId}` for the call of a visit, else `call:{callId}`. */
  roomId: RoomId;
  /** The visit it belongs to. */
  visitId?: VisitId;
  /** What it carries. */
  callType: CallType;
  /** Who started it. */
  callerId: UserId;
  /** Where it stands. */
  state: CallState;
  /** Everybody concerned, the caller included. */
  participants: CallParticipant[];
  /** When the first recipient accepted. */
  startedAt?: Timestamp;
  /** When it stops ringing. */
  expiresAt?: Timestamp;
  /** When it ended. */
  endedAt?: Timestamp;
  /** Why it ended. */
  endReason?: CallEndReason;
}
/** Takes a ringing call with this device. */
export interface CallAcceptCommand {
  /** The call. */
  callId: CallId;
}
/** A recipient took the call with one of their devices; their others stop ringing. */
export interface CallAcceptedEvent {
  /** The call. */
  callId: CallId;
  /** Who. */
  userId: UserId;
  /** The device that holds their place. */
  clientId?: ClientId;
}
/** Ends a call for all: its initiator, providers, staff and admins. For others, [`Leave`]. */
export interface CallEndCommand {
  /** The call. */
  callId: CallId;
}
/** The call is over for all. */
export interface CallEndedEvent {
  /** The call. */
  callId: CallId;
  /** Why. */
  reason: CallEndReason;
  /** How long it was active; 0 when it never was. In milliseconds. */
  durationMs: number;
}
/** Asks for one's calls, the newest first. */
export interface CallHistoryCommand {
  /** Where the former page ended. */
  cursor?: string;
  /** How many: 1 to 100, 50 when left out. */
  limit?: number;
}
/** A page of calls. */
export interface CallHistoryReply {
  /** The newest first. */
  calls: Call[];
  /** Set when there are more. */
  cursor?: string;
}
/** It rings here: the call, and who calls. */
export interface CallIncomingEvent {
  /** The call. */
  callId: CallId;
  /** Its room. */
  roomId: RoomId;
  /** The visit it belongs to. */
  visitId?: VisitId;
  /** What it carries. */
  callType: CallType;
  /** Who calls. */
  callerId: UserId;
  /** Where it stands. */
  state: CallState;
  /** Everybody concerned, the caller included. */
  participants: CallParticipant[];
  /** When the first recipient accepted. */
  startedAt?: Timestamp;
  /** When it stops ringing. */
  expiresAt?: Timestamp;
  /** The caller's name, where the server knows it. */
  callerName?: string;
}
/** Calls people one may chat with, or participants of the visit. */
export interface CallInitiateCommand {
  /** Whose devices ring; at least one. */
  recipientIds: UserId[];
  /** The visit the call belongs to. */
  visitId?: VisitId;
  /** What it carries. */
  callType: CallType;
}
/** Rings. */
export interface CallInitiateReply {
  /** The call. */
  callId: CallId;
  /** Its room. */
  roomId: RoomId;
  /** Where it stands. */
  state: CallState;
}
/** Enters a call again with this device, or the call of a visit, which starts when there is none. Exactly one of the two fields is given. */
export interface CallJoinCommand {
  /** The call. */
  callId?: CallId;
  /** The visit whose call is meant. */
  visitId?: VisitId;
}
/** Joined. */
export interface CallJoinReply {
  /** The call as it is now. */
  call: Call;
}
/** Leaves a call. */
export interface CallLeaveCommand {
  /** The call. */
  callId: CallId;
}
/** Says what this device sends to the call. */
export interface CallMediaCommand {
  /** The call. */
  callId: CallId;
  /** Voice. */
  audio: boolean;
  /** Picture. */
  video: boolean;
  /** The screen. */
  screen: boolean;
}
/** What a participant sends has changed. */
export interface CallMediaEvent {
  /** The call. */
  callId: CallId;
  /** Who. */
  userId: UserId;
  /** Voice. */
  audio: boolean;
  /** Picture. */
  video: boolean;
  /** The screen. */
  screen: boolean;
}
/** To the recipient: nobody of them answered in time. */
export interface CallMissedEvent {
  /** The call. */
  callId: CallId;
  /** Who called. */
  callerId: UserId;
  /** What it would have carried. */
  callType: CallType;
}
/** One person in a call. */
export interface CallParticipant {
  /** Who. */
  userId: UserId;
  /** The device that holds their place. */
  clientId?: ClientId;
  /** Where they stand. */
  state: ParticipantState;
  /** Whether they send voice. */
  audio: boolean;
  /** Whether they send a picture. */
  video: boolean;
  /** Whether they send their screen. */
  screen: boolean;
}
/** Somebody is in the call, or their place moved to another device. */
export interface CallParticipantJoinedEvent {
  /** The call. */
  callId: CallId;
  /** Who. */
  userId: UserId;
  /** The device that holds their place. */
  clientId?: ClientId;
}
/** Somebody left the call. */
export interface CallParticipantLeftEvent {
  /** The call. */
  callId: CallId;
  /** Who. */
  userId: UserId;
}
/** Reports how well the call arrives here. */
export interface CallQualityCommand {
  /** The call. */
  callId: CallId;
  /** Lost packets, in percent. */
  packetLossPct: number;
  /** How unevenly packets arrive. In milliseconds. */
  jitterMs: number;
  /** How long a packet takes to the other side and back. In milliseconds. */
  roundTripMs: number;
  /** The rate, in kilobits a second. */
  bitrateKbps: number;
}
/** The call arrives badly at a participant. */
export interface CallQualityIssueEvent {
  /** The call. */
  callId: CallId;
  /** At whom. */
  userId: UserId;
  /** Which measure, by its field in `call:quality`. */
  metric: QualityMetric;
  /** What was measured. */
  value: number;
  /** What would have been well. */
  threshold: number;
}
/** Declines a ringing call. */
export interface CallRejectCommand {
  /** The call. */
  callId: CallId;
  /** Why, for the caller; at most 1,024 bytes. */
  reason?: string;
}
/** A recipient declined. */
export interface CallRejectedEvent {
  /** The call. */
  callId: CallId;
  /** Who. */
  userId: UserId;
  /** Why. */
  reason?: string;
}
/** Passes a WebRTC signal on. */
export interface CallSignalCommand {
  /** The call. */
  callId: CallId;
  /** To whom; to all other participants when left out. */
  recipientId?: UserId;
  /** What it is. */
  signalType: SignalType;
  /** The signal: any JSON, at most 64 KiB. */
  signal: unknown;
}
/** A WebRTC signal of another participant. */
export interface CallSignalEvent {
  /** The call. */
  callId: CallId;
  /** Whose. */
  senderId: UserId;
  /** The device that holds their place. */
  senderClientId: ClientId;
  /** What it is. */
  signalType: SignalType;
  /** The signal: any JSON. */
  signal: unknown;
}
/** Somebody published to a channel. */
export interface ChannelEventEvent {
  /** The channel. */
  channel: RoomId;
  /** The event's name, chosen by the application. */
  event: string;
  /** Any JSON. */
  payload: unknown;
}
/** Publishes to a channel: staff, admins and services, unless the access file says otherwise. */
export interface ChannelPublishCommand {
  /** The channel. */
  channel: RoomId;
  /** The event's name, chosen by the application; at most 1,024 bytes. */
  event: string;
  /** Any JSON, at most 256 KiB. */
  payload: unknown;
}
/** Joins a channel. With `epoch` and `offset`, everything after that position follows. */
export interface ChannelSubscribeCommand {
  /** The channel. */
  channel: RoomId;
  /** The life of the log the position belongs to. */
  epoch?: Epoch;
  /** The offset of the last event delivered. */
  offset?: number;
}
/** Leaves a channel. */
export interface ChannelUnsubscribeCommand {
  /** The channel. */
  channel: RoomId;
}
/** The first event after success. */
export interface ConnectedEvent {
  /** This connection. */
  connectionId: ConnectionId;
  /** Who it belongs to. */
  userId: UserId;
  /** In which tenant. */
  tenantId: TenantId;
  /** As what. */
  role: Role;
  /** The user's name, where the server knows it. */
  name?: string;
  /** The protocol version: `"1"`. */
  protocol: string;
  /** The server's clock. */
  serverTime: Timestamp;
  /** When the session ends without a refresh. */
  tokenExpiresAt: Timestamp;
  /** How often the server pings. In milliseconds. */
  heartbeatIntervalMs: number;
  /** What the server takes. */
  limits: SessionLimits;
  /** The user's calls that have not ended. */
  calls: Call[];
  /** The rooms joined without asking, each with its newest position. */
  rooms: RoomPosition[];
}
/** A conversation as one member sees it. */
export interface Conversation {
  /** Its room. */
  roomId: RoomId;
  /** Its title. */
  title?: string;
  /** Where it takes place. */
  platform: Platform;
  /** Who takes part. */
  memberIds: UserId[];
  /** The newest message. */
  lastMessage?: Message;
  /** How many messages of others are unread. */
  unreadCount: number;
  /** When something last happened. */
  updatedAt: Timestamp;
}
/** Asks for one's conversations, the most recently active first. */
export interface ConversationListCommand {
  /** Only those of this platform. */
  platform?: Platform;
  /** Where the former page ended. */
  cursor?: string;
  /** How many: 1 to 100, 50 when left out. */
  limit?: number;
}
/** A page of conversations. */
export interface ConversationListReply {
  /** The most recently active first. */
  conversations: Conversation[];
  /** Set when there are more. */
  cursor?: string;
}
/** A new message, a new conversation or new members. */
export interface ConversationUpdateEvent {
  /** The conversation as it is now. */
  conversation: Conversation;
  /** The message that is new. */
  message?: Message;
}
/** No data: the reply of commands that have nothing to say. */
export type Empty = Record<string, never>;
/** The error object, in `error` frames and as the body of refused HTTP calls. */
export interface ErrorReply {
  /** For programs. */
  code: ErrorCode;
  /** For people. */
  message: string;
  /** The field that is wrong, for `invalid_input`. */
  field?: string;
  /** When to come again, for `rate_limited` and `unavailable`. In milliseconds. */
  retryAfterMs?: number;
  /** More, by code: the holder of a lease, the call that is in the way. */
  details?: unknown;
}
/** Publishes an event; also the body of `POST /v1/publish`. */
export interface EventPublishCommand {
  /** For whom. */
  target: Target;
  /** What happened. */
  event: PublishedEvent;
  /** The device that caused it. */
  origin?: ClientId;
  /** Whether a `room:event` is kept and replayed. Other events decide that by their type. */
  retain?: boolean;
}
/** A lease that is held. */
export interface LockState {
  /** On which part. */
  recordId: RecordId;
  /** Who holds it. */
  holderId: UserId;
  /** When it ends without a renewal. */
  expiresAt: Timestamp;
}
/** A message. */
export interface Message {
  /** Ids sort in a room as the offsets do. */
  id: MessageId;
  /** Where it was sent. */
  roomId: RoomId;
  /** Who sent it. */
  senderId: UserId;
  /** Their name, where the server knows it. */
  senderName?: string;
  /** The text; empty in a deleted message. */
  body: string;
  /** Files that belong to it. */
  attachments: Attachment[];
  /** The message it answers. */
  replyTo?: MessageId;
  /** The platform it came from or goes to, where that is not Carewire. */
  platform?: Platform;
  /** Any JSON of the application. */
  metadata?: unknown;
  /** When the server stored it. */
  sentAt: Timestamp;
  /** When its body was last replaced. */
  editedAt?: Timestamp;
  /** When it was deleted. */
  deletedAt?: Timestamp;
  /** Who reacted how. */
  reactions: Record<string, UserId[]>;
  /** The least advanced of the other members. */
  status: MessageStatus;
  /** The key it was sent with, so that its sender's devices recognise it. */
  key?: Key;
}
/** Deletes a message: author and admins. */
export interface MessageDeleteCommand {
  /** The message. */
  messageId: MessageId;
}
/** A message was deleted. */
export interface MessageDeletedEvent {
  /** The room. */
  roomId: RoomId;
  /** The message. */
  messageId: MessageId;
}
/** To the sender: everything up to the message reached a member's device. */
export interface MessageDeliveredEvent {
  /** The newest message that arrived. */
  messageId: MessageId;
  /** The room. */
  roomId: RoomId;
  /** Who received it. */
  userId: UserId;
  /** When. */
  at: Timestamp;
}
/** Replaces the body of one's own message. */
export interface MessageEditCommand {
  /** The message. */
  messageId: MessageId;
  /** The new text. */
  body: string;
}
/** A message's body was replaced. */
export interface MessageEditedEvent {
  /** The message as it is now. */
  message: Message;
}
/** Asks for older or newer messages. */
export interface MessageHistoryCommand {
  /** The room. */
  roomId: RoomId;
  /** Only messages before this one; the newest of them come. */
  before?: MessageId;
  /** Only messages after this one; the oldest of them come. */
  after?: MessageId;
  /** Only answers to this one. */
  replyTo?: MessageId;
  /** How many: 1 to 100, 50 when left out. */
  limit?: number;
}
/** A page of messages. */
export interface MessageHistoryReply {
  /** Oldest first. */
  messages: Message[];
  /** Whether there are more in the direction asked for. */
  hasMore: boolean;
}
/** A message was stored. */
export interface MessageNewEvent {
  /** The message. */
  message: Message;
}
/** Somebody wrote in a conversation of another platform: deliver it there. */
export interface MessageOutboundEvent {
  /** The message. */
  message: Message;
  /** Its conversation. */
  conversation: Conversation;
}
/** Adds one's reaction. */
export interface MessageReactCommand {
  /** The message. */
  messageId: MessageId;
  /** An emoji or short name, at most 64 bytes. */
  emoji: string;
}
/** A reaction was added or taken back. */
export interface MessageReactionEvent {
  /** The message. */
  messageId: MessageId;
  /** Which reaction. */
  emoji: string;
  /** Whose. */
  userId: UserId;
  /** `false`: taken back. */
  added: boolean;
}
/** The person has read everything up to this message. */
export interface MessageReadCommand {
  /** The room. */
  roomId: RoomId;
  /** The newest message that was read. */
  messageId: MessageId;
}
/** A member has read everything up to the message. */
export interface MessageReadEvent {
  /** The room. */
  roomId: RoomId;
  /** The newest message that was read. */
  messageId: MessageId;
  /** Who read it. */
  userId: UserId;
  /** When. */
  at: Timestamp;
}
/** Something reached this device: everything up to this message. */
export interface MessageReceivedCommand {
  /** The room. */
  roomId: RoomId;
  /** The newest message that arrived. */
  messageId: MessageId;
}
/** Sends a message. A body or an attachment is required. */
export interface MessageSendCommand {
  /** The room: chat, thread, visit or call. */
  roomId: RoomId;
  /** The text, at most 64 KiB. */
  body?: string;
  /** At most 20. */
  attachments?: Attachment[];
  /** The message this answers, in the same room. */
  replyTo?: MessageId;
  /** Any JSON of the application, at most 256 KiB. */
  metadata?: unknown;
  /** When the person pressed send, where that was long ago (an offline queue). */
  composedAt?: Timestamp;
}
/** Sent, and durable. */
export interface MessageSendReply {
  /** The message as stored. */
  message: Message;
}
/** To the sender's other devices: one of them sent a message. */
export interface MessageSentEvent {
  /** The message. */
  messageId: MessageId;
  /** The room. */
  roomId: RoomId;
  /** The key it was sent with. */
  key?: Key;
}
/** A message on another platform was delivered, read, or failed. */
export interface MessageStatusEvent {
  /** The message. */
  messageId: MessageId;
  /** Its room. */
  roomId: RoomId;
  /** How far it has come. */
  status: MessageStatus;
  /** For whom. */
  userId: UserId;
}
/** Takes one's reaction back. */
export interface MessageUnreactCommand {
  /** The message. */
  messageId: MessageId;
  /** As given to `message:react`. */
  emoji: string;
}
/** A notification. */
export interface Notification {
  /** The notification. */
  id: NotificationId;
  /** What it is about. */
  kind: NotificationKind;
  /** Its heading. */
  title: string;
  /** Its text. */
  message: string;
  /** How much it matters. */
  priority: Priority;
  /** The topic it was sent to, where that is not one person. */
  topic?: TopicName;
  /** Any JSON of the application. */
  data?: unknown;
  /** When it was stored. */
  createdAt: Timestamp;
  /** When it was read. */
  readAt?: Timestamp;
}
/** Asks how many are unread. */
export type NotificationGetUnreadCountCommand = Record<string, never>;
/** How many are unread. */
export interface NotificationGetUnreadCountReply {
  /** Those of topics included. */
  unreadCount: number;
}
/** Asks for one's notifications, the newest first. */
export interface NotificationListCommand {
  /** Only those not read yet. */
  unreadOnly?: boolean;
  /** Where the former page ended. */
  cursor?: string;
  /** How many: 1 to 100, 50 when left out. */
  limit?: number;
}
/** A page of notifications. */
export interface NotificationListReply {
  /** The newest first. */
  notifications: Notification[];
  /** Set when there are more. */
  cursor?: string;
}
/** A notification was stored. */
export interface NotificationNewEvent {
  /** The notification. */
  notification: Notification;
}
/** Marks all notifications as read. */
export interface NotificationReadAllCommand {
  /** The newest that was shown, so that one arriving meanwhile stays unread. */
  upTo?: NotificationId;
}
/** Marked. */
export interface NotificationReadAllReply {
  /** How many were unread before. */
  markedCount: number;
}
/** Marks a notification as read. */
export interface NotificationReadCommand {
  /** Which. */
  notificationId: NotificationId;
}
/** Another of one's devices marked notifications as read. */
export interface NotificationReadEvent {
  /** Which. */
  notificationIds: NotificationId[];
  /** How many remain unread. */
  unreadCount: number;
}
/** Subscribes the user to topics, on all devices and for the future. */
export interface NotificationSubscribeCommand {
  /** Which. */
  topics: TopicName[];
}
/** The user is now subscribed. */
export interface NotificationSubscribedEvent {
  /** To which topics. */
  topics: TopicName[];
}
/** Ends such subscriptions. */
export interface NotificationUnsubscribeCommand {
  /** Which. */
  topics: TopicName[];
}
/** The user is no longer subscribed. */
export interface NotificationUnsubscribedEvent {
  /** To which topics. */
  topics: TopicName[];
}
/** A member of a room. */
export interface Participant {
  /** Who. */
  userId: UserId;
  /** Their name, where the server knows it. */
  name?: string;
  /** Their role. */
  role: Role;
  /** Since when. */
  joinedAt: Timestamp;
  /** With how many connections. */
  connections: number;
}
/** One person over all devices. */
export interface Presence {
  /** Who. */
  userId: UserId;
  /** Whether they can be reached. */
  status: PresenceStatus;
  /** Their own words beside it. */
  customStatus?: string;
  /** When they were last connected; now, while they are. */
  lastSeenAt?: Timestamp;
  /** How many devices are connected. */
  devices: number;
}
/** Asks for presences once. */
export interface PresenceGetCommand {
  /** Whose; at most 500. */
  userIds: UserId[];
}
/** Presences, in the order asked for. */
export interface PresenceGetReply {
  /** Whoever the asker may not see looks offline. */
  presences: Presence[];
}
/** The presences of a new subscription. */
export interface PresenceInitialEvent {
  /** Whoever the asker may not see looks offline. */
  presences: Presence[];
}
/** Sets one's status on all devices. It outlives a reconnect. */
export interface PresenceSetStatusCommand {
  /** `online`, `away` or `busy`. */
  status: PresenceStatus;
  /** A few words beside it, at most 1,024 bytes. */
  customStatus?: string;
}
/** One's own status was set by another device. */
export interface PresenceStatusUpdatedEvent {
  /** The status. */
  status: PresenceStatus;
  /** The words beside it. */
  customStatus?: string;
}
/** Asks for presences now and whenever they change. */
export interface PresenceSubscribeCommand {
  /** Whose; at most 500. */
  userIds: UserId[];
}
/** Ends such a subscription. */
export interface PresenceUnsubscribeCommand {
  /** Whose; at most 500. */
  userIds: UserId[];
}
/** An event to publish: one of [`PUBLISHABLE`] with its data. */
export interface PublishedEvent {
  /** The event's name on the wire. */
  type: string;
  /** Its data. A `room:event` may leave out `senderId`, which is then the backend. */
  data?: unknown;
}
/** Something happened for people who have no connection. No content travels here. */
export interface PushWantedEvent {
  /** Who. */
  userIds: UserId[];
  /** What it is about. */
  kind: PushKind;
  /** The id of the message, notification or call. */
  id: string;
  /** How much it matters. */
  priority: Priority;
}
/** One reading. */
export interface Reading {
  /** What was measured: `heart_rate`, `spo2`, …. */
  kind: string;
  /** The value. */
  value: number;
  /** Its unit: `bpm`, `%`, …. */
  unit: string;
  /** When. */
  measuredAt: Timestamp;
}
/** How far a member has received and read. */
export interface Receipts {
  /** The newest message that reached one of their devices. */
  delivered?: MessageId;
  /** The newest message they have read. */
  read?: MessageId;
}
/** Takes the lease on a part of a chart. */
export interface RecordLockCommand {
  /** Which part. */
  recordId: RecordId;
  /** Whose chart. */
  patientId: UserId;
  /** How long it lives without a renewal: 5,000 to 300,000; 30,000 when left out. In milliseconds. */
  ttlMs?: number;
}
/** The lease. */
export interface RecordLockReply {
  /** Grows with every grant; what is written under the lease carries it. */
  fencingToken: number;
  /** When the lease ends without a renewal. */
  expiresAt: Timestamp;
}
/** A lease was granted. */
export interface RecordLockedEvent {
  /** On which part. */
  recordId: RecordId;
  /** Who holds it. */
  holderId: UserId;
  /** When it ends without a renewal. */
  expiresAt: Timestamp;
}
/** Prolongs a lease by the time it was taken for. */
export interface RecordRenewCommand {
  /** Which part. */
  recordId: RecordId;
  /** Whose chart. */
  patientId: UserId;
  /** As granted. */
  fencingToken: number;
}
/** Gives a lease back. */
export interface RecordUnlockCommand {
  /** Which part. */
  recordId: RecordId;
  /** Whose chart. */
  patientId: UserId;
  /** As granted. */
  fencingToken: number;
}
/** A lease ended. */
export interface RecordUnlockedEvent {
  /** On which part. */
  recordId: RecordId;
  /** Why. */
  reason: UnlockReason;
}
/** Looks away again. */
export interface RecordUnviewCommand {
  /** Whose chart. */
  patientId: UserId;
}
/** Looks at a patient's chart: joins `patient:` and tells the others there. */
export interface RecordViewCommand {
  /** Whose chart. */
  patientId: UserId;
}
/** Somebody looks at the chart, or no longer does. */
export interface RecordViewersChangedEvent {
  /** Whose chart. */
  patientId: UserId;
  /** All who look at it now, in the order in which they came. */
  viewers: Viewer[];
}
/** Asks who looks at a chart. */
export interface RecordViewersCommand {
  /** Whose chart. */
  patientId: UserId;
}
/** Who looks at a chart. */
export interface RecordViewersReply {
  /** In the order in which they came. */
  viewers: Viewer[];
}
/** Asks the backend to stop making a report. */
export interface ReportCancelCommand {
  /** Which. */
  reportId: ReportId;
}
/** To backends: somebody wants a report stopped. */
export interface ReportCancelRequestedEvent {
  /** Which. */
  reportId: ReportId;
  /** Who asks. */
  userId: UserId;
}
/** A report is done. */
export interface ReportCompletedEvent {
  /** Which. */
  reportId: ReportId;
  /** Where to get it. */
  downloadUrl: string;
  /** Its format: `pdf`, `csv`, …. */
  format: string;
  /** Its size. */
  sizeBytes: number;
}
/** A report could not be made. */
export interface ReportFailedEvent {
  /** Which. */
  reportId: ReportId;
  /** Why, for people. */
  message: string;
}
/** Asks the backend to make a report anew. */
export interface ReportRefreshCommand {
  /** Which. */
  reportId: ReportId;
}
/** To backends: somebody wants a report made anew. */
export interface ReportRefreshRequestedEvent {
  /** Which. */
  reportId: ReportId;
  /** Who asks. */
  userId: UserId;
}
/** A report advances. */
export interface ReportStatusEvent {
  /** Which. */
  reportId: ReportId;
  /** Where it stands. */
  status: ReportStatus;
  /** How much is done, in percent. */
  progress: number;
  /** More, for people. */
  message?: string;
  /** Whose report it is; makes the report known with its first status. */
  ownerId?: UserId;
}
/** Joins the room of a template; its rows follow in `stream:initial`. */
export interface ReportSubscribeTemplateCommand {
  /** Which. */
  templateId: TemplateId;
}
/** How resuming one room went. */
export interface ResumedRoom {
  /** The room. */
  roomId: RoomId;
  /** The life of its log; absent with an error. */
  epoch?: Epoch;
  /** The newest offset; absent with an error. */
  offset?: number;
  /** Whether everything missed follows; otherwise the client replaces its state. */
  recovered: boolean;
  /** How many events lie between the position and the newest. */
  missed: number;
  /** How far the members have received and read. */
  receipts: Record<UserId, Receipts>;
  /** Why the room could not be joined again. */
  error?: ErrorReply;
}
/** An event of the application's own. */
export interface RoomEventEvent {
  /** Its name. */
  event: string;
  /** Any JSON. */
  payload: unknown;
  /** Who published it. */
  senderId: UserId;
}
/** Joins a room. With `epoch` and `offset`, everything retained after that position follows. */
export interface RoomJoinCommand {
  /** The room. */
  roomId: RoomId;
  /** The life of the log the position belongs to. */
  epoch?: Epoch;
  /** The offset of the last event delivered. */
  offset?: number;
  /** Whether to add the state of the room as of the reply's offset. */
  snapshot?: boolean;
}
/** Joined. The reply precedes every event of the room that it leads to. */
export interface RoomJoinReply {
  /** The room. */
  roomId: RoomId;
  /** The life of its log. */
  epoch: Epoch;
  /** The newest offset at this moment. */
  offset: number;
  /** Whether everything after the position follows. `true` where none was given. */
  recovered: boolean;
  /** How many events lie between the position and `offset`. */
  missed: number;
  /** Who is there; empty where members are not announced. */
  participants: Participant[];
  /** Continues `participants` with `room:participants` where there are too many. */
  cursor?: string;
  /** How far the members have received and read; in large rooms only one's own. */
  receipts: Record<UserId, Receipts>;
  /** The state of the room, where asked for. */
  snapshot?: Snapshot;
}
/** The server joined this connection. */
export interface RoomJoinedEvent {
  /** The room. */
  roomId: RoomId;
  /** The life of its log. */
  epoch: Epoch;
  /** The newest offset. */
  offset: number;
}
/** Leaves a room. */
export interface RoomLeaveCommand {
  /** The room. */
  roomId: RoomId;
}
/** The server removed this connection. */
export interface RoomLeftEvent {
  /** The room. */
  roomId: RoomId;
  /** Why. */
  reason: LeftReason;
}
/** Asks who is there. */
export interface RoomParticipantsCommand {
  /** The room. */
  roomId: RoomId;
  /** Where the former page ended. */
  cursor?: string;
}
/** Who is there. */
export interface RoomParticipantsReply {
  /** In the order of their ids. */
  participants: Participant[];
  /** Set when there are more. */
  cursor?: string;
}
/** A place in the log of a room. */
export interface RoomPosition {
  /** The room. */
  roomId: RoomId;
  /** The life of its log. */
  epoch: Epoch;
  /** The offset of the last event delivered; 0 before the first. */
  offset: number;
}
/** Publishes an event of the application's own. */
export interface RoomPublishCommand {
  /** The room. */
  roomId: RoomId;
  /** The event's name, chosen by the application; at most 1,024 bytes. */
  event: string;
  /** Any JSON. */
  payload: unknown;
  /** Whether it is kept and replayed. */
  retain?: boolean;
}
/** Published. */
export interface RoomPublishReply {
  /** Its place in the log, where it is kept. */
  offset?: number;
}
/** A user's first connection joined. */
export interface RoomUserJoinedEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  user: Participant;
}
/** A user's last connection left, or has been gone for the presence grace. */
export interface RoomUserLeftEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
}
/** The server stops; the connection closes next. */
export interface ServerShutdownEvent {
  /** Why, for people. */
  reason: string;
  /** When to come back. Differs from client to client. In milliseconds. */
  retryAfterMs: number;
}
/** What the server takes from one user or connection. */
export interface SessionLimits {
  /** The largest message, in bytes. */
  maxPayloadBytes: number;
  /** Creating commands a second. */
  messagesPerSecond: number;
  /** Other commands a second. */
  commandsPerSecond: number;
  /** Rooms that one connection may join. */
  roomsPerConnection: number;
}
/** Everything a client needs after a reconnect, in one round trip. */
export interface SessionResumeCommand {
  /** The rooms to be in again, each with the last position delivered. */
  rooms?: RoomPosition[];
  /** The people whose presence to follow again. */
  presence?: UserId[];
}
/** The answer to [`Resume`]. */
export interface SessionResumeReply {
  /** One entry for each room asked for, in the same order. */
  rooms: ResumedRoom[];
  /** The user's unread counts. */
  unread: UnreadCounts;
  /** The presences asked for. */
  presences: Presence[];
}
/** Asks what the server knows about this connection. */
export type SessionStatusCommand = Record<string, never>;
/** What the server knows about this connection. */
export interface SessionStatusReply {
  /** The connection. */
  connectionId: ConnectionId;
  /** Its user. */
  userId: UserId;
  /** Since when. */
  connectedAt: Timestamp;
  /** The rooms it is in. */
  rooms: RoomId[];
  /** The server's clock. */
  serverTime: Timestamp;
}
/** The person is there: counts as activity against the inactivity log-off. */
export type SessionTouchCommand = Record<string, never>;
/** The state of a room as of the offset of the reply that carries it. */
export interface Snapshot {
  /** The newest messages, oldest first, in rooms with messages. */
  messages?: Message[];
  /** Whether there are older messages. */
  hasMore?: boolean;
  /** Who is typing. */
  typing?: UserId[];
  /** The whiteboard, where something was drawn. */
  whiteboard?: WhiteboardState;
  /** The call, where there is one. */
  call?: Call;
  /** The last event of the report. */
  report?: ReportSnapshot;
  /** Who is viewing the chart. */
  viewers?: Viewer[];
  /** Which parts of the chart are locked. */
  locks?: LockState[];
}
/** Sets which rows this connection wants. */
export interface StreamApplyFilterCommand {
  /** Of which template. */
  templateId: TemplateId;
  /** The values that fields of a row must have; `{}` lets every row through. */
  filter: Record<string, unknown>;
}
/** The rows of a template, after joining and after a filter. */
export interface StreamInitialEvent {
  /** Of which template. */
  templateId: TemplateId;
  /** The newest row of each `id` that passes the filter, at most 1,000. */
  rows: unknown[];
  /** Whether there are more. */
  hasMore: boolean;
}
/** Sets how often this connection wants `stream:update` at most. */
export interface StreamSetIntervalCommand {
  /** Of which template. */
  templateId: TemplateId;
  /** At least 250. In milliseconds. */
  intervalMs: number;
}
/** New rows of a template. */
export interface StreamUpdateEvent {
  /** Of which template. */
  templateId: TemplateId;
  /** Those that pass the filter. */
  rows: unknown[];
}
/** Something about the system that everyone should know. */
export interface SystemAlertEvent {
  /** How loud. */
  level: AlertLevel;
  /** What. */
  message: string;
  /** What to do about it. */
  action?: string;
}
/** The system will be down or slow for a while. */
export interface SystemMaintenanceEvent {
  /** What will be done. */
  message: string;
  /** From when. */
  startsAt: Timestamp;
  /** For how long. In milliseconds. */
  durationMs: number;
  /** Which parts. */
  affectedServices: string[];
}
/** Adds members: the creator, staff and admins. */
export interface ThreadAddMembersCommand {
  /** The thread's room. */
  roomId: RoomId;
  /** People one may chat with. */
  memberIds: UserId[];
  /** Whether they may read what was written before; otherwise their history begins now. */
  shareHistory?: boolean;
}
/** Makes a thread; its creator is a member. */
export interface ThreadCreateCommand {
  /** Its title. */
  title?: string;
  /** People one may chat with. */
  memberIds: UserId[];
  /** Where it takes place; `internal` when left out. */
  platform?: Platform;
  /** Any JSON of the application. */
  metadata?: unknown;
}
/** Made. */
export interface ThreadCreateReply {
  /** The thread's room. */
  roomId: RoomId;
}
/** Removes members: the creator, staff and admins. */
export interface ThreadRemoveMembersCommand {
  /** The thread's room. */
  roomId: RoomId;
  /** Whom. */
  memberIds: UserId[];
}
/** The person is writing. Lasts 6 s unless repeated. */
export interface TypingStartCommand {
  /** The room. */
  roomId: RoomId;
}
/** Somebody else is writing. */
export interface TypingStartEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
  /** Their name, where the server knows it. */
  name?: string;
}
/** The person has stopped writing. */
export interface TypingStopCommand {
  /** The room. */
  roomId: RoomId;
}
/** Somebody else has stopped writing. */
export interface TypingStopEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
  /** Their name, where the server knows it. */
  name?: string;
}
/** How many messages of others are unread. */
export interface UnreadCounts {
  /** By platform; platforms without unread messages are left out. */
  unreadCounts: Record<Platform, number>;
  /** Over all platforms. */
  totalUnread: number;
  /** By room; in `unread:update` only those that changed, 0 included. */
  rooms: Record<RoomId, number>;
}
/** Asks for one's unread counts. */
export type UnreadGetCommand = Record<string, never>;
/** Unread counts changed. */
export interface UnreadUpdateEvent {
  /** By platform; platforms without unread messages are left out. */
  unreadCounts: Record<Platform, number>;
  /** Over all platforms. */
  totalUnread: number;
  /** By room; in `unread:update` only those that changed, 0 included. */
  rooms: Record<RoomId, number>;
}
/** Somebody who looks at a chart. */
export interface Viewer {
  /** Who. */
  userId: UserId;
  /** Their name, where the server knows it. */
  name?: string;
  /** Since when. */
  since: Timestamp;
}
/** New readings of a patient. */
export interface VitalsUpdateEvent {
  /** Whose. */
  patientId: UserId;
  /** Where the patient is: the bed or room of a ward. */
  room?: string;
  /** What was measured. */
  readings: Reading[];
}
/** Wipes the whiteboard. */
export interface WhiteboardClearCommand {
  /** The room. */
  roomId: RoomId;
}
/** Somebody wiped the whiteboard. */
export interface WhiteboardClearedEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
  /** The revision that the wipe made. */
  revision: number;
}
/** Shows the others where one points. */
export interface WhiteboardCursorCommand {
  /** The room. */
  roomId: RoomId;
  /** From the left. */
  x: number;
  /** From the top. */
  y: number;
}
/** Somebody points. */
export interface WhiteboardCursorEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
  /** From the left. */
  x: number;
  /** From the top. */
  y: number;
}
/** Asks for the whiteboard. */
export interface WhiteboardSnapshotCommand {
  /** The room. */
  roomId: RoomId;
  /** Where the former page ended. */
  cursor?: string;
}
/** A whiteboard. */
export interface WhiteboardState {
  /** Grows with every update and every wipe; 0 before the first. */
  revision: number;
  /** Everything drawn since the last wipe, in order. */
  ops: unknown[];
  /** Set when there is more: ask `whiteboard:snapshot` with it. */
  cursor?: string;
}
/** Draws. */
export interface WhiteboardUpdateCommand {
  /** The room. */
  roomId: RoomId;
  /** What is drawn: 1 to 500 entries of any JSON, together at most 256 KiB. */
  ops: unknown[];
}
/** Somebody drew. */
export interface WhiteboardUpdateEvent {
  /** The room. */
  roomId: RoomId;
  /** Who. */
  userId: UserId;
  /** The revision that the update made. */
  revision: number;
  /** What was drawn. */
  ops: unknown[];
}
/** Drawn. */
export interface WhiteboardUpdateReply {
  /** The revision that this update made. */
  revision: number;
}
/** Every command, with its data and its reply. */
export interface CommandMap {
  /** The first command of a connection that sent no header: who this is. */
  "auth:authenticate": { data: AuthAuthenticateCommand; reply: Empty };
  /** A newer token for the same user and tenant. */
  "auth:refresh": { data: AuthRefreshCommand; reply: AuthRefreshReply };
  /** Everything a client needs after a reconnect, in one round trip. */
  "session:resume": { data: SessionResumeCommand; reply: SessionResumeReply };
  /** The person is there: counts as activity against the inactivity log-off. */
  "session:touch": { data: SessionTouchCommand; reply: Empty };
  /** Asks what the server knows about this connection. */
  "session:status": { data: SessionStatusCommand; reply: SessionStatusReply };
  /** Joins a room. With `epoch` and `offset`, everything retained after that position follows. */
  "room:join": { data: RoomJoinCommand; reply: RoomJoinReply };
  /** Leaves a room. */
  "room:leave": { data: RoomLeaveCommand; reply: Empty };
  /** Asks who is there. */
  "room:participants": { data: RoomParticipantsCommand; reply: RoomParticipantsReply };
  /** Publishes an event of the application's own. */
  "room:publish": { data: RoomPublishCommand; reply: RoomPublishReply };
  /** Sends a message. A body or an attachment is required. */
  "message:send": { data: MessageSendCommand; reply: MessageSendReply };
  /** Something reached this device: everything up to this message. */
  "message:received": { data: MessageReceivedCommand; reply: Empty };
  /** The person has read everything up to this message. */
  "message:read": { data: MessageReadCommand; reply: Empty };
  /** Asks for older or newer messages. */
  "message:history": { data: MessageHistoryCommand; reply: MessageHistoryReply };
  /** Replaces the body of one's own message. */
  "message:edit": { data: MessageEditCommand; reply: Empty };
  /** Deletes a message: author and admins. */
  "message:delete": { data: MessageDeleteCommand; reply: Empty };
  /** Adds one's reaction. */
  "message:react": { data: MessageReactCommand; reply: Empty };
  /** Takes one's reaction back. */
  "message:unreact": { data: MessageUnreactCommand; reply: Empty };
  /** Asks for one's conversations, the most recently active first. */
  "conversation:list": { data: ConversationListCommand; reply: ConversationListReply };
  /** Makes a thread; its creator is a member. */
  "thread:create": { data: ThreadCreateCommand; reply: ThreadCreateReply };
  /** Adds members: the creator, staff and admins. */
  "thread:addMembers": { data: ThreadAddMembersCommand; reply: Empty };
  /** Removes members: the creator, staff and admins. */
  "thread:removeMembers": { data: ThreadRemoveMembersCommand; reply: Empty };
  /** Asks for one's unread counts. */
  "unread:get": { data: UnreadGetCommand; reply: UnreadCounts };
  /** The person is writing. Lasts 6 s unless repeated. */
  "typing:start": { data: TypingStartCommand; reply: Empty };
  /** The person has stopped writing. */
  "typing:stop": { data: TypingStopCommand; reply: Empty };
  /** Asks for presences once. */
  "presence:get": { data: PresenceGetCommand; reply: PresenceGetReply };
  /** Sets one's status on all devices. It outlives a reconnect. */
  "presence:setStatus": { data: PresenceSetStatusCommand; reply: Empty };
  /** Asks for presences now and whenever they change. */
  "presence:subscribe": { data: PresenceSubscribeCommand; reply: PresenceGetReply };
  /** Ends such a subscription. */
  "presence:unsubscribe": { data: PresenceUnsubscribeCommand; reply: Empty };
  /** Calls people one may chat with, or participants of the visit. */
  "call:initiate": { data: CallInitiateCommand; reply: CallInitiateReply };
  /** Takes a ringing call with this device. */
  "call:accept": { data: CallAcceptCommand; reply: Empty };
  /** Declines a ringing call. */
  "call:reject": { data: CallRejectCommand; reply: Empty };
  /** Ends a call for all: its initiator, providers, staff and admins. For others, [`Leave`]. */
  "call:end": { data: CallEndCommand; reply: Empty };
  /** Leaves a call. */
  "call:leave": { data: CallLeaveCommand; reply: Empty };
  /** Enters a call again with this device, or the call of a visit, which starts when there is none. Exactly one of the two fields is given. */
  "call:join": { data: CallJoinCommand; reply: CallJoinReply };
  /** Passes a WebRTC signal on. */
  "call:signal": { data: CallSignalCommand; reply: Empty };
  /** Says what this device sends to the call. */
  "call:media": { data: CallMediaCommand; reply: Empty };
  /** Reports how well the call arrives here. */
  "call:quality": { data: CallQualityCommand; reply: Empty };
  /** Asks for one's calls, the newest first. */
  "call:history": { data: CallHistoryCommand; reply: CallHistoryReply };
  /** Asks for one's notifications, the newest first. */
  "notification:list": { data: NotificationListCommand; reply: NotificationListReply };
  /** Marks a notification as read. */
  "notification:read": { data: NotificationReadCommand; reply: Empty };
  /** Marks all notifications as read. */
  "notification:readAll": { data: NotificationReadAllCommand; reply: NotificationReadAllReply };
  /** Asks how many are unread. */
  "notification:getUnreadCount": { data: NotificationGetUnreadCountCommand; reply: NotificationGetUnreadCountReply };
  /** Subscribes the user to topics, on all devices and for the future. */
  "notification:subscribe": { data: NotificationSubscribeCommand; reply: Empty };
  /** Ends such subscriptions. */
  "notification:unsubscribe": { data: NotificationUnsubscribeCommand; reply: Empty };
  /** Looks at a patient's chart: joins `patient:` and tells the others there. */
  "record:view": { data: RecordViewCommand; reply: Empty };
  /** Looks away again. */
  "record:unview": { data: RecordUnviewCommand; reply: Empty };
  /** Asks who looks at a chart. */
  "record:viewers": { data: RecordViewersCommand; reply: RecordViewersReply };
  /** Takes the lease on a part of a chart. */
  "record:lock": { data: RecordLockCommand; reply: RecordLockReply };
  /** Prolongs a lease by the time it was taken for. */
  "record:renew": { data: RecordRenewCommand; reply: RecordLockReply };
  /** Gives a lease back. */
  "record:unlock": { data: RecordUnlockCommand; reply: Empty };
  /** Asks the backend to stop making a report. */
  "report:cancel": { data: ReportCancelCommand; reply: Empty };
  /** Asks the backend to make a report anew. */
  "report:refresh": { data: ReportRefreshCommand; reply: Empty };
  /** Joins the room of a template; its rows follow in `stream:initial`. */
  "report:subscribeTemplate": { data: ReportSubscribeTemplateCommand; reply: Empty };
  /** Sets how often this connection wants `stream:update` at most. */
  "stream:setInterval": { data: StreamSetIntervalCommand; reply: Empty };
  /** Sets which rows this connection wants. */
  "stream:applyFilter": { data: StreamApplyFilterCommand; reply: Empty };
  /** Joins a channel. With `epoch` and `offset`, everything after that position follows. */
  "channel:subscribe": { data: ChannelSubscribeCommand; reply: RoomJoinReply };
  /** Leaves a channel. */
  "channel:unsubscribe": { data: ChannelUnsubscribeCommand; reply: Empty };
  /** Publishes to a channel: staff, admins and services, unless the access file says otherwise. */
  "channel:publish": { data: ChannelPublishCommand; reply: Empty };
  /** Draws. */
  "whiteboard:update": { data: WhiteboardUpdateCommand; reply: WhiteboardUpdateReply };
  /** Shows the others where one points. */
  "whiteboard:cursor": { data: WhiteboardCursorCommand; reply: Empty };
  /** Wipes the whiteboard. */
  "whiteboard:clear": { data: WhiteboardClearCommand; reply: Empty };
  /** Asks for the whiteboard. */
  "whiteboard:snapshot": { data: WhiteboardSnapshotCommand; reply: WhiteboardState };
  /** Takes access for four hours: providers and staff, where it is enabled. It is written to the audit log and announced to admins. */
  "access:breakGlass": { data: AccessBreakGlassCommand; reply: AccessBreakGlassReply };
  /** Publishes an event; also the body of `POST /v1/publish`. */
  "event:publish": { data: EventPublishCommand; reply: RoomPublishReply };
}
/** Every event, with its data. */
export interface EventMap {
  /** The first event after success. */
  "connected": ConnectedEvent;
  /** The token expires soon: send `auth:refresh`. */
  "auth:expiring": AuthExpiringEvent;
  /** Nobody has done anything for a while. */
  "auth:idle": AuthIdleEvent;
  /** The server stops; the connection closes next. */
  "server:shutdown": ServerShutdownEvent;
  /** An event of the application's own. */
  "room:event": RoomEventEvent;
  /** A user's first connection joined. */
  "room:userJoined": RoomUserJoinedEvent;
  /** A user's last connection left, or has been gone for the presence grace. */
  "room:userLeft": RoomUserLeftEvent;
  /** The server joined this connection. */
  "room:joined": RoomJoinedEvent;
  /** The server removed this connection. */
  "room:left": RoomLeftEvent;
  /** A message was stored. */
  "message:new": MessageNewEvent;
  /** A message's body was replaced. */
  "message:edited": MessageEditedEvent;
  /** A message was deleted. */
  "message:deleted": MessageDeletedEvent;
  /** A reaction was added or taken back. */
  "message:reaction": MessageReactionEvent;
  /** To the sender's other devices: one of them sent a message. */
  "message:sent": MessageSentEvent;
  /** To the sender: everything up to the message reached a member's device. */
  "message:delivered": MessageDeliveredEvent;
  /** A member has read everything up to the message. */
  "message:read": MessageReadEvent;
  /** A new message, a new conversation or new members. */
  "conversation:update": ConversationUpdateEvent;
  /** Unread counts changed. */
  "unread:update": UnreadUpdateEvent;
  /** A message on another platform was delivered, read, or failed. */
  "message:status": MessageStatusEvent;
  /** Somebody else is writing. */
  "typing:start": TypingStartEvent;
  /** Somebody else has stopped writing. */
  "typing:stop": TypingStopEvent;
  /** The presences of a new subscription. */
  "presence:initial": PresenceInitialEvent;
  /** One person over all devices. */
  "presence:changed": Presence;
  /** One's own status was set by another device. */
  "presence:statusUpdated": PresenceStatusUpdatedEvent;
  /** It rings here: the call, and who calls. */
  "call:incoming": CallIncomingEvent;
  /** A recipient took the call with one of their devices; their others stop ringing. */
  "call:accepted": CallAcceptedEvent;
  /** Somebody is in the call, or their place moved to another device. */
  "call:participantJoined": CallParticipantJoinedEvent;
  /** Somebody left the call. */
  "call:participantLeft": CallParticipantLeftEvent;
  /** A recipient declined. */
  "call:rejected": CallRejectedEvent;
  /** The call is over for all. */
  "call:ended": CallEndedEvent;
  /** To the recipient: nobody of them answered in time. */
  "call:missed": CallMissedEvent;
  /** A WebRTC signal of another participant. */
  "call:signal": CallSignalEvent;
  /** What a participant sends has changed. */
  "call:media": CallMediaEvent;
  /** The call arrives badly at a participant. */
  "call:qualityIssue": CallQualityIssueEvent;
  /** A notification was stored. */
  "notification:new": NotificationNewEvent;
  /** Another of one's devices marked notifications as read. */
  "notification:read": NotificationReadEvent;
  /** The user is now subscribed. */
  "notification:subscribed": NotificationSubscribedEvent;
  /** The user is no longer subscribed. */
  "notification:unsubscribed": NotificationUnsubscribedEvent;
  /** An appointment was made. */
  "appointment:created": AppointmentCreatedEvent;
  /** An appointment was changed. */
  "appointment:updated": AppointmentUpdatedEvent;
  /** An appointment was cancelled. */
  "appointment:cancelled": AppointmentCancelledEvent;
  /** The patient has arrived. */
  "appointment:checkedIn": AppointmentCheckedInEvent;
  /** Somebody looks at the chart, or no longer does. */
  "record:viewersChanged": RecordViewersChangedEvent;
  /** A lease was granted. */
  "record:locked": RecordLockedEvent;
  /** A lease ended. */
  "record:unlocked": RecordUnlockedEvent;
  /** A report advances. */
  "report:status": ReportStatusEvent;
  /** A report is done. */
  "report:completed": ReportCompletedEvent;
  /** A report could not be made. */
  "report:failed": ReportFailedEvent;
  /** To backends: somebody wants a report stopped. */
  "report:cancelRequested": ReportCancelRequestedEvent;
  /** To backends: somebody wants a report made anew. */
  "report:refreshRequested": ReportRefreshRequestedEvent;
  /** The rows of a template, after joining and after a filter. */
  "stream:initial": StreamInitialEvent;
  /** New rows of a template. */
  "stream:update": StreamUpdateEvent;
  /** New readings of a patient. */
  "vitals:update": VitalsUpdateEvent;
  /** Somebody has to act. */
  "alert:critical": AlertCriticalEvent;
  /** Something about the system that everyone should know. */
  "system:alert": SystemAlertEvent;
  /** The system will be down or slow for a while. */
  "system:maintenance": SystemMaintenanceEvent;
  /** To admins: somebody took emergency access to a patient. */
  "alert:breakGlass": AlertBreakGlassEvent;
  /** Somebody published to a channel. */
  "channel:event": ChannelEventEvent;
  /** Somebody drew. */
  "whiteboard:update": WhiteboardUpdateEvent;
  /** Somebody points. */
  "whiteboard:cursor": WhiteboardCursorEvent;
  /** Somebody wiped the whiteboard. */
  "whiteboard:cleared": WhiteboardClearedEvent;
  /** Somebody wrote in a conversation of another platform: deliver it there. */
  "message:outbound": MessageOutboundEvent;
  /** Something happened for people who have no connection. No content travels here. */
  "push:wanted": PushWantedEvent;
}
/** The events that are kept in the log of their room and replayed after an outage. */
export type RetainedEvent =
  | "message:new"
  | "message:edited"
  | "message:deleted"
  | "message:reaction"
  | "call:missed"
  | "notification:new"
  | "appointment:created"
  | "appointment:updated"
  | "appointment:cancelled"
  | "appointment:checkedIn"
  | "record:locked"
  | "record:unlocked"
  | "report:status"
  | "report:completed"
  | "report:failed"
  | "report:cancelRequested"
  | "report:refreshRequested"
  | "alert:critical"
  | "system:alert"
  | "system:maintenance"
  | "alert:breakGlass"
  | "channel:event"
  | "whiteboard:update"
  | "whiteboard:cleared"
  | "message:outbound"
  | "push:wanted";
