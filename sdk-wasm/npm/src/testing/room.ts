// A room of the fake server: its log, and the state that a snapshot shows.

import type {
  LockState,
  Message,
  Participant,
  Receipts,
  ReportSnapshot,
  RetainedEvent,
  RoomId,
  RoomJoinReply,
  Viewer,
} from "../protocol.js";
import type { Op } from "../types.js";
import { isMessageRoom } from "../types.js";
import type { FakeConnection } from "./connection.js";

const RETAINED: Record<RetainedEvent, 1> = {
  "message:new": 1,
  "message:edited": 1,
  "message:deleted": 1,
  "message:reaction": 1,
  "call:missed": 1,
  "notification:new": 1,
  "appointment:created": 1,
  "appointment:updated": 1,
  "appointment:cancelled": 1,
  "appointment:checkedIn": 1,
  "record:locked": 1,
  "record:unlocked": 1,
  "report:status": 1,
  "report:completed": 1,
  "report:failed": 1,
  "report:cancelRequested": 1,
  "report:refreshRequested": 1,
  "alert:critical": 1,
  "system:alert": 1,
  "system:maintenance": 1,
  "alert:breakGlass": 1,
  "channel:event": 1,
  "whiteboard:update": 1,
  "whiteboard:cleared": 1,
  "message:outbound": 1,
  "push:wanted": 1,
};

interface Frame {
  type: string;
  offset: number;
}

export class FakeRoom {
  readonly members = new Set<FakeConnection>();
  readonly messages: Message[] = [];
  readonly receipts: Record<string, Receipts> = {};
  readonly board: { revision: number; ops: Op[] } = { revision: 0, ops: [] };
  readonly typing = new Set<string>();
  readonly locks = new Map<string, LockState & { token: number; clientId: string }>();
  readonly viewers = new Map<string, Viewer>();
  report: ReportSnapshot | undefined;
  #epoch = 1;
  #log: Frame[] = [];

  constructor(readonly id: RoomId) {}

  get epoch(): string {
    return `e${this.#epoch}`;
  }

  get offset(): number {
    return this.#log.length;
  }

  /** What was retained is gone, as after a backup was restored. */
  forget(): void {
    this.#epoch++;
    this.#log = [];
  }

  /** Tells every member, and keeps it where the contract says so. */
  tell(
    type: string,
    data: object,
    timestamp: string,
    options: { origin?: string; except?: FakeConnection; retain?: boolean } = {},
  ): number | undefined {
    const { origin, except } = options;
    const frame = { type, room: this.id, ...(origin && { origin }), timestamp, data };
    const isKept = options.retain ?? Object.hasOwn(RETAINED, type);
    if (isKept) {
      this.#log.push(Object.assign(frame, { epoch: this.epoch, offset: this.offset + 1 }));
    }
    if (/^report:(status|completed|failed)$/.test(type)) this.report = { type, data } as ReportSnapshot;
    for (const member of this.members) if (member !== except) member.socket.deliver(frame);
    return isKept ? this.offset : undefined;
  }

  /** Everything after a position, for one connection. */
  replay(connection: FakeConnection, after: number): void {
    for (const frame of this.#log.slice(after)) connection.socket.deliver(frame);
  }

  /** Whether what was missed can be replayed, and how much that is. */
  missed(epoch?: string, offset?: number): { recovered: boolean; missed: number } {
    if (epoch === undefined || offset === undefined) return { recovered: true, missed: 0 };
    const recovered = epoch === this.epoch && offset <= this.offset;
    return { recovered, missed: recovered ? this.offset - offset : 0 };
  }

  participants(): Participant[] {
    if (!isMessageRoom(this.id) && !this.id.startsWith("patient:")) return [];
    const people = new Map<string, Participant>();
    for (const { userId, role, joinedAt } of this.members) {
      const known = people.get(userId);
      people.set(userId, { userId, role, joinedAt, connections: (known?.connections ?? 0) + 1 });
    }
    return [...people.values()];
  }

  /** A message with how far it has come: as far as the least advanced of the others. */
  told(message: Message): Message {
    const [kind, ...pair] = this.id.split(":");
    const known = [...Object.keys(this.receipts), ...this.messages.map((one) => one.senderId)];
    const present = this.participants().map((one) => one.userId);
    const others = new Set(kind === "chat" ? pair : [...known, ...present]);
    others.delete(message.senderId);
    const all = (has: (marks: Receipts) => boolean) =>
      others.size > 0 && [...others].every((userId) => has(this.receipts[userId] ?? {}));
    const status = all(({ read = "" }) => message.id <= read)
      ? "read"
      : all(({ read = "", delivered = read }) => message.id <= delivered)
        ? "delivered"
        : message.status;
    return { ...message, status };
  }

  joined(snapshot: boolean, epoch?: string, offset?: number): RoomJoinReply {
    return {
      roomId: this.id,
      epoch: this.epoch,
      offset: this.offset,
      ...this.missed(epoch, offset),
      participants: this.participants(),
      receipts: this.receipts,
      ...(snapshot && { snapshot: this.#snapshot() }),
    };
  }

  #snapshot(): NonNullable<RoomJoinReply["snapshot"]> {
    if (isMessageRoom(this.id)) {
      return {
        messages: this.messages.slice(-50).map((message) => this.told(message)),
        hasMore: this.messages.length > 50,
        typing: [...this.typing],
        ...(this.board.revision > 0 && { whiteboard: { ...this.board } }),
      };
    }
    if (this.id.startsWith("patient:")) {
      const locks = [...this.locks.values()].map(({ recordId, holderId, expiresAt }) => ({
        recordId,
        holderId,
        expiresAt,
      }));
      return { viewers: [...this.viewers.values()], locks };
    }
    return this.report ? { report: this.report } : {};
  }
}
