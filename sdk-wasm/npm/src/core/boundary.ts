// The boundary to the core, which is Rust compiled to WebAssembly. Everything crosses as text.

import type {
  Call,
  ErrorReply,
  RecordId,
  RoomId,
  RoomJoinReply,
  SessionResumeReply,
  Timestamp,
  UserId,
} from "../protocol.js";
import type { Refusal } from "../errors.js";

/** What the core is told of the page. */
export type Hint = "background" | "suspend" | "foreground" | "online" | "offline" | "reconnect";

/** One client in the core. It answers later, never while one of these runs. */
export interface Core {
  connect(): void;
  /** Answered by `reply` or `refused` with the number that this returns. */
  request(type: string, data: string, key?: string): number;
  /** Withdraws what was never sent: `refused` with `withdrawn` follows. */
  discard(number: number): void;
  typing(room: string): void;
  typingStopped(room: string): void;
  hint(what: Hint): void;
  /** For demos and tests: the network is gone, or back. */
  cut(down: boolean): void;
  close(): void;
  free(): void;
}

/** What the core calls: in order, from a task of its own. */
export interface Host {
  token(need: "connect" | "refused" | "refresh"): Promise<string | null>;
  event(frame: string): void;
  local(text: string): void;
  state(text: string): void;
  queued(count: number): void;
  sent(number: number): void;
  reply(number: number, data: string): void;
  refused(number: number, error: string): void;
  log(level: string, text: string): void;
  died(message: string): void;
}

/** The glue of wasm-bindgen. */
export interface Glue {
  Core: new (
    url: string,
    clientId: string,
    refreshable: boolean,
    maxCommands: number | undefined,
    maxAgeMs: number | undefined,
    host: Host,
  ) => Core;
}

/** The text of `Host.state`. */
export type StateText =
  | { status: "idle" | "connecting" | "connected" }
  | { status: "reconnecting"; attempt: number; retryInMs?: number }
  | { status: "closed"; reason: string };

/** The text of `Host.local`, and what the client adds to it. */
export type Local =
  /** The connection is lost. */
  | { type: "away" }
  | {
      type: "resumed";
      awayMs: number;
      missed: number;
      gaps: RoomId[];
      /** As it came. */
      reply: SessionResumeReply;
    }
  | { type: "resynced"; room: RoomId; state?: RoomJoinReply }
  | { type: "caughtUp" }
  | { type: "roomLost"; room: RoomId; error: ErrorReply }
  | { type: "lagging" }
  | {
      type: "lease";
      patientId: UserId;
      recordId: RecordId;
      fencingToken: number;
      state: "held";
      expiresAt: Timestamp;
    }
  | {
      type: "lease";
      patientId: UserId;
      recordId: RecordId;
      fencingToken: number;
      state: "lost";
      reason: "not_renewed" | "refused" | "superseded" | "closed";
      error?: Refusal;
    }
  | { type: "callResumed"; call: Call; rejoined: boolean }
  | { type: "callLost"; callId: string; call?: Call; error?: ErrorReply };
