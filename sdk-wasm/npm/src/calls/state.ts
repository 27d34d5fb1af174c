// A call as a value.

import type { Call, CallParticipant } from "../protocol.js";

/** How a call ended. */
export interface Ended {
  callId: string;
  reason: string;
  durationMs: number;
}

export function isOver(call: Call): boolean {
  return /^(ended|rejected|missed)$/.test(call.state);
}

/** The call after something changed for one of those concerned. */
export function withMember(call: Call, userId: string, what: Partial<CallParticipant>): Call {
  const next = changed(call, userId, what);
  const others = next.participants.filter((one) => one.userId !== call.callerId);
  // Nobody is left to answer: told to the caller by the last refusal, and by nothing else.
  const isRefused = next.state === "ringing" && !others.some((one) => /^(ringing|joined)$/.test(one.state));
  return isRefused ? { ...next, state: "rejected" } : next;
}

function changed(call: Call, userId: string, what: Partial<CallParticipant>): Call {
  const known = call.participants.find((one) => one.userId === userId);
  const before = known ?? { userId, state: "joined", audio: false, video: false, screen: false };
  const next = { ...before, ...what };
  const participants = known
    ? call.participants.map((one) => (one === known ? next : one))
    : [...call.participants, next];
  return { ...call, participants };
}
