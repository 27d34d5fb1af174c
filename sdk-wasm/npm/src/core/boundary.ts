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

/** What the core is told, with the room or the token that it is about: as its `tell` reads it. */
export const enum Word {
  Connect,
  Close,
  Background,
  Suspend,
  Foreground,
  Online,
  Offline,
  Reconnect,
  Token,
  SignedOut,
  NoToken,
  /** For demos and tests: the network is gone, and is back. */
  Cut,
  Heal,
  Typing,
  TypingStopped,
}

/** One client in the core. It answers when it is polled, never while another of these runs. */
export interface Core {
  /** Returns after how many milliseconds it is to be polled again; 0: when the core asks for it. */
  poll(): number;
  tell(word: Word, of: string): void;
  /**
   * Its type, its data and its key where it has one, each in a line. Answered by `reply` or
   * `refused` with the number that this returns, which is never 0.
   */
  request(command: string): number;
  /** Withdraws what was never sent: `refused` with `withdrawn` follows. */
  discard(number: number): void;
  free(): void;
}

/** What the core tells, as its host numbers it. */
export const enum News {
  /** A token is needed, `Word.Token`, `SignedOut` or `NoToken` answers. The number says why. */
  Token,
  /** An event of the server, as its frame. */
  Event,
  /** What happened to the client: `Local`. */
  Local,
  /** How the connection stands: `StateText`. */
  State,
  /** The request of the number is on its way. */
  Sent,
  Reply,
  Refused,
  /** For developers. */
  Debug,
}

/** Whom the core tells while it is polled, in order. It throws nothing. */
export interface Host {
  hear(news: News, number: number, text: string): void;
}

/** The glue of wasm-bindgen. */
export interface Glue {
  Core: new (
    nameAndUrl: string,
    refreshable: boolean,
    maxCommands: number,
    maxAgeMs: number,
    host: Host,
  ) => Core;
}

/** The text of `News.State`. */
export type StateText =
  | { status: "idle" | "connecting" | "connected" }
  | { status: "reconnecting"; attempt: number; retryInMs?: number }
  | { status: "closed"; reason: string };

/** The text of `News.Local`, and what the client adds to it. */
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
