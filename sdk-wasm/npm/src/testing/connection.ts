import type { FakeSocket } from "./socket.js";

/** A connection of the fake server, once it is known whose it is. */
export interface FakeConnection {
  readonly socket: FakeSocket;
  readonly userId: string;
  readonly role: string;
  readonly clientId: string;
  readonly joinedAt: string;
}
