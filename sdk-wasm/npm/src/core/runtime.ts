// The clock and the socket that the package and the glue of its core use, and what the core calls
// without naming a client. The build puts these in the place of the globals of the same names, so
// that tests can give them others.

import type { Core } from "./boundary.js";

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

/** Why nothing of the core runs any more. */
let stopped: Error | undefined;
let depth = 0;
let trapped: (message: string) => void = () => {};

/** Called back when the core traps: it has panicked, or there is no memory or no stack left. */
export function onTrap(fn: (message: string) => void): void {
  trapped = fn;
}

/** Called by the core where it panics, before it traps. */
export function panicked(message: string): void {
  trapped(`panicked: ${message}\n${where(new Error())}`);
}

/** The innermost frames: the functions of the core by number and place. */
function where({ stack = "" }: Error): string {
  return stack.split("\n", 8).join("\n");
}

/** The clients in the core, and the timers that poll them. */
const clients = new Map<Core, number | undefined>();
let willPoll = false;

/** A client is polled from now on. */
export function enter(core: Core): void {
  clients.set(core, undefined);
}

/** It is polled no more. Not to be called while it is polled. */
export function leave(core: Core): void {
  clearTimeout(clients.get(core));
  clients.delete(core);
  core.free();
}

/** Called by the core where one of its clients goes on. */
export function pollSoon(): void {
  if (willPoll) return;
  willPoll = true;
  queueMicrotask(() => {
    willPoll = false;
    for (const core of clients.keys()) poll(core);
  });
}

function poll(core: Core): void {
  clearTimeout(clients.get(core));
  const wait = core.poll();
  const timer = wait > 0 ? setTimeout(() => poll(core), wait) : undefined;
  if (!stopped) clients.set(core, timer);
}

/**
 * An instance of the core, as its glue makes it. Whatever enters it, a method or a socket, does
 * so through an export: there a trap ends, and there nothing enters any more after one.
 */
export function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  const { exports } = new WebAssembly.Instance(module, imports);
  const guarded = Object.entries(exports).map(([name, value]) => [
    name,
    typeof value === "function" ? guard(value as (...args: unknown[]) => unknown) : value,
  ]);
  return { exports: Object.fromEntries(guarded) };
}

/** What a call that comes to nothing yields: for the glue that reads it, no result and no error. */
const NOTHING: readonly never[] = [];

function guard<A extends unknown[]>(fn: (...args: A) => unknown): (...args: A) => unknown {
  return (...args) => {
    if (stopped) {
      // The glue of an import would take nothing for an address of the memory, and write there.
      if (depth > 0) throw stopped;
      return NOTHING;
    }
    depth++;
    try {
      return fn(...args);
    } catch (error) {
      // Whatever it is, it has left frames of the core half done. A panic was told, with its
      // message, before it trapped.
      if (!stopped) trapped(where(error as Error) || String(error));
      // Frames further out go on where they called an import that catches; the next that enters
      // from within them throws.
      if (depth > 1) throw error;
      return NOTHING;
    } finally {
      depth--;
    }
  };
}

/** The core runs no more, and leaves no socket. */
export function stop(why: Error): void {
  stopped = why;
  clients.clear();
  for (const socket of open) {
    try {
      socket.close();
    } catch {
      // A socket of the application's own that cannot be closed keeps nobody from being told.
    }
  }
}

const open = new Set<WebSocket>();
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

function dial(url: string, protocols?: string | string[]): WebSocket {
  const at = url.indexOf("#");
  const own = at < 0 ? undefined : sockets.get(url.slice(at));
  const Chosen = own ?? standard ?? globalThis.WebSocket;
  const socket = new Chosen(own ? url.slice(0, at) : url, protocols);
  open.add(socket);
  socket.addEventListener("close", () => open.delete(socket));
  return socket;
}

/** Called with `new`, as the glue does. */
export const WebSocket = dial as unknown as Socket;

/** The glue makes one when it lets a socket go. */
export let CloseEvent = globalThis.CloseEvent;

/** Where there is no CloseEvent, as in Node 22. */
export function useCloseEvent(event: typeof CloseEvent): void {
  CloseEvent = event;
}
