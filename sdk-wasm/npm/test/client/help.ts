import { fakeServer, type FakeServer } from "carewire/testing";
import { afterEach, beforeEach } from "vitest";
import type { Carewire, Live } from "carewire";

/** A server for each test of a file. */
export function useServer(): { readonly now: FakeServer } {
  let server: FakeServer | undefined;
  beforeEach(() => {
    server = fakeServer();
  });
  afterEach(() => {
    server![Symbol.dispose]();
  });
  return {
    get now() {
      return server!;
    },
  };
}

/** Clients that are connected. */
export async function connected<const N extends string[]>(
  server: FakeServer,
  ...users: N
): Promise<{ [K in keyof N]: Carewire }> {
  const clients = users.map((user) => server.client(user, user.startsWith("dr-") ? "provider" : "patient"));
  for (const client of clients) void client.connect();
  await server.advance(0);
  return clients as never;
}

/** How often a command was received. */
export function count(server: FakeServer, type: string, userId?: string): number {
  return server.received.filter((one) => one.type === type && (userId === undefined || one.userId === userId))
    .length;
}

/** Everything that a live value was, from now on. */
export function history<V, T>(live: Live<V>, select: (view: V) => T): T[] {
  const seen: T[] = [];
  live.subscribe(() => seen.push(select(live.get())));
  return seen;
}
