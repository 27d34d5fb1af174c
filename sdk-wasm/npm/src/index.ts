/// <reference lib="esnext.disposable" preserve="true" />

export { Carewire } from "./client.js";
export { init } from "./core/load.js";
export { CarewireError, type ErrorCode, type ErrorDetails, type LocalCode } from "./errors.js";
export { chatRoom } from "./types.js";
export type * from "./types.js";
export type * from "./views.js";
export type {
  Appointment,
  AppointmentStatus,
  Attachment,
  Call,
  CallParticipant,
  CommandMap,
  ConnectedEvent,
  Conversation,
  EventMap,
  LockState,
  Message,
  MessageStatus,
  Notification,
  Participant,
  Presence,
  PresenceStatus,
  Priority,
  Reading,
  Receipts,
  ReportStatus,
  RetainedEvent,
  Role,
  RoomId,
  UnreadCounts,
  Viewer,
} from "./protocol.js";
