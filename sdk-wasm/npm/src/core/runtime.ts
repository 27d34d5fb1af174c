// The clock and the socket that the package and the glue of its core use. The build puts these in
// the place of the globals of the same names, so that tests can give them others.

type Socket = new (url: string, protocols?: string | string[]) => WebSocket;

/** Time, and what happens later. */
export interface Clock {
  setTimeout(fn: () => void, ms?: number): number;
  clearTimeout(id: number | undefined): void;
  now(): number;
  date(): number;
}

const real: Clock = {
  setTimeout: (fn, ms) => globalThis.setTimeout(fn, ms) as unknown as number,
  clearTimeout: (id) => globalThis.clearTimeout(id),
  now: () => globalThis.performance.now(),
  date: () => Date.now(),
};
let clock = real;

/** Sets another clock; without one, the real one. */
export function useClock(other: Clock = real): void {
  clock = other;
}

export function setTimeout(fn: () => void, ms?: number): number {
  return clock.setTimeout(fn, ms);
}

export function clearTimeout(id: number | undefined): void {
  clock.clearTimeout(id);
}

export const performance = { now: () => clock.now() };

/** The time of day, in milliseconds. */
export function now(): number {
  return clock.date();
}

/** Sockets by the mark that the address of a client ends in. */
const sockets = new Map<string, Socket>();
let standard: Socket | undefined;
let marks = 0;

/** Where there is no WebSocket, as in Node 20. */
export function useSocket(socket: Socket): void {
  standard = socket;
}

/** An address by which a client gets a socket of its own. */
export function route(url: string, socket: Socket): { url: string; forget(): void } {
  const mark = `#carewire-${++marks}`;
  sockets.set(mark, socket);
  return { url: url + mark, forget: () => sockets.delete(mark) };
}

function open(url: string, protocols?: string | string[]): WebSocket {
  const at = url.indexOf("#");
  const own = at < 0 ? undefined : sockets.get(url.slice(at));
  const Chosen = own ?? standard ?? globalThis.WebSocket;
  return new Chosen(own ? url.slice(0, at) : url, protocols);
}

/** Called with `new`, as the glue does. */
export const WebSocket = open as unknown as Socket;

/** Node has none before version 23, and the glue makes one when it lets a socket go. */
export const CloseEvent: typeof globalThis.CloseEvent =
  globalThis.CloseEvent ??
  class extends Event {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;

    constructor(type: string, { code = 0, reason = "", wasClean = false }: CloseEventInit = {}) {
      super(type);
      this.code = code;
      this.reason = reason;
      this.wasClean = wasClean;
    }
  };
