import type { ErrorCode as WireCode, Timestamp, UserId } from "./protocol.js";

/** What the errors say besides their code, by code. */
export interface ErrorDetails {
  /** Who has the lease, and until when unless it is renewed. */
  record_locked: { holderId: UserId; expiresAt: Timestamp };
  /** The call that is in the way. */
  call_conflict: { callId?: string };
  no_token: unknown;
  invalid_token: unknown;
  token_expired: unknown;
  malformed: unknown;
  unknown_type: unknown;
  invalid_input: unknown;
  access_denied: unknown;
  room_not_found: unknown;
  not_joined: unknown;
  message_not_found: unknown;
  call_not_found: unknown;
  rate_limited: unknown;
  payload_too_large: unknown;
  too_many_rooms: unknown;
  unavailable: unknown;
  internal: unknown;
}

/** The codes of the client itself. */
export type LocalCode =
  "expired" | "unknown" | "queue_full" | "offline" | "closed" | "withdrawn" | "core_failed";

/** Every code there is: the server's, the client's own, and those of a later version. */
export type ErrorCode = WireCode | LocalCode;

const MESSAGES: Record<LocalCode, string> = {
  expired: "It waited too long and was never sent",
  unknown: "It was sent and never answered: it may have happened",
  queue_full: "Too much is waiting",
  offline: "There is no connection",
  closed: "The client is closed",
  withdrawn: "It was withdrawn before it was sent",
  core_failed: "The core of the client does not work",
};

/** The error object, as it travels. */
export interface Refusal {
  code: string;
  message?: string;
  field?: string;
  retryAfterMs?: number;
  details?: unknown;
}

/** Why something did not work. Programs decide by `code`, people read `message`. */
export class CarewireError<C extends ErrorCode = ErrorCode> extends Error {
  /** For programs. */
  readonly code: C;
  /** The field that is wrong, for `invalid_input`. */
  declare readonly field?: string;
  /** When to come again. */
  declare readonly retryAfterMs?: number;
  /** More, by code. */
  declare readonly details: C extends keyof ErrorDetails ? ErrorDetails[C] : unknown;

  constructor(code: C, refusal?: Omit<Refusal, "code">, options?: ErrorOptions) {
    super(refusal?.message ?? MESSAGES[code as LocalCode] ?? code, options);
    this.name = "CarewireError";
    this.code = code;
    const { field, retryAfterMs, details } = refusal ?? {};
    // What a server writes of another type is left out.
    if (typeof field === "string") Object.assign(this, { field });
    if (typeof retryAfterMs === "number" && retryAfterMs >= 0) Object.assign(this, { retryAfterMs });
    if (details != null) Object.assign(this, { details });
  }

  /** Whether this is such an error, also across two copies of the package. */
  static is<C extends ErrorCode>(error: unknown, code: C): error is CarewireError<C> {
    return error instanceof Error && error.name === "CarewireError" && (error as CarewireError).code === code;
  }
}

/** Whether the server may well take it later. */
export function isPassing(error: CarewireError): boolean {
  return /^(rate_limited|unavailable|internal)$/.test(error.code);
}

/** Sentences for those who read the error of a closed client. */
const REASONS: Record<string, string> = {
  ...MESSAGES,
  signed_out: "Nobody is signed in",
  unauthorized: "The token is missing, invalid or expired",
  wrong_user: "The token is of somebody else",
  forbidden: "The server forbids it",
  disconnected: "An administrator ended the session",
  inactive: "Logged off for inactivity",
  replaced: "Another connection of this client took its place",
  protocol: "The server reports a protocol violation",
};

/** The error of a client that is closed for good. */
export function closedBecause(reason: string): CarewireError {
  return new CarewireError("closed", {
    message: REASONS[reason] ?? reason,
    details: { reason },
  }) as CarewireError;
}

/** The error of a core that cannot be loaded or started. */
export function coreFailed(error: unknown): CarewireError {
  return error instanceof CarewireError
    ? error
    : new CarewireError("core_failed", { message: String(error) }, { cause: error });
}
