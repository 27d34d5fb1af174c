// Rows of a list of messages, and how they change. Every function returns new rows and leaves the
// unchanged ones as they are, so that only what changed is drawn again.

import type { Message, MessageStatus } from "../protocol.js";
import type { ChatMessage } from "../views.js";
import { given } from "../live.js";
import type { Waiting } from "./outgoing.js";

/** A row whose message is stored. */
export type Stored = ChatMessage & { id: string };
export type Rows = readonly Stored[];

const STEPS: MessageStatus[] = ["sent", "delivered", "read"];

/** The row of a message. One's own keeps the key it was sent with. */
export function rowOf(message: Message, me: string | undefined): Stored {
  const own = message.senderId === me;
  const { key, ...rest } = message;
  return { ...rest, key: (own && key) || message.id, own };
}

/** Adds a message, or replaces it. */
export function upsert(rows: Rows, row: Stored): Rows {
  const last = rows.at(-1);
  if (!last || last.id < row.id) return [...rows, row];
  const at = rows.findIndex((one) => one.id >= row.id);
  const known = rows[at];
  const isSame = known?.id === row.id;
  // A row keeps its key, and how far it is known to have come.
  const kept = isSame ? { ...row, key: known.key, status: further(known.status, row.status) } : row;
  return [...rows.slice(0, at), kept, ...rows.slice(isSame ? at + 1 : at)];
}

/** Puts older messages before those that are there. */
export function prepend(rows: Rows, older: Rows): Rows {
  const first = rows[0];
  return [...older.filter((row) => !first || row.id < first.id), ...rows];
}

/** Changes one message. */
export function change(rows: Rows, id: string, fn: (row: Stored) => Stored): Rows {
  return rows.some((row) => row.id === id) ? rows.map((row) => (row.id === id ? fn(row) : row)) : rows;
}

/** A reaction was added or taken back. */
export function react(row: Stored, emoji: string, userId: string, added: boolean): Stored {
  const users = (row.reactions[emoji] ?? []).filter((user) => user !== userId);
  if (added) users.push(userId);
  const { [emoji]: _, ...others } = row.reactions;
  return { ...row, reactions: users.length ? { ...others, [emoji]: users } : others };
}

/** What is left of a deleted message. */
export function deleted(row: Stored, deletedAt: string): Stored {
  const { metadata: _, ...rest } = row;
  return { ...rest, body: "", attachments: [], reactions: {}, deletedAt };
}

function further(a: ChatMessage["status"], b: MessageStatus): MessageStatus {
  const known = a as MessageStatus;
  return STEPS.indexOf(known) > STEPS.indexOf(b) && b !== "failed" ? known : b;
}

/** One's own messages, each as far as it is known to have come by now. */
export function advance(rows: Rows, reached: (row: Stored) => MessageStatus): Rows {
  let changed = false;
  const next = rows.map((row) => {
    if (!row.own || row.status === "failed") return row;
    const status = further(row.status, reached(row));
    if (status === row.status) return row;
    changed = true;
    return { ...row, status };
  });
  return changed ? next : rows;
}

/** The row of a message on its way. */
export function waitingRow(waiting: Waiting, roomId: string, me: string | undefined): ChatMessage {
  const { key, draft, composedAt, status, error } = waiting;
  return {
    key,
    own: true,
    roomId,
    senderId: me ?? "",
    body: draft.body ?? "",
    attachments: draft.attachments ?? [],
    ...given({ replyTo: draft.replyTo, metadata: draft.metadata, error }),
    sentAt: composedAt,
    reactions: {},
    status,
  } as ChatMessage;
}
