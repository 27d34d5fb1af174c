// The core for Node, which before version 22 has no WebSocket, and before version 23 no CloseEvent.

import { useCloseEvent, useSocket } from "./runtime.js";

export async function wasm(): Promise<BufferSource> {
  if (typeof globalThis.CloseEvent === "undefined") useCloseEvent(Close);
  if (typeof globalThis.WebSocket === "undefined") useSocket(await nodeSocket());
  const inline = await import("./core-inline.js");
  return inline.wasm();
}

type Socket = typeof globalThis.WebSocket;
type Listener = (event: Event) => void;

/** The socket of `ws`, to which events can be dispatched: so the core lets go of one. */
async function nodeSocket(): Promise<Socket> {
  const { WebSocket } = await import("ws");
  const Base = WebSocket as unknown as Socket;
  return class extends Base {
    #close = new Set<Listener>();

    override addEventListener(type: string, fn: unknown, options?: AddEventListenerOptions): void {
      if (type === "close") this.#close.add(fn as Listener);
      super.addEventListener(type, fn as Listener, options);
    }

    override dispatchEvent(event: Event): boolean {
      for (const listener of this.#close) {
        super.removeEventListener("close", listener);
        listener(event);
      }
      this.#close.clear();
      return true;
    }
  };
}

class Close extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;

  constructor(type: string, { code = 0, reason = "", wasClean = false }: CloseEventInit = {}) {
    super(type);
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}
